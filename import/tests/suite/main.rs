//! Files as laboratories and studies write them, read as a whole.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod corpus;
mod dialects;
mod expectation;
mod layouts;
mod rejects;
mod row;
mod wells;
