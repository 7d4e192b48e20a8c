//! What revisions of results did.

use diel_core::Verdict;
use diel_proto::v1 as pb;
use diel_store::{AmendmentRow, RevisedPerson, RevisionCause, SubmissionRow};
use jiff::civil::Date;

use super::flag::kind_to_proto;
use crate::name;

/// A row as it was read for a submission, for amendments.
pub(crate) fn row(row: SubmissionRow) -> AmendmentRow {
    AmendmentRow {
        row: row.row,
        result: row.result,
        collection: row.collection,
    }
}

/// A cause as a message.
pub(crate) const fn cause_to_proto(cause: RevisionCause) -> pb::RevisionCause {
    match cause {
        RevisionCause::Sent => pb::RevisionCause::Sent,
        RevisionCause::Recalled => pb::RevisionCause::Recalled,
        RevisionCause::Restored => pb::RevisionCause::Restored,
    }
}

/// What happened to a participant as a message.
pub(crate) fn person_to_proto(study: &str, person: &RevisedPerson) -> pb::RevisedPerson {
    let verdict = |verdict: Option<Verdict>| verdict.map_or("", Verdict::code).to_owned();
    let days = |days: &[Date]| days.iter().map(Date::to_string).collect();
    let flag = person.flag.as_ref();
    pb::RevisedPerson {
        participant: person.participant.clone(),
        verdict_before: verdict(person.verdict_before),
        verdict_after: verdict(person.verdict_after),
        lost_days: days(&person.days_lost),
        gained_days: days(&person.days_gained),
        flag: flag.map_or_else(String::new, |(id, _)| name::of_child(study, "flags", id)),
        flag_event: flag.map_or(pb::FlagEventKind::Unspecified, |(_, kind)| {
            kind_to_proto(*kind)
        }) as i32,
    }
}
