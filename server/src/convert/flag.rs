//! Flags, decisions and events.

use diel_proto::v1 as pb;
use diel_store::{
    Flag, FlagChange, FlagClaim, FlagDecision, FlagEvent, FlagEventKind, FlagState,
    ReviewerDecision,
};

use super::rhythm::evidence_to_proto;
use super::time::to_proto as time_to_proto;
use crate::etag;
use crate::name;

/// A flag as a message.
pub(crate) fn to_proto(study: &str, flag: &Flag) -> pb::Flag {
    pb::Flag {
        name: name::of_child(study, "flags", &flag.id),
        participant: flag.participant.clone(),
        group: flag.group.clone(),
        state: state_to_proto(flag.state) as i32,
        evidence: Some(evidence_to_proto(
            study,
            &flag.evidence,
            flag.policy_version,
        )),
        decision: decision_to_proto(flag.decision) as i32,
        decision_reason: flag.decision_reason.clone(),
        raise_time: Some(time_to_proto(flag.raised)),
        update_time: Some(time_to_proto(flag.updated)),
        etag: etag::write(flag.version),
        claim: flag.claim.as_ref().map(claim_to_proto),
        decisions: flag.decisions.iter().map(opinion_to_proto).collect(),
    }
}

fn claim_to_proto(claim: &FlagClaim) -> pb::FlagClaim {
    pb::FlagClaim {
        reviewer: claim.reviewer.clone(),
        claim_time: Some(time_to_proto(claim.at)),
        expire_time: claim.until.map(time_to_proto),
    }
}

fn opinion_to_proto(decision: &ReviewerDecision) -> pb::ReviewerDecision {
    pb::ReviewerDecision {
        reviewer: decision.reviewer.clone(),
        decision: decision_to_proto(Some(decision.decision)) as i32,
        reason: decision.reason.clone(),
        decide_time: Some(time_to_proto(decision.at)),
    }
}

/// An event as a message.
pub(crate) fn event_to_proto(study: &str, event: &FlagEvent) -> pb::FlagEvent {
    pb::FlagEvent {
        sequence: event.sequence,
        kind: kind_to_proto(event.kind) as i32,
        actor: event.actor.clone(),
        reason: event.reason.clone(),
        decision: decision_to_proto(event.decision) as i32,
        evidence: Some(evidence_to_proto(
            study,
            &event.evidence,
            event.policy_version,
        )),
        create_time: Some(time_to_proto(event.at)),
    }
}

/// A change as a message.
pub(crate) fn change_to_proto(
    study: &str,
    change: &FlagChange,
    is_present: bool,
    resume_token: String,
) -> pb::FlagChange {
    pb::FlagChange {
        flag: name::of_child(study, "flags", &change.flag),
        participant: change.participant.clone(),
        group: change.group.clone(),
        state: state_to_proto(change.state) as i32,
        event: Some(event_to_proto(study, &change.event)),
        present: is_present,
        resume_token,
    }
}

/// A kind of event as a message.
pub(crate) const fn kind_to_proto(kind: FlagEventKind) -> pb::FlagEventKind {
    match kind {
        FlagEventKind::Raised => pb::FlagEventKind::Raised,
        FlagEventKind::EvidenceChanged => pb::FlagEventKind::EvidenceChanged,
        FlagEventKind::Resolved => pb::FlagEventKind::Resolved,
        FlagEventKind::Reopened => pb::FlagEventKind::Reopened,
        FlagEventKind::Withdrawn => pb::FlagEventKind::Withdrawn,
        FlagEventKind::Claimed => pb::FlagEventKind::Claimed,
        FlagEventKind::TakenOver => pb::FlagEventKind::TakenOver,
        FlagEventKind::Released => pb::FlagEventKind::Released,
        FlagEventKind::FirstDecision => pb::FlagEventKind::FirstDecision,
        FlagEventKind::Disagreed => pb::FlagEventKind::Disagreed,
    }
}

/// Reads a decision; unspecified is none.
pub(crate) fn decision_from_proto(number: i32) -> Option<FlagDecision> {
    match pb::FlagDecision::try_from(number).ok()? {
        pb::FlagDecision::Unspecified => None,
        pb::FlagDecision::Confirmed => Some(FlagDecision::Confirmed),
        pb::FlagDecision::Dismissed => Some(FlagDecision::Dismissed),
        pb::FlagDecision::MoreData => Some(FlagDecision::MoreData),
    }
}

/// Reads a state; unspecified is none.
pub(crate) fn state_from_proto(number: i32) -> Option<FlagState> {
    match pb::FlagState::try_from(number).ok()? {
        pb::FlagState::Unspecified => None,
        pb::FlagState::Open => Some(FlagState::Open),
        pb::FlagState::Resolved => Some(FlagState::Resolved),
        pb::FlagState::Withdrawn => Some(FlagState::Withdrawn),
        pb::FlagState::AwaitingSecond => Some(FlagState::AwaitingSecond),
        pb::FlagState::Disputed => Some(FlagState::Disputed),
    }
}

pub(crate) fn state_to_proto(state: FlagState) -> pb::FlagState {
    match state {
        FlagState::Open => pb::FlagState::Open,
        FlagState::Resolved => pb::FlagState::Resolved,
        FlagState::Withdrawn => pb::FlagState::Withdrawn,
        FlagState::AwaitingSecond => pb::FlagState::AwaitingSecond,
        FlagState::Disputed => pb::FlagState::Disputed,
    }
}

pub(crate) fn decision_to_proto(decision: Option<FlagDecision>) -> pb::FlagDecision {
    match decision {
        None => pb::FlagDecision::Unspecified,
        Some(FlagDecision::Confirmed) => pb::FlagDecision::Confirmed,
        Some(FlagDecision::Dismissed) => pb::FlagDecision::Dismissed,
        Some(FlagDecision::MoreData) => pb::FlagDecision::MoreData,
    }
}
