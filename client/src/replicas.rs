//! Which of a service's servers calls go to.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::connect::Transport;

/// Channels to the servers of one service. All calls go to one of them, until a call finds it not available.
#[derive(Debug)]
pub(crate) struct Replicas {
    first: Transport,
    others: Vec<Transport>,
    current: AtomicUsize,
}

impl Replicas {
    /// Begins with the first, which has the number 0.
    pub(crate) fn new(first: Transport, others: Vec<Transport>) -> Self {
        Self {
            first,
            others,
            current: AtomicUsize::new(0),
        }
    }

    /// The number of the server that calls go to now.
    pub(crate) fn current(&self) -> usize {
        self.current.load(Ordering::Relaxed)
    }

    /// The channel to the server that calls go to now.
    pub(crate) fn transport(&self) -> Transport {
        let other = self.current().checked_sub(1);
        other
            .and_then(|number| self.others.get(number))
            .unwrap_or(&self.first)
            .clone()
    }

    /// Goes on to the next server, unless somebody has left this one already.
    pub(crate) fn leave(&self, number: usize) {
        let next = (number + 1) % (self.others.len() + 1);
        let _ = self
            .current
            .compare_exchange(number, next, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// One of `count` numbers by chance, so that clients of the same addresses spread over them. The standard library seeds
/// each hasher anew, which is chance enough.
pub(crate) fn any_of(count: usize) -> usize {
    let count = u64::try_from(count).unwrap_or(u64::MAX).max(1);
    usize::try_from(RandomState::new().hash_one(0_u8) % count).unwrap_or_default()
}
