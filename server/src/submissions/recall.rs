//! Recalls of batches, and their end.

use diel_proto::v1 as pb;
use diel_store::{Call, Recall};

use super::{count_of, shown_persons};
use crate::access::Caller;
use crate::code::check_text;
use crate::convert::batch;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::violations::Violations;
use crate::{etag, name};

/// The longest reason, in characters. It is kept with each result behind a few words of what was done.
const REASON_CHARACTERS: usize = 480;

impl Service {
    /// Recalls a batch.
    pub(super) async fn recall(
        &self,
        caller: &Caller,
        mut request: pb::RecallBatchRequest,
    ) -> Result<pb::RecallBatchResponse, Refusal> {
        let request_id = std::mem::take(&mut request.request_id);
        let call = self.call(caller, &request_id, &request, request.validate_only)?;
        let recall = read(caller, &request.name, &request.reason, &request.etag, call)?;
        let study = recall.study.clone();
        let (recalled, revised) = self.store.recall_batch(recall).await?;
        Ok(pb::RecallBatchResponse {
            batch: Some(batch::to_proto(&study, &recalled)),
            recalled_count: revised.results.into(),
            profile_count: revised.profiles.into(),
            person_count: count_of(&revised.persons),
            persons: shown_persons(caller, &study, &revised),
        })
    }

    /// Takes a recall back.
    pub(super) async fn restore(
        &self,
        caller: &Caller,
        mut request: pb::RestoreBatchRequest,
    ) -> Result<pb::RestoreBatchResponse, Refusal> {
        let request_id = std::mem::take(&mut request.request_id);
        let call = self.call(caller, &request_id, &request, request.validate_only)?;
        let recall = read(caller, &request.name, &request.reason, &request.etag, call)?;
        let study = recall.study.clone();
        let (restored, revised) = self.store.restore_batch(recall).await?;
        Ok(pb::RestoreBatchResponse {
            batch: Some(batch::to_proto(&study, &restored)),
            restored_count: revised.results.into(),
            profile_count: revised.profiles.into(),
            person_count: count_of(&revised.persons),
            persons: shown_persons(caller, &study, &revised),
        })
    }
}

/// Reads what both requests say.
fn read(
    caller: &Caller,
    name: &str,
    reason: &str,
    etag: &str,
    call: Call,
) -> Result<Recall, Refusal> {
    let (study, id) = name::child(name, "batches").map_err(Refusal::name("name"))?;
    caller.in_study(study)?;
    let mut violations = Violations::new();
    violations.take("reason", check_text(reason, 1, REASON_CHARACTERS));
    violations.into_result()?;
    let version = if etag.is_empty() {
        None
    } else {
        Some(etag::read("etag", etag)?)
    };
    Ok(Recall {
        study: study.to_owned(),
        batch: id.to_owned(),
        version,
        reason: reason.to_owned(),
        call,
    })
}
