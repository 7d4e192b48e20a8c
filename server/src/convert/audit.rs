//! Entries of the audit trail and what they are asked for by.

use diel_proto::v1 as pb;
use diel_store::{AuditEntry, AuditFilter, AuditHead};
use jiff::Timestamp;

use super::time;
use crate::name;
use crate::violations::Violations;

/// An entry as a message.
pub(crate) fn to_proto(entry: &AuditEntry) -> pb::AuditEntry {
    let record = &entry.record;
    pb::AuditEntry {
        sequence: entry.sequence,
        study: match record.study.as_str() {
            "" => String::new(),
            study => name::of_study(study),
        },
        create_time: Some(time::microseconds_to_proto(record.at_us)),
        actor: record.actor.clone(),
        action: record.action.clone(),
        resource: record.resource.clone(),
        before_json: record.before.clone(),
        after_json: record.after.clone(),
        reason: record.reason.clone(),
        previous_hash: entry.previous.to_string(),
        hash: entry.hash.to_string(),
        erased_by: entry.erased_by.unwrap_or_default(),
    }
}

/// A head as a message.
pub(crate) fn head_to_proto(head: AuditHead) -> pb::AuditHead {
    pb::AuditHead {
        sequence: head.sequence,
        hash: head.hash.to_string(),
    }
}

/// Reads a filter.
pub(crate) fn filter(message: Option<&pb::AuditFilter>) -> Result<AuditFilter, Violations> {
    let Some(message) = message else {
        return Ok(AuditFilter::default());
    };
    let mut violations = Violations::new();
    let filter = violations.within("filter", |violations| {
        let mut instant = |field: &str, given: &Option<prost_types::Timestamp>| {
            given
                .as_ref()
                .and_then(|given| time::instant(field, given, violations))
        };
        let from: Option<Timestamp> = instant("from_time", &message.from_time);
        let until = instant("until_time", &message.until_time);
        if let (Some(from), Some(until)) = (from, until)
            && from >= until
        {
            violations.add(
                "from_time",
                format!("{from} is not before until_time {until}"),
            );
        }
        let text = |given: &String| (!given.is_empty()).then(|| given.clone());
        AuditFilter {
            resource: text(&message.resource),
            actor: text(&message.actor),
            action: text(&message.action),
            from,
            until,
        }
    });
    violations.into_result().map(|()| filter)
}
