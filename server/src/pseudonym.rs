//! Codes of participants and tubes in studies that keep them keyed only.
//!
//! One place turns a code as it is sent into the code that is stored: a handler lets a request in with [`Codes::enter`] or
//! [`Codes::enter_rows`], after it knows that the caller may call and before anything else reads it. What comes behind, the
//! digest of the request, tokens of pages, the store, the audit trail and every answer, sees stored codes only.

mod door;
mod key;
mod requests;

pub use key::{CodeKey, CodeKeyError};

pub(crate) use door::{Codes, Entered, Pseudonyms};
