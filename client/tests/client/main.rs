//! The client against a scripted service that breaks, refuses and stays silent on demand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking and publishes nothing"
)]

mod connecting;
mod link;
mod listing;
mod query_script;
mod refusals;
mod replicas;
mod resuming;
mod retrying;
mod script;
mod submitting;
mod trusting;
