//! The commands that talk to a service, as processes, against `diel serve` as another.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking and publishes nothing"
)]

mod auditing;
mod command;
mod controlling;
mod demonstrating;
mod designing;
mod drawing;
mod dropping;
mod exchanging;
mod fitting;
mod forgetting;
mod guarding;
mod judging;
mod operating;
mod querying;
mod recalling;
mod registering;
mod reviewing;
mod serving;
mod structure;
mod submitting;
