//! Under which code a study stores a person or a tube.

use diel_proto::v1 as pb;

use crate::code::check_code;
use crate::convert::study::code_storage;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::violations::Violations;

/// The stored codes of those that are asked for.
///
/// # Errors
/// No code is asked for, one breaks a rule, or the study does not exist.
pub(super) async fn serve(
    service: &Service,
    study: &str,
    request: &pb::GetStoredCodeRequest,
) -> Result<pb::GetStoredCodeResponse, Refusal> {
    let mut violations = Violations::new();
    if request.participant.is_empty() && request.specimen.is_empty() {
        violations.add(
            "participant",
            "is empty, and so is specimen: a code is required",
        );
    }
    for (field, code) in [
        ("participant", &request.participant),
        ("specimen", &request.specimen),
    ] {
        if !code.is_empty() {
            violations.take(field, check_code(code));
        }
    }
    violations.into_result()?;
    // Read each time, and not remembered: a study that was deleted answers nothing.
    let found = service.store.study(study).await?;
    let stored = service.pseudonyms.of(&found)?.enter(request.clone());
    Ok(pb::GetStoredCodeResponse {
        participant: stored.participant.clone(),
        specimen: stored.specimen.clone(),
        code_storage: code_storage(&found) as i32,
    })
}
