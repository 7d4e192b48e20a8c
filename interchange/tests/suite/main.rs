//! What other systems write is read, or refused with where and why; what is written is read back.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking and publishes nothing"
)]

mod anything;
mod json;
mod protobuf;
mod reading;
mod writing;
