//! Simulations that somebody watches, and may stop.

use std::ops::ControlFlow;

use thiserror::Error;

use super::DesignError;

/// Learns how many studies or persons are simulated, and says whether to go on.
pub type Watch<'w> = dyn FnMut(u32) -> ControlFlow<()> + 'w;

/// Why a simulation has no result.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum Stopped {
    /// Whoever watches it did not want to go on.
    #[error("the simulation was stopped")]
    ByWatcher,
    /// A design that is not accepted.
    #[error(transparent)]
    Design(#[from] DesignError),
}
