//! What the measurements share: a made-up laboratory's batches, the server as a process, and the clock.

pub mod arguments;
pub mod bare;
pub mod cohort;
pub use diel_tests::spread;
pub mod streaming;
