//! Limits on the work at hand. One call too many is told to come back; it never waits in a queue nobody sees.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::refusal::Refusal;
use crate::settings::Limits;

/// Counts the calls and streams at work.
#[derive(Debug, Clone)]
pub(crate) struct Admission {
    heavy: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    simulations: Arc<Semaphore>,
}

/// The right to work; it ends when dropped.
#[must_use]
pub(crate) struct Permit {
    _held: OwnedSemaphorePermit,
}

impl Admission {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            heavy: Arc::new(Semaphore::new(limits.heavy_calls)),
            streams: Arc::new(Semaphore::new(limits.open_streams)),
            simulations: Arc::new(Semaphore::new(limits.simulations)),
        }
    }

    /// Admits a write or an analysis.
    pub(crate) fn heavy_call(&self) -> Result<Permit, Refusal> {
        admit(
            &self.heavy,
            "as many writes and analyses as this server takes at once are at work",
        )
    }

    /// Admits a simulation, which keeps the cores busy for seconds.
    pub(crate) fn simulation(&self) -> Result<Permit, Refusal> {
        admit(
            &self.simulations,
            "as many simulations as this server takes at once are at work",
        )
    }

    /// Admits a stream.
    pub(crate) fn stream(&self) -> Result<Permit, Refusal> {
        admit(
            &self.streams,
            "as many streams as this server takes at once are open",
        )
    }
}

fn admit(semaphore: &Arc<Semaphore>, full: &'static str) -> Result<Permit, Refusal> {
    Arc::clone(semaphore)
        .try_acquire_owned()
        .map(|held| Permit { _held: held })
        .map_err(|_| Refusal::Overloaded(full))
}
