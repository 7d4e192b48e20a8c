//! The deletion of a study.

use diel_core::audit::Head;
use diel_proto::v1 as pb;
use diel_store::{Deletion, DeletionBegun, StoreError};

use super::erase::REASON_CHARACTERS;
use crate::access::Caller;
use crate::code::check_text;
use crate::convert::study::job_to_proto;
use crate::etag;
use crate::name;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::violations::Violations;

/// Begins the deletion of a study, or counts what it would take.
///
/// # Errors
/// The study does not exist or is not as the caller has seen it, another study needs it, or fields break rules.
pub(super) async fn serve(
    service: &Service,
    caller: &Caller,
    request: &pb::DeleteStudyRequest,
) -> Result<pb::DeleteStudyResponse, Refusal> {
    let study = name::study(&request.name).map_err(Refusal::name("name"))?;
    let mut violations = Violations::new();
    violations.take("reason", check_text(&request.reason, 1, REASON_CHARACTERS));
    let head = violations.take("audit_head", head(&request.audit_head));
    violations.into_result()?;
    let version = match service.store.study(study).await {
        Ok(_) => etag::read("etag", &request.etag)?,
        // Whoever asks again while it goes on can no longer read an etag.
        Err(StoreError::StudyDeleted { is_done: false, .. }) => 0,
        Err(error) => return Err(error.into()),
    };
    let begun = service
        .store
        .delete_study(Deletion {
            study: study.to_owned(),
            version,
            head: head.flatten(),
            reason: request.reason.clone(),
            call: service.plain_call(caller, request.validate_only),
        })
        .await?;
    service.delete_made.notify_one();
    Ok(to_proto(&begun))
}

/// The end of a trail, where one is stated.
fn head(text: &str) -> Result<Option<Head>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = || {
        let (sequence, hash) = text.split_once(':')?;
        Some(Head {
            sequence: sequence.parse().ok()?,
            hash: hash.parse().ok()?,
        })
    };
    read().map(Some).ok_or_else(|| {
        format!("{text:?} is not the end of a trail, SEQUENCE:HASH, as GetAuditHead has it")
    })
}

fn to_proto(begun: &DeletionBegun) -> pb::DeleteStudyResponse {
    let count = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
    let contents = &begun.contents;
    pb::DeleteStudyResponse {
        participant_count: count(contents.participants),
        specimen_count: count(contents.specimens),
        result_count: count(contents.results),
        profile_count: count(contents.profiles),
        flag_count: count(contents.flags),
        flag_event_count: count(contents.flag_events),
        batch_count: count(contents.batches),
        kept_answer_count: count(contents.answers),
        audit_entry_count: count(contents.entries),
        other_count: count(contents.others),
        job: begun.job.as_ref().map(job_to_proto),
    }
}
