//! The limits of the service: how much of each is taken, and what was turned away at it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::registry::Registry;

use super::{Counts, Levels};

/// A limit that turns work away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// Connections to gRPC.
    Connections,
    /// Connections to the console.
    ConsoleConnections,
    /// Bytes of requests under way.
    RequestBytes,
    /// Writes and analyses at once.
    HeavyCalls,
    /// Streams at once.
    OpenStreams,
    /// Simulations at once.
    Simulations,
}

impl Limit {
    const fn word(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::ConsoleConnections => "console_connections",
            Self::RequestBytes => "request_bytes",
            Self::HeavyCalls => "heavy_calls",
            Self::OpenStreams => "open_streams",
            Self::Simulations => "simulations",
        }
    }
}

/// Counts what a limit turns away.
#[derive(Debug, Clone)]
pub(crate) struct Shed {
    limit: Limit,
    counts: Counts<1>,
}

impl Shed {
    /// One more was turned away.
    pub(crate) fn count(&self) {
        self.counts
            .get_or_create(&[("limit", self.limit.word())])
            .inc();
    }
}

type Look = Box<dyn Fn() -> usize + Send + Sync>;

/// How much of each limit is taken.
#[derive(Clone, Default)]
pub(crate) struct LimitsInUse {
    shed: Counts<1>,
    taken: Levels<1>,
    most: Levels<1>,
    looks: Arc<Mutex<Vec<(Limit, Look)>>>,
}

impl fmt::Debug for LimitsInUse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LimitsInUse")
            .finish_non_exhaustive()
    }
}

impl LimitsInUse {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "diel_limit_shed",
            "Calls and connections that were told to come back, by the limit they met",
            self.shed.clone(),
        );
        registry.register(
            "diel_limit_taken",
            "How much of a limit of this server is taken",
            self.taken.clone(),
        );
        registry.register(
            "diel_limit_max",
            "A limit of this server, as set",
            self.most.clone(),
        );
    }

    /// Shows a limit: how much there is at most, and how to find out how much of it is taken.
    pub(crate) fn watch(
        &self,
        limit: Limit,
        most: usize,
        taken: impl Fn() -> usize + Send + Sync + 'static,
    ) -> Shed {
        let labels = [("limit", limit.word())];
        self.most.get_or_create(&labels).set(as_level(most));
        let mut looks = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
        looks.push((limit, Box::new(taken)));
        let shed = Shed {
            limit,
            counts: self.shed.clone(),
        };
        // A limit that nobody has met yet is 0, not absent.
        drop(shed.counts.get_or_create(&labels));
        shed
    }

    pub(super) fn look(&self) {
        let looks = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
        for (limit, taken) in looks.iter() {
            self.taken
                .get_or_create(&[("limit", limit.word())])
                .set(as_level(taken()));
        }
    }
}

fn as_level(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
