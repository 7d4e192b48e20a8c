//! How many connections there may be, in all and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::metrics::{Limit, LimitsInUse, Shed};
use crate::settings::Limits;

/// Counts open connections.
#[derive(Debug, Clone)]
pub(crate) struct Places(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    in_all: usize,
    per_address: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    in_all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// The right to be connected; it ends when dropped.
#[derive(Debug)]
#[must_use]
pub(crate) struct Place {
    places: Places,
    address: IpAddr,
}

impl Places {
    fn new(in_all: usize, per_address: usize) -> Self {
        Self(Arc::new(Inner {
            in_all,
            per_address,
            taken: Mutex::default(),
        }))
    }

    /// Places within the limits of a listener, shown among all limits; counts what finds none.
    pub(crate) fn shown(limits: &Limits, limit: Limit, shown: &LimitsInUse) -> (Self, Shed) {
        let places = Self::new(limits.connections, limits.connections_per_address);
        let looked_at = places.clone();
        let shed = shown.watch(limit, limits.connections, move || looked_at.taken());
        (places, shed)
    }

    /// How many are taken.
    fn taken(&self) -> usize {
        let taken = self.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.in_all
    }

    /// A place for one more connection from an address; `None` when there is none.
    pub(crate) fn take(&self, address: IpAddr) -> Option<Place> {
        // An IPv4 peer is the same peer whichever way the socket spells it.
        let address = address.to_canonical();
        let mut taken = self.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.in_all >= self.0.in_all {
            return None;
        }
        let of_address = taken.by_address.entry(address).or_default();
        if *of_address >= self.0.per_address {
            return None;
        }
        *of_address += 1;
        taken.in_all += 1;
        Some(Place {
            places: self.clone(),
            address,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self
            .places
            .0
            .taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        taken.in_all -= 1;
        if let Some(of_address) = taken.by_address.get_mut(&self.address) {
            *of_address -= 1;
            if *of_address == 0 {
                taken.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::Places;

    #[test]
    fn one_address_cannot_take_all_places_and_gives_back_what_it_took() {
        let places = Places::new(3, 2);
        let address = |text: &str| text.parse().unwrap();
        let one = places.take(address("192.0.2.1")).unwrap();
        let _two = places.take(address("::ffff:192.0.2.1")).unwrap();
        assert!(places.take(address("192.0.2.1")).is_none());
        let _other = places.take(address("192.0.2.2")).unwrap();
        assert!(places.take(address("192.0.2.3")).is_none(), "all taken");
        drop(one);
        assert!(places.take(address("192.0.2.1")).is_some());
    }
}
