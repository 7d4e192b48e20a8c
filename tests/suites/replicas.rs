//! Several servers on one database: each may be gone at any moment, and so may the database's primary.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

#[path = "replicas/failover.rs"]
mod failover;
#[path = "replicas/killing.rs"]
mod killing;
#[path = "replicas/loaded.rs"]
mod loaded;
#[path = "replicas/proxied.rs"]
mod proxied;
#[path = "replicas/upgrading.rs"]
mod upgrading;
