//! Ids of what the store creates, in the order of time: UUIDs of version 7, and shorter numbers for batches, which
//! every result carries.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use jiff::Timestamp;
use uuid::{ContextV7, Uuid};

static CONTEXT: Mutex<Option<ContextV7>> = Mutex::new(None);

/// A new id for something created now.
pub(crate) fn new_id(now: Timestamp) -> String {
    let seconds = u64::try_from(now.as_second()).unwrap_or(0);
    let nanoseconds = u32::try_from(now.subsec_nanosecond()).unwrap_or(0);
    let mut context = CONTEXT.lock().unwrap_or_else(PoisonError::into_inner);
    let context = context.get_or_insert_with(ContextV7::new);
    let timestamp = uuid::Timestamp::from_unix(&*context, seconds, nanoseconds);
    Uuid::new_v7(timestamp).hyphenated().to_string()
}

/// The least difference between two numbers of batches: what lies below tells servers apart.
const STEP: i64 = 1 << 10;

static LAST_BATCH: AtomicI64 = AtomicI64::new(0);

/// A new number for a batch stored now: microseconds since 1970, and ten bits of this process. Numbers of one process
/// rise; two processes that choose the same at the same microsecond meet on the key, and one starts again.
pub(crate) fn new_batch_no(now: Timestamp) -> i64 {
    static PROCESS: LazyLock<i64> = LazyLock::new(|| {
        let random = RandomState::new().hash_one(std::process::id());
        i64::try_from(random % STEP.unsigned_abs()).unwrap_or(0)
    });
    let wanted = now
        .as_microsecond()
        .max(0)
        .saturating_mul(STEP)
        .saturating_add(*PROCESS);
    let after = |last: i64| Some(wanted.max(last.saturating_add(STEP)));
    match LAST_BATCH.fetch_update(Ordering::Relaxed, Ordering::Relaxed, after) {
        Ok(last) | Err(last) => wanted.max(last.saturating_add(STEP)),
    }
}

/// The id of a batch: sixteen hexadecimal digits, so that ids are in the order of numbers.
pub(crate) fn batch_id(batch_no: i64) -> String {
    format!("{batch_no:016x}")
}

/// The number of a batch; `None` for what is not an id.
pub(crate) fn batch_no(id: &str) -> Option<i64> {
    i64::from_str_radix(id, 16)
        .ok()
        .filter(|no| batch_id(*no) == id)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    #[test]
    fn batches_of_one_instant_are_in_order_and_ids_read_back() {
        let now = Timestamp::from_second(1_790_000_000).unwrap_or_default();
        let numbers: Vec<_> = (0..1000).map(|_| super::new_batch_no(now)).collect();
        assert!(numbers.is_sorted_by(|one, next| one < next));
        for no in numbers {
            assert_eq!(super::batch_no(&super::batch_id(no)), Some(no));
        }
        for wrong in [
            "",
            "1",
            "-000000000000001",
            "00000000000000AB",
            "zzzzzzzzzzzzzzzz",
            "ffffffffffffffff",
        ] {
            assert_eq!(super::batch_no(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn ids_of_one_instant_are_in_order() {
        let now = Timestamp::from_second(1_790_000_000).unwrap_or_default();
        let ids: Vec<_> = (0..1000).map(|_| super::new_id(now)).collect();
        assert!(ids.is_sorted());
        assert_eq!(
            ids.iter().collect::<std::collections::BTreeSet<_>>().len(),
            1000
        );
    }
}
