//! The erasure of a participant.

use diel_proto::v1 as pb;
use diel_store::{Erased, Erasure};

use crate::access::Caller;
use crate::code::check_text;
use crate::name;
use crate::pseudonym::Entered;
use crate::refusal::Refusal;
use crate::service::Service;

/// The longest reason, in characters.
pub(super) const REASON_CHARACTERS: usize = 500;

/// Erases a participant, or counts what an erasure would take.
///
/// # Errors
/// The participant does not exist, or the reason breaks a rule.
pub(super) async fn serve(
    service: &Service,
    caller: &Caller,
    sent: &str,
    request: &Entered<pb::EraseParticipantRequest>,
) -> Result<pb::EraseParticipantResponse, Refusal> {
    check_text(&request.reason, 1, REASON_CHARACTERS)
        .map_err(|rule| Refusal::field("reason", rule))?;
    let (study, code) =
        name::child(&request.name, "participants").map_err(Refusal::name("name"))?;
    if request.reason.contains(sent) || request.reason.contains(code) {
        return Err(Refusal::field(
            "reason",
            "holds the participant's code; the reason stays in the audit trail and may not name who was erased",
        ));
    }
    let erased = service
        .store
        .erase_participant(Erasure {
            study: study.to_owned(),
            participant: code.to_owned(),
            reason: request.reason.clone(),
            call: service.plain_call(caller, request.validate_only),
        })
        .await?;
    if !request.validate_only {
        service.clear_log().await;
    }
    Ok(to_proto(&erased))
}

fn to_proto(erased: &Erased) -> pb::EraseParticipantResponse {
    let count = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
    pb::EraseParticipantResponse {
        specimen_count: count(erased.specimens),
        result_count: count(erased.results),
        earlier_collection_count: count(erased.earlier_facts),
        awakening_count: count(erased.awakenings),
        profile_count: count(erased.profiles),
        flag_count: count(erased.flags),
        flag_event_count: count(erased.flag_events),
        kept_answer_count: count(erased.answers),
        audit_entry_count: count(erased.entries),
    }
}
