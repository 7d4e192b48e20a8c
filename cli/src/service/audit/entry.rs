//! Entries and heads from messages.

use anyhow::Context as _;
use diel_client::{Timestamp, v1};
use diel_core::audit::{Digest, Entry, Head, Record};

use crate::service::name;

/// An entry as it is hashed.
pub(super) fn from_message(message: v1::AuditEntry) -> anyhow::Result<Entry> {
    let at = message.create_time.unwrap_or_default();
    Ok(Entry {
        sequence: message.sequence,
        previous: digest(&message.previous_hash)?,
        hash: digest(&message.hash)?,
        erased_by: (message.erased_by != 0).then_some(message.erased_by),
        record: Record {
            study: name::id(&message.study).to_owned(),
            at_us: microseconds(at),
            actor: message.actor,
            action: message.action,
            resource: message.resource,
            before: message.before_json,
            after: message.after_json,
            reason: message.reason,
        },
    })
}

/// A head.
pub(super) fn head_from_message(message: &v1::AuditHead) -> anyhow::Result<Head> {
    Ok(Head {
        sequence: message.sequence,
        hash: digest(&message.hash)?,
    })
}

fn digest(text: &str) -> anyhow::Result<Digest> {
    text.parse()
        .with_context(|| format!("the service sent {text:?}"))
}

fn microseconds(at: Timestamp) -> i64 {
    at.seconds
        .saturating_mul(1_000_000)
        .saturating_add(i64::from(at.nanos) / 1_000)
}
