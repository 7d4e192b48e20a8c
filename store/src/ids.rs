//! Ids of what the store creates: UUIDs of version 7, in the order of time also within a millisecond.

use std::sync::{Mutex, PoisonError};

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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

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
