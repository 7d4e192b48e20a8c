//! When a call is tried again, and after which pause.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use tonic::Code;

use crate::error::Error;

/// When a call that may be repeated is tried again: only after `UNAVAILABLE` or a broken connection, after pauses
/// that double, each between half and all of its length by chance so that clients do not come back together.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Tries in all, the first included. Default 5.
    pub max_tries: u32,
    /// The first pause. Default 100 ms.
    pub first_pause: Duration,
    /// The longest pause, unless the service asks for more. Default 5 s.
    pub longest_pause: Duration,
}

/// A service that asks for more patience than this is given up: a person should know.
const LONGEST_ASKED_PAUSE: Duration = Duration::from_secs(60);

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_tries: 5,
            first_pause: Duration::from_millis(100),
            longest_pause: Duration::from_secs(5),
        }
    }
}

impl RetryPolicy {
    /// A policy that tries once.
    #[must_use]
    pub fn never() -> Self {
        Self {
            max_tries: 1,
            ..Self::default()
        }
    }

    /// Replaces the number of tries, the first included.
    #[must_use]
    pub fn max_tries(mut self, tries: u32) -> Self {
        self.max_tries = tries;
        self
    }

    /// Replaces the first pause.
    #[must_use]
    pub fn first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// The pause before the next try after `tries` tries, the last of which failed with `error`; none when it is
    /// time to give up.
    pub(crate) fn pause(&self, tries: u32, error: &Error) -> Option<Duration> {
        if error.code() != Code::Unavailable || tries >= self.max_tries {
            return None;
        }
        let asked = error.retry_delay().unwrap_or_default();
        if asked > LONGEST_ASKED_PAUSE {
            return None;
        }
        let doublings = 2_u32.saturating_pow(tries.saturating_sub(1));
        let pause = self
            .first_pause
            .saturating_mul(doublings)
            .min(self.longest_pause);
        Some(pause.mul_f64(0.5 + 0.5 * chance()).max(asked))
    }
}

/// A number in 0..1. The standard library seeds each hasher anew, which is chance enough for a pause.
fn chance() -> f64 {
    let bits = RandomState::new().hash_one(0_u8) >> 11;
    bits as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use tonic::Status;
    use tonic_types::{ErrorDetails, StatusExt as _};

    use super::*;

    fn unavailable() -> Error {
        Error::from(Status::unavailable("busy"))
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_end_with_the_tries() {
        let policy = RetryPolicy {
            max_tries: 9,
            first_pause: Duration::from_millis(100),
            longest_pause: Duration::from_secs(5),
        };
        let full_ms = [100, 200, 400, 800, 1600, 3200, 5000, 5000];
        for (tries, full) in (1_u32..).zip(full_ms) {
            let pause = policy
                .pause(tries, &unavailable())
                .map(|pause| pause.as_millis());
            assert!(
                pause.is_some_and(|pause| (full / 2..=full).contains(&pause)),
                "{tries}: {pause:?}"
            );
        }
        assert_eq!(policy.pause(9, &unavailable()), None);
    }

    #[test]
    fn pauses_differ_by_chance() {
        let policy = RetryPolicy::default();
        let pauses: std::collections::HashSet<_> =
            (0..50).map(|_| policy.pause(1, &unavailable())).collect();
        assert!(pauses.len() > 40, "{} different pauses of 50", pauses.len());
    }

    #[test]
    fn what_the_service_asks_for_is_honoured() {
        let asking = |seconds| {
            let details = ErrorDetails::with_retry_info(Some(Duration::from_secs(seconds)));
            Error::from(Status::with_error_details(
                Code::Unavailable,
                "busy",
                details,
            ))
        };
        let policy = RetryPolicy::default();
        assert_eq!(policy.pause(1, &asking(7)), Some(Duration::from_secs(7)));
        assert_eq!(policy.pause(1, &asking(3600)), None);
    }

    #[test]
    fn only_unavailable_is_tried_again() {
        let policy = RetryPolicy::default();
        for code in [
            Code::Internal,
            Code::Aborted,
            Code::ResourceExhausted,
            Code::DeadlineExceeded,
        ] {
            assert_eq!(
                policy.pause(1, &Error::from(Status::new(code, ""))),
                None,
                "{code:?}"
            );
        }
    }
}
