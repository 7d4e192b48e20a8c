//! A client for diel: labs submit salivary cortisol with it, researchers and pipelines query profiles, rhythms and
//! flags.
//!
//! - [`Client`] connects, authenticates, and has one method for each unary method of the service.
//! - [`Client::list`] and [`Client::stream`] return all rows of a query as a stream, page by page.
//! - [`Client::submissions`] returns a [`Submitter`]: many batches over one connection, with a bound on what is
//!   under way, and nothing lost or stored twice when the connection breaks.
//! - [`v1`] holds the messages.
//!
//! Calls that may be repeated without harm are: after `UNAVAILABLE` or a broken connection they are tried again,
//! by [`RetryPolicy`]. Whatever stores something carries a `request_id`, filled in when it is empty, by which the
//! service knows a repetition.

mod call;
mod connect;
mod credentials;
mod error;
mod options;
mod paging;
mod request_id;
mod resume;
mod retry;
mod reviews;
mod rhythms;
mod rows;
mod studies;
mod submissions;
mod submitter;

pub use connect::Client;
pub use diel_proto::v1;
pub use error::{Error, Reason, Refusal};
pub use options::ClientOptions;
pub use paging::{Page, PageRequest};
pub use prost_types::{FieldMask, Timestamp};
pub use resume::StreamRequest;
pub use retry::RetryPolicy;
pub use rows::Rows;
pub use submitter::{Acknowledgement, Submitter, Totals};
pub use tonic::Code;
