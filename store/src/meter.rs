//! What the store measures of itself, for whoever shows it.

use std::time::Instant;

use prometheus_client::metrics::histogram::Histogram;

/// Seconds: from a read that the cache answers to a write that waits for a disk at its limit.
const SECONDS: [f64; 14] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
/// Submissions of one commit.
const SUBMISSIONS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// Distributions since the store was opened. Clones share them.
#[derive(Debug, Clone)]
pub struct Meter {
    /// Seconds of reads that are one operation, the wait for a connection included.
    pub read_seconds: Histogram,
    /// Seconds of transactions that write, the wait for a connection included.
    pub write_seconds: Histogram,
    /// Seconds that reads waited for a connection.
    pub read_wait_seconds: Histogram,
    /// Seconds that writes waited for a connection.
    pub write_wait_seconds: Histogram,
    /// Submissions that were committed together.
    pub group_submissions: Histogram,
}

impl Default for Meter {
    fn default() -> Self {
        let seconds = || Histogram::new(SECONDS);
        Self {
            read_seconds: seconds(),
            write_seconds: seconds(),
            read_wait_seconds: seconds(),
            write_wait_seconds: seconds(),
            group_submissions: Histogram::new(SUBMISSIONS),
        }
    }
}

/// Connections of one pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUse {
    /// What they are for: `read`, `write`, or `all` where there is one pool.
    pub pool: &'static str,
    /// In use now.
    pub busy: u32,
    /// Open and waiting for use.
    pub idle: u32,
    /// Most that may be open.
    pub most: u32,
}

impl PoolUse {
    pub(crate) fn of<D: sqlx::Database>(name: &'static str, pool: &sqlx::Pool<D>) -> Self {
        let open = pool.size();
        let idle = u32::try_from(pool.num_idle()).unwrap_or(open).min(open);
        Self {
            pool: name,
            busy: open - idle,
            idle,
            most: pool.options().get_max_connections(),
        }
    }
}

/// Observes how long it lived.
pub(crate) struct Timed<'a> {
    began: Instant,
    histogram: Option<&'a Histogram>,
}

/// Begins to measure.
pub(crate) fn time(histogram: &Histogram) -> Timed<'_> {
    Timed {
        began: Instant::now(),
        histogram: Some(histogram),
    }
}

impl Timed<'_> {
    /// Nothing was done that would count.
    pub(crate) fn forget(mut self) {
        self.histogram = None;
    }
}

impl Drop for Timed<'_> {
    fn drop(&mut self) {
        if let Some(histogram) = self.histogram {
            histogram.observe(self.began.elapsed().as_secs_f64());
        }
    }
}
