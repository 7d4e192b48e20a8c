//! The submitter: nothing lost, nothing stored or answered twice, whatever breaks, and never more under way than
//! the window.

use std::collections::HashMap;
use std::time::Duration;

use diel_client::{Client, Totals, v1};
use tokio::time::timeout;
use tonic::Code;

use crate::script::{Fault, Script, State, batch};

const BATCHES: usize = 9;

async fn submit_all(client: &Client) -> (Vec<String>, Totals) {
    let mut submitter = client.submissions("studies/s");
    let mut answered = Vec::new();
    for n in 0..BATCHES {
        let mut batch = batch(&format!("b{n}"), 3);
        batch.request_id = format!("request-{n}");
        submitter.send(batch).await.unwrap();
        // Reads some answers between and leaves the others to the end.
        if n % 3 == 2 {
            let answer = submitter.next_acknowledgement().await.unwrap().unwrap();
            answered.push(answer.request_id);
        }
    }
    while let Some(answer) = submitter.next_acknowledgement().await.unwrap() {
        assert_eq!(answer.outcome.unwrap().stored_count, 3);
        answered.push(answer.request_id);
    }
    (answered, submitter.finish().await.unwrap())
}

fn expected_ids() -> Vec<String> {
    (0..BATCHES).map(|n| format!("request-{n}")).collect()
}

/// Returns how many faults never came into play.
async fn survives(faults: impl IntoIterator<Item = (usize, Fault)>) -> usize {
    let faults: HashMap<_, _> = faults.into_iter().collect();
    let what = format!("{faults:?}");
    let (script, client) = Script::with_client(State {
        faults,
        ..State::default()
    })
    .await;
    let (answered, totals) = timeout(Duration::from_secs(20), submit_all(&client))
        .await
        .expect(&what);
    assert_eq!(answered, expected_ids(), "{what}");
    assert_eq!(
        (totals.batch_count, totals.stored_count),
        (BATCHES, 27),
        "{what}"
    );
    script.read(|state| {
        assert_eq!(state.stored.len(), 27, "{what}: every row is stored");
        assert!(
            state.stored.values().all(|&times| times == 1),
            "{what}: and once"
        );
        state.faults.len()
    })
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_when_the_wire_is_cut_at_any_message() {
    for index in 0..BATCHES {
        for fault in [
            Fault::CutBeforeStoring,
            Fault::CutBeforeAnswering,
            Fault::CutAfterAnswering,
            Fault::End,
        ] {
            assert_eq!(survives([(index, fault)]).await, 0);
        }
    }
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_when_the_wire_is_cut_again_and_again() {
    let cuts = [
        Fault::CutBeforeAnswering,
        Fault::CutBeforeStoring,
        Fault::CutAfterAnswering,
        Fault::End,
    ];
    let left = survives((0..24).step_by(3).zip(cuts.into_iter().cycle())).await;
    assert!(
        left <= 4,
        "at least half of the faults came into play, {left} did not"
    );
}

#[tokio::test]
async fn a_message_that_the_service_had_no_time_for_is_sent_again_in_its_place() {
    let busy = v1::SubmissionError {
        code: Code::Unavailable as i32,
        ..Default::default()
    };
    for index in 0..BATCHES {
        let twice = [index, index + 1].map(|index| (index, Fault::Refuse(busy.clone())));
        assert_eq!(survives(twice).await, 0);
    }
}

#[tokio::test]
async fn a_refused_batch_is_answered_with_its_reason_and_the_stream_goes_on() {
    let error = v1::SubmissionError {
        code: Code::InvalidArgument as i32,
        message: "1 field breaks a rule".to_owned(),
        reason: "INVALID_FIELD".to_owned(),
        violations: vec![v1::FieldViolation {
            field: "results[1].concentration".to_owned(),
            ..Default::default()
        }],
    };
    let faults = HashMap::from([(1, Fault::Refuse(error))]);
    let (_script, client) = Script::with_client(State {
        faults,
        ..State::default()
    })
    .await;
    let mut submitter = client.submissions("studies/s");
    for n in 0..3 {
        submitter.send(batch(&format!("b{n}"), 2)).await.unwrap();
    }
    let mut outcomes = Vec::new();
    while let Some(answer) = submitter.next_acknowledgement().await.unwrap() {
        outcomes.push(answer.outcome);
    }
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok());
    let error = outcomes[1].as_ref().unwrap_err();
    assert!(error.is(v1::ErrorReason::InvalidField));
    assert_eq!(error.violations()[0].field, "results[1].concentration");
    let totals = submitter.finish().await.unwrap();
    assert_eq!((totals.stored_count, totals.refused_count), (4, 2));
    assert_eq!(totals.refused_batches.len(), 1);
}

#[tokio::test]
async fn no_more_is_under_way_than_the_window_allows() {
    let faults = (0..BATCHES).map(|index| (index, Fault::Silence)).collect();
    let (script, client) = Script::with_client(State {
        faults,
        ..State::default()
    })
    .await;
    let mut submitter = client.submissions_with_window("studies/s", 3);
    for n in 0..3 {
        submitter.send(batch(&format!("b{n}"), 1)).await.unwrap();
    }
    let fourth = timeout(Duration::from_millis(300), submitter.send(batch("b3", 1))).await;
    assert!(fourth.is_err(), "send waits while the window is full");
    assert_eq!(
        script.read(|state| (state.received.len(), state.most_under_way)),
        (3, 3)
    );
}

#[tokio::test]
async fn a_connection_that_never_comes_back_is_given_up_and_says_so_everywhere() {
    let faults = (0..100)
        .map(|index| (index, Fault::CutBeforeStoring))
        .collect();
    let (script, client) = Script::with_client(State {
        faults,
        ..State::default()
    })
    .await;
    let mut submitter = client.submissions("studies/s");
    submitter.send(batch("b0", 1)).await.unwrap();
    let error = submitter.next_acknowledgement().await.unwrap_err();
    assert_eq!(error.code(), Code::Unavailable, "{error}");
    assert_eq!(
        submitter.send(batch("b1", 1)).await.unwrap_err().code(),
        Code::Unavailable
    );
    assert_eq!(
        script.read(|state| state.received.len()),
        5,
        "the policy's tries"
    );
}

#[tokio::test]
async fn a_service_that_answers_what_was_not_asked_is_not_believed() {
    let faults = HashMap::from([(0, Fault::AnswerAnother)]);
    let (_script, client) = Script::with_client(State {
        faults,
        ..State::default()
    })
    .await;
    let mut submitter = client.submissions("studies/s");
    submitter.send(batch("b0", 1)).await.unwrap();
    let error = submitter.finish().await.unwrap_err();
    assert!(
        matches!(error, diel_client::Error::Protocol { .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_service_that_stays_silent_is_given_up_in_time() {
    let faults = HashMap::from([(0, Fault::Silence)]);
    let (_script, url) = Script::start(State {
        faults,
        ..State::default()
    })
    .await;
    let options = diel_client::ClientOptions::new(url).request_timeout(Duration::from_millis(100));
    let client = Client::with_options(options).await.unwrap();
    let mut submitter = client.submissions("studies/s");
    submitter.send(batch("b0", 1)).await.unwrap();
    let error = submitter.finish().await.unwrap_err();
    assert!(matches!(error, diel_client::Error::Timeout), "{error}");
}
