//! How often a caller may call: one who asks without end is told when to come back, and the others do not wait for it.
//!
//! The rate is kept by the generic cell rate algorithm (ITU-T I.371): one instant a caller, that at which all it has asked
//! for would be paid at the even rate. Nothing counts down in the background.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::methods::{Method, Weight};
use crate::settings::Limits;

/// Most callers kept apart. Callers beyond it share one account, until others have paid.
const MOST: usize = 10_000;
/// Of the burst, what is free again when a refused caller is asked to come back: one place alone would go to the first of
/// those that were refused with it.
const FREE_AGAIN: u32 = 4;
/// Nobody is asked to wait longer for places that others may want.
const LONGEST_FREE: Duration = Duration::from_secs(1);

/// Whose calls are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Account {
    /// The bearer of tokens.
    Principal(Arc<str>),
    /// Whoever calls from an address, where nobody bears tokens.
    Address(Option<IpAddr>),
    /// All who came when there was no account left.
    Others,
}

/// Too many calls of one caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{caller} calls more often than this server allows one caller ({limit} = {per_second})")]
pub(crate) struct OverRate {
    /// Who called.
    pub(crate) caller: String,
    /// The setting that says how often one may.
    pub(crate) limit: &'static str,
    /// Its value.
    pub(crate) per_second: u32,
    /// When to come back.
    pub(crate) wait: Duration,
}

/// The accounts of all callers.
#[derive(Debug)]
pub(super) struct Quota {
    light: Rate,
    heavy: Rate,
}

impl Quota {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            light: Rate::new(
                "limits.calls_per_second",
                limits.calls_per_second,
                limits.calls_burst,
            ),
            heavy: Rate::new(
                "limits.heavy_calls_per_second",
                limits.heavy_calls_per_second,
                limits.heavy_calls_burst,
            ),
        }
    }

    /// Takes one call from an account.
    ///
    /// # Errors
    /// [`OverRate`] when the account has none left; nothing is taken then.
    pub(super) fn take(&self, account: Account, method: &Method) -> Result<(), OverRate> {
        let rate = match method.weight() {
            Weight::Light => &self.light,
            Weight::Heavy => &self.heavy,
        };
        rate.take(account, Instant::now())
    }
}

#[derive(Debug)]
struct Rate {
    limit: &'static str,
    per_second: u32,
    burst: u32,
    /// When each account will have paid for all that it asked for. One that has paid is as good as none.
    paid: Mutex<HashMap<Account, Instant>>,
}

impl Rate {
    fn new(limit: &'static str, per_second: u32, burst: u32) -> Self {
        Self {
            limit,
            per_second,
            burst,
            paid: Mutex::default(),
        }
    }

    fn take(&self, account: Account, now: Instant) -> Result<(), OverRate> {
        // 0: nobody counts.
        let Some(price) = Duration::from_secs(1).checked_div(self.per_second) else {
            return Ok(());
        };
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        if paid.len() >= MOST && !paid.contains_key(&account) {
            paid.retain(|_, until| *until > now);
        }
        let account = if paid.len() < MOST || paid.contains_key(&account) {
            account
        } else {
            Account::Others
        };
        let until = paid.get(&account).map_or(now, |until| (*until).max(now));
        let owed = until.saturating_duration_since(now);
        let credit = price.saturating_mul(self.burst.saturating_sub(1));
        if owed > credit {
            let free = price
                .saturating_mul(self.burst / FREE_AGAIN)
                .min(LONGEST_FREE);
            return Err(OverRate {
                caller: account.to_string(),
                limit: self.limit,
                per_second: self.per_second,
                wait: owed.saturating_sub(credit).saturating_add(free),
            });
        }
        paid.insert(account, until + price);
        Ok(())
    }
}

impl std::fmt::Display for Account {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Principal(name) => formatter.write_str(name),
            Self::Address(Some(address)) => write!(formatter, "{address}"),
            Self::Address(None) => formatter.write_str("an unknown address"),
            Self::Others => formatter.write_str("one of many callers"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn carol() -> Account {
        Account::Principal("carol".into())
    }

    #[test]
    fn a_burst_is_let_through_and_then_the_rate() {
        let rate = Rate::new("limits.calls_per_second", 10, 8);
        let begin = Instant::now();
        let taken = (0..50).filter(|_| rate.take(carol(), begin).is_ok());
        assert_eq!(taken.count(), 8);
        let dan = Account::Principal("dan".into());
        rate.take(dan, begin).unwrap();
        // By hand: one call is paid after 100 ms; a quarter of the burst, 2, after 200 ms more.
        let refused = rate.take(carol(), begin).unwrap_err();
        assert_eq!(refused.wait, Duration::from_millis(300));
        assert_eq!(
            refused.to_string(),
            "carol calls more often than this server allows one caller (limits.calls_per_second = 10)"
        );
        // In ten seconds of asking every millisecond: the burst, 8, and what 10 a second come to, 100.
        let rate = Rate::new("limits.calls_per_second", 10, 8);
        let at = |millis| begin + Duration::from_millis(millis);
        let taken = (0..10_000).filter(|millis| rate.take(carol(), at(*millis)).is_ok());
        assert_eq!(taken.count(), 107);
        rate.take(carol(), at(10_300)).unwrap();
    }

    #[test]
    fn memory_is_bounded_however_many_call() {
        let rate = Rate::new("limits.calls_per_second", 1, 2);
        let begin = Instant::now();
        let caller = |number: u32| Account::Address(Some(IpAddr::from(number.to_be_bytes())));
        for number in 0..30_000 {
            let _ = rate.take(caller(number), begin);
        }
        assert_eq!(rate.paid.lock().unwrap().len(), MOST + 1);
        // Whoever has paid makes room.
        let later = begin + Duration::from_secs(60);
        rate.take(caller(40_000), later).unwrap();
        assert_eq!(rate.paid.lock().unwrap().len(), 1);
    }

    #[test]
    fn zero_is_no_limit() {
        let rate = Rate::new("limits.calls_per_second", 0, 0);
        let now = Instant::now();
        assert!((0..100_000).all(|_| rate.take(carol(), now).is_ok()));
        assert!(rate.paid.lock().unwrap().is_empty());
    }
}
