//! Unary calls: tried again after UNAVAILABLE, with the same request id, and after nothing else.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use diel_client::v1::ErrorReason;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::script::{Script, State, batch};

async fn with_refusals(
    refusals: impl IntoIterator<Item = Status>,
) -> (Script, diel_client::Client) {
    let refusals = VecDeque::from_iter(refusals);
    Script::with_client(State {
        refusals,
        ..State::default()
    })
    .await
}

#[tokio::test]
async fn unavailable_is_tried_again_with_the_same_request_id() {
    let (script, client) = with_refusals((0..4).map(|_| Status::unavailable("busy"))).await;
    assert_eq!(
        client
            .submit_batch(batch("b", 2))
            .await
            .unwrap()
            .stored_count,
        2
    );
    script.read(|state| {
        assert_eq!(state.received.len(), 5);
        assert_eq!(state.received[0].len(), 36, "a UUID was filled in");
        assert!(state.received.iter().all(|id| *id == state.received[0]));
    });
}

#[tokio::test]
async fn after_five_tries_the_last_refusal_is_returned() {
    let (script, client) = with_refusals((0..9).map(|_| Status::unavailable("busy"))).await;
    let error = client.submit_batch(batch("b", 2)).await.unwrap_err();
    assert_eq!(error.code(), Code::Unavailable);
    assert_eq!(script.read(|state| state.received.len()), 5);
}

#[tokio::test]
async fn a_pause_that_the_service_asks_for_is_kept() {
    let asked = Duration::from_millis(400);
    let details = ErrorDetails::with_retry_info(Some(asked));
    let (_script, client) = with_refusals([Status::with_error_details(
        Code::Unavailable,
        "busy",
        details,
    )])
    .await;
    let before = Instant::now();
    client.submit_batch(batch("b", 1)).await.unwrap();
    assert!(before.elapsed() >= asked);
}

#[tokio::test]
async fn any_other_refusal_is_final() {
    for code in [
        Code::AlreadyExists,
        Code::Aborted,
        Code::Internal,
        Code::ResourceExhausted,
    ] {
        let (script, client) = with_refusals([Status::new(code, "no")]).await;
        assert_eq!(
            client.submit_batch(batch("b", 1)).await.unwrap_err().code(),
            code
        );
        assert_eq!(script.read(|state| state.received.len()), 1, "{code:?}");
    }
}

#[tokio::test]
async fn a_request_id_of_the_caller_is_kept() {
    let (script, client) = with_refusals([]).await;
    let mut batch = batch("b", 1);
    batch.request_id = "plate-7".to_owned();
    client.submit_batch(batch).await.unwrap();
    assert_eq!(script.read(|state| state.received.clone()), ["plate-7"]);
}

#[tokio::test]
async fn a_refusal_that_is_tried_again_does_not_hide_the_next() {
    let info = ErrorDetails::with_error_info("REQUEST_ID_REUSED", "diel.v1", []);
    let reused = Status::with_error_details(Code::AlreadyExists, "other content", info);
    let (_script, client) = with_refusals([Status::unavailable("busy"), reused]).await;
    let error = client.submit_batch(batch("b", 1)).await.unwrap_err();
    assert!(error.is(ErrorReason::RequestIdReused), "{error}");
}
