//! Pauses between looks at work that takes its time.

use std::time::Duration;

/// The first pause and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// Pauses that double up to the longest.
#[derive(Debug)]
pub(crate) struct Pauses {
    next: Duration,
}

impl Pauses {
    pub(crate) const fn new() -> Self {
        Self { next: PAUSES.0 }
    }

    pub(crate) async fn pause(&mut self) {
        tokio::time::sleep(self.next).await;
        self.next = (self.next * 2).min(PAUSES.1);
    }
}
