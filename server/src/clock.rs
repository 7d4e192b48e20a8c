//! Time is a parameter: everything that needs "now" asks a [`Clock`].

use std::fmt::Debug;

use jiff::Timestamp;

/// Says what time it is.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The host's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the host's clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
