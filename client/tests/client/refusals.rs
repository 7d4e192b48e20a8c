//! Rich errors, as they arrive over the wire.

use std::collections::VecDeque;
use std::time::Duration;

use diel_client::v1::ErrorReason;
use diel_client::{Error, Reason};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::script::{Script, State, batch};

async fn refused_with(status: Status) -> Error {
    let refusals = VecDeque::from([status]);
    let (_script, client) = Script::with_client(State {
        refusals,
        ..State::default()
    })
    .await;
    client.submit_batch(batch("b", 1)).await.unwrap_err()
}

#[tokio::test]
async fn reason_fields_and_pause_are_read_from_the_details() {
    let mut details = ErrorDetails::with_error_info("INVALID_FIELD", "diel.v1", []);
    details
        .add_bad_request_violation("results[0].concentration", "-3 nmol/L is negative")
        .add_bad_request_violation("results[4].specimen", "is empty")
        .set_retry_info(Some(Duration::from_secs(2)));
    let status =
        Status::with_error_details(Code::InvalidArgument, "2 fields break a rule", details);
    let error = refused_with(status).await;
    assert!(error.is(ErrorReason::InvalidField));
    assert_eq!(error.code(), Code::InvalidArgument);
    assert_eq!(error.to_string(), "2 fields break a rule (INVALID_FIELD)");
    assert_eq!(error.retry_delay(), Some(Duration::from_secs(2)));
    let violations: Vec<_> = error
        .violations()
        .iter()
        .map(|v| (v.field.as_str(), v.description.as_str()))
        .collect();
    assert_eq!(
        violations,
        [
            ("results[0].concentration", "-3 nmol/L is negative"),
            ("results[4].specimen", "is empty"),
        ]
    );
}

#[tokio::test]
async fn a_reason_of_another_domain_is_not_ours() {
    let details = ErrorDetails::with_error_info("INVALID_FIELD", "googleapis.com", []);
    let error = refused_with(Status::with_error_details(
        Code::InvalidArgument,
        "no",
        details,
    ))
    .await;
    assert_eq!(error.refusal().unwrap().reason(), None);
    assert!(!error.is(ErrorReason::InvalidField));
}

#[tokio::test]
async fn an_unknown_reason_is_kept_as_text() {
    let details = ErrorDetails::with_error_info("FULL_MOON", "diel.v1", []);
    let error = refused_with(Status::with_error_details(Code::Aborted, "no", details)).await;
    assert_eq!(
        error.refusal().unwrap().reason(),
        Some(&Reason::Unknown("FULL_MOON".to_owned()))
    );
}

#[tokio::test]
async fn a_bare_status_names_its_code() {
    let error = refused_with(Status::permission_denied("not your study")).await;
    assert_eq!(error.to_string(), "not your study (PermissionDenied)");
}
