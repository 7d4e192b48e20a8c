//! Limits on the work at hand. One call too many is told to come back; it never waits in a queue nobody sees.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::metrics::{Limit, LimitsInUse, Shed};
use crate::refusal::Refusal;
use crate::settings::Limits;

/// Counts the calls and streams at work.
#[derive(Debug, Clone)]
pub(crate) struct Admission {
    heavy: Places,
    streams: Places,
    simulations: Places,
}

/// The places for one kind of work.
#[derive(Debug, Clone)]
struct Places {
    free: Arc<Semaphore>,
    shed: Shed,
}

/// The right to work; it ends when dropped.
#[must_use]
pub(crate) struct Permit {
    _held: OwnedSemaphorePermit,
}

impl Admission {
    pub(crate) fn new(limits: &Limits, shown: &LimitsInUse) -> Self {
        let places = |limit, most: usize| {
            let free = Arc::new(Semaphore::new(most));
            let looked_at = Arc::clone(&free);
            Places {
                free,
                shed: shown.watch(limit, most, move || {
                    most.saturating_sub(looked_at.available_permits())
                }),
            }
        };
        Self {
            heavy: places(Limit::HeavyCalls, limits.heavy_calls),
            streams: places(Limit::OpenStreams, limits.open_streams),
            simulations: places(Limit::Simulations, limits.simulations),
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

fn admit(places: &Places, full: &'static str) -> Result<Permit, Refusal> {
    Arc::clone(&places.free)
        .try_acquire_owned()
        .map(|held| Permit { _held: held })
        .map_err(|_| {
            places.shed.count();
            Refusal::Overloaded(full)
        })
}
