//! The ids by which the service knows a repetition.

use uuid::Uuid;

/// Fills in a UUIDv7 where the caller gave no id, once, so that all tries of a call carry the same.
pub(crate) fn fill(request_id: &mut String) {
    if request_id.is_empty() {
        *request_id = Uuid::now_v7().to_string();
    }
}
