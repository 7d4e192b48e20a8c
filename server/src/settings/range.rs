//! The range of every limit, declared once: the check and the words of its refusal come from here.

use super::limits::Limits;

/// The values that a limit may take.
pub(super) struct Range {
    /// The key in `[limits]`, with its section.
    pub(super) key: &'static str,
    /// The least.
    pub(super) minimum: u64,
    /// The most.
    pub(super) maximum: u64,
    /// What is set.
    pub(super) of: fn(&Limits) -> u64,
}

const KIB: u64 = 1 << 10;
const GIB: u64 = 1 << 30;
/// Far below what a semaphore counts to, far above what a machine does at once.
const MOST_AT_ONCE: u64 = 1_000_000;
const DAY_SECONDS: u64 = 86_400;

/// A range for each field of [`Limits`]: the key is its name.
macro_rules! ranges {
    ($($field:ident: $minimum:expr, $maximum:expr;)+) => {
        &[$(Range {
            key: concat!("limits.", stringify!($field)),
            minimum: $minimum,
            maximum: $maximum,
            of: |limits| widened(limits.$field),
        },)+]
    };
}

pub(super) const RANGES: &[Range] = ranges! {
    batch_rows: 1, 1_000_000;
    // Below a kibibyte not even a page is asked for; above a gibibyte one message fills a machine.
    message_bytes: KIB, GIB;
    request_bytes: KIB, 64 * GIB;
    connections: 1, MOST_AT_ONCE;
    connections_per_address: 1, MOST_AT_ONCE;
    connection_age_seconds: 0, 365 * DAY_SECONDS;
    connection_grace_seconds: 0, DAY_SECONDS;
    streams_per_connection: 1, MOST_AT_ONCE;
    // 0 closes a kind of work: a server that only reads.
    heavy_calls: 0, MOST_AT_ONCE;
    // 0: no limit.
    calls_per_second: 0, MOST_AT_ONCE;
    calls_burst: 1, MOST_AT_ONCE;
    heavy_calls_per_second: 0, MOST_AT_ONCE;
    heavy_calls_burst: 1, MOST_AT_ONCE;
    open_streams: 0, MOST_AT_ONCE;
    simulations: 0, 1_000;
    call_seconds: 1, DAY_SECONDS;
    drain_seconds: 0, 3_600;
    job_lease_seconds: 1, 3_600;
    readers: 1, 1_000;
};

/// A count as wide as all of them.
fn widened(count: impl TryInto<u64>) -> u64 {
    count.try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn every_limit_has_one_range_and_its_default_lies_within() {
        let limits = Limits::default();
        let value = serde_json::to_value(limits).unwrap();
        let mut fields: Vec<_> = value
            .as_object()
            .unwrap()
            .keys()
            .map(|field| format!("limits.{field}"))
            .collect();
        let mut keys: Vec<_> = RANGES.iter().map(|range| range.key.to_owned()).collect();
        fields.sort();
        keys.sort();
        assert_eq!(keys, fields);
        for range in RANGES {
            let set = (range.of)(&limits);
            assert!(
                (range.minimum..=range.maximum).contains(&set),
                "{}",
                range.key
            );
        }
    }
}
