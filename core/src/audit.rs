//! The audit trail as a chain: each entry carries the hash of the one before it, so that an entry that was changed, taken
//! out, put in or moved is found.
//!
//! There is one chain for each study, and one, with the empty id, for what lies outside any study. Whoever keeps the
//! [`Head`] of a chain somewhere else also sees that its end was cut off or that all of it was written anew.
//!
//! The encoding that is hashed stands at [`Entry::digest`] and, for programs of others, in `docs/audit.md`.
//!
//! ```
//! use diel_core::audit::{Head, Record, Walk};
//! let record = |action: &str| Record { study: "pilot".into(), action: action.into(), ..Record::default() };
//! let first = Head::EMPTY.seal(record("create_study"));
//! let second = first.head().seal(record("submit"));
//! let mut walk = Walk::new("pilot");
//! walk.step(&first).unwrap();
//! walk.step(&second).unwrap();
//! assert_eq!(walk.finish().unwrap(), second.head());
//! ```

mod broken;
mod digest;
mod entry;
mod erasure;
mod head;
mod walk;

pub use broken::Broken;
pub use digest::{Digest, DigestError};
pub use entry::{Entry, Record};
pub use erasure::{ERASED_ENTRIES, ERASURES, erased_entries};
pub use head::{Head, HeadError, Kept};
pub use walk::Walk;
