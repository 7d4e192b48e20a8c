//! The path of a sample: in through gRPC, durable, profiled, judged, flagged, reviewed.

use diel_proto::v1 as pb;
use diel_proto::v1::measurement::Outcome;
use diel_tests::rows::{DAY, FIRST_AWAKENING, at, person, row, submission};
use diel_tests::service::TestService;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::on_both_engines;

on_both_engines!(
    metrics_and_flags_are_readable_when_the_submission_is_answered,
    specimens_before_results_and_results_before_specimens_end_alike,
    a_repeated_request_has_its_first_answer,
    values_come_back_bit_equal,
    a_restart_loses_nothing,
    analysis_without_storage_says_the_same,
    the_posterior_of_a_line_comes_where_it_is_asked_for,
);

pub(crate) async fn submit(
    service: &TestService,
    study: &str,
    rows: Vec<pb::ResultInput>,
) -> pb::SubmitBatchResponse {
    service
        .submissions()
        .submit_batch(submission(study, rows))
        .await
        .unwrap()
        .into_inner()
}

pub(crate) async fn rhythm(service: &TestService, study: &str, participant: &str) -> pb::Rhythm {
    let name = format!("studies/{study}/participants/{participant}/rhythm");
    service
        .rhythms()
        .get_rhythm(pb::GetRhythmRequest {
            name,
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner()
}

pub(crate) async fn flags(service: &TestService, study: &str) -> Vec<pb::Flag> {
    let request = pb::ListFlagsRequest {
        parent: format!("studies/{study}"),
        ..Default::default()
    };
    service
        .reviews()
        .list_flags(request)
        .await
        .unwrap()
        .into_inner()
        .flags
}

/// Someone whose line is flat and whose samples lie on it exactly: flagged under any sensible policy.
pub(crate) fn flat(participant: &str) -> Vec<pb::ResultInput> {
    person(participant, 6, 1.6, 0.02)
}

async fn metrics_and_flags_are_readable_when_the_submission_is_answered(service: TestService) {
    service.create_study("s").await.unwrap();
    let mut rows = person("steep", 3, 1.63, -0.0965);
    rows.extend(flat("flat"));
    let answer = submit(&service, "s", rows).await;
    assert_eq!(
        (
            answer.stored_count,
            answer.waiting_count,
            answer.profile_count
        ),
        (45, 0, 9)
    );
    assert_eq!(answer.raised_flags.len(), 1);

    let steep = rhythm(&service, "s", "steep").await;
    assert_eq!(
        (steep.day_count, steep.valid_day_count, steep.sample_count),
        (3, 3, 12)
    );
    assert!(
        (steep.slope_ln_per_h.unwrap() + 0.0965).abs() < 1e-9,
        "the line it was made from"
    );
    assert_eq!(steep.verdict(), pb::Verdict::NotFlat);
    let flat = rhythm(&service, "s", "flat").await;
    assert_eq!(flat.verdict(), pb::Verdict::FlatForReview);
    assert!(flat.probability_flat.unwrap() > 0.8 && flat.reliability.unwrap() > 0.0);
    assert_eq!(flat.flag, answer.raised_flags[0]);
    assert_eq!(flat.input_digest.len(), 64);

    let flags = flags(&service, "s").await;
    assert_eq!(flags.len(), 1);
    let evidence = flags[0].evidence.as_ref().unwrap();
    assert_eq!(Some(evidence.probability_flat), flat.probability_flat);
    assert_eq!(evidence.input_digest, flat.input_digest);
    assert_eq!(evidence.policy, "studies/s/policies/1");

    let name = "studies/s/participants/steep/profiles/2026-01-13".to_owned();
    let profile = service
        .rhythms()
        .get_profile(pb::GetProfileRequest { name })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(profile.samples.len(), 5);
    assert!(
        profile
            .samples
            .windows(2)
            .all(|pair| pair[0].hours_since_awakening < pair[1].hours_since_awakening)
    );
    assert_eq!(
        profile
            .samples
            .iter()
            .filter(|sample| sample.used_in_slope)
            .count(),
        4,
        "the CAR sample is left out"
    );
    assert!((profile.slope_regression_ln_per_h.unwrap() + 0.0965).abs() < 1e-9);
    assert!((profile.slope_wake_bed_ln_per_h.unwrap() + 0.0965).abs() < 1e-9);
}

async fn specimens_before_results_and_results_before_specimens_end_alike(service: TestService) {
    service.create_study("s").await.unwrap();
    for (code, specimens_first) in [("early", true), ("late", false)] {
        let rows = flat(code);
        let registration = pb::RegisterSpecimensRequest {
            parent: "studies/s".into(),
            specimens: rows
                .iter()
                .map(|row| pb::SpecimenInput {
                    specimen: row.specimen.clone(),
                    collection: row.collection.clone(),
                })
                .collect(),
            ..Default::default()
        };
        let bare: Vec<_> = rows
            .iter()
            .cloned()
            .map(|row| pb::ResultInput {
                collection: None,
                ..row
            })
            .collect();
        if specimens_first {
            let registered = service
                .submissions()
                .register_specimens(registration)
                .await
                .unwrap()
                .into_inner();
            assert_eq!(
                (registered.stored_count, registered.raised_flags.len()),
                (30, 0)
            );
            let answer = submit(&service, "s", bare).await;
            assert_eq!((answer.waiting_count, answer.raised_flags.len()), (0, 1));
        } else {
            let answer = submit(&service, "s", bare).await;
            assert_eq!(
                (
                    answer.stored_count,
                    answer.waiting_count,
                    answer.profile_count
                ),
                (30, 30, 0)
            );
            let waiting = pb::ListSpecimensRequest {
                parent: "studies/s".into(),
                filter: Some(pb::SpecimenFilter {
                    state: pb::SpecimenState::WaitingForCollection as i32,
                    ..Default::default()
                }),
                ..Default::default()
            };
            let seen = service
                .submissions()
                .list_specimens(waiting)
                .await
                .unwrap()
                .into_inner()
                .specimens;
            assert_eq!(seen.len(), 30, "what waits is visible");
            let registered = service
                .submissions()
                .register_specimens(registration)
                .await
                .unwrap()
                .into_inner();
            assert_eq!(registered.raised_flags.len(), 1);
        }
    }
    let (early, late) = (
        rhythm(&service, "s", "early").await,
        rhythm(&service, "s", "late").await,
    );
    assert_eq!(
        early.input_digest, late.input_digest,
        "the same inputs, whatever came first"
    );
    assert_eq!(early.probability_flat, late.probability_flat);
}

async fn a_repeated_request_has_its_first_answer(service: TestService) {
    service.create_study("s").await.unwrap();
    let request = pb::SubmitBatchRequest {
        request_id: "0199-a".into(),
        ..submission("s", flat("P"))
    };
    let first = service
        .submissions()
        .submit_batch(request.clone())
        .await
        .unwrap()
        .into_inner();
    let again = service
        .submissions()
        .submit_batch(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert!(!first.answered_before);
    let said_again = pb::SubmitBatchResponse {
        answered_before: true,
        ..first
    };
    assert_eq!(again, said_again);
    let other = pb::SubmitBatchRequest {
        results: person("Q", 1, 1.0, -0.1),
        ..request
    };
    let status = service.submissions().submit_batch(other).await.unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists);
    assert_eq!(
        status.get_error_details().error_info().unwrap().reason,
        "REQUEST_ID_REUSED"
    );
    let batches = service
        .submissions()
        .list_batches(pb::ListBatchesRequest {
            parent: "studies/s".into(),
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner()
        .batches;
    assert_eq!(batches.len(), 1);
}

async fn values_come_back_bit_equal(service: TestService) {
    service.create_study("s").await.unwrap();
    let values = [
        0.1 + 0.2,
        1.0 / 3.0,
        5e-324,
        1e-300,
        999_999.999_999_9,
        0.0,
        27.589,
        f64::MIN_POSITIVE,
    ];
    let rows: Vec<_> = values
        .iter()
        .zip(0_i32..)
        .map(|(value, index)| {
            let mut row = row("P", 0, f64::from(index), *value);
            row.specimen = format!("tube {index}");
            row.collection
                .as_mut()
                .unwrap()
                .collection_time
                .as_mut()
                .unwrap()
                .nanos = 123_456_000;
            row
        })
        .collect();
    submit(&service, "s", rows.clone()).await;
    for row in rows {
        let name = format!("studies/s/specimens/{}", row.specimen);
        let back = service
            .submissions()
            .get_specimen(pb::GetSpecimenRequest { name })
            .await
            .unwrap()
            .into_inner();
        let Some(Outcome::Value(sent)) = row.concentration.unwrap().outcome else {
            panic!("a value")
        };
        let Some(Outcome::Value(stored)) = back.result.unwrap().concentration.unwrap().outcome
        else {
            panic!("a value")
        };
        assert_eq!(sent.to_bits(), stored.to_bits(), "{sent}");
        assert_eq!(
            back.collection.unwrap().collection_time,
            row.collection.unwrap().collection_time
        );
    }
}

async fn a_restart_loses_nothing(service: TestService) {
    service.create_study("s").await.unwrap();
    submit(&service, "s", flat("P")).await;
    let before = rhythm(&service, "s", "P").await;
    let database = service.stop().await;
    let service = TestService::start(database).await.unwrap();
    assert_eq!(rhythm(&service, "s", "P").await, before);
}

async fn analysis_without_storage_says_the_same(service: TestService) {
    service.create_study("s").await.unwrap();
    let mut rows = flat("P");
    // Bedtime after midnight, local time, belongs to the day that began the morning before.
    let facts = rows[4].collection.as_mut().unwrap();
    facts.collection_time = Some(at(FIRST_AWAKENING + 17 * 3600 + 40 * 60));
    facts.awakening_time = Some(at(FIRST_AWAKENING));
    rows[9].collection.as_mut().unwrap().awakening_time = Some(at(FIRST_AWAKENING + DAY));
    submit(&service, "s", rows.clone()).await;
    let stored = rhythm(&service, "s", "P").await;
    let request = pb::AnalyzeRequest {
        results: rows,
        policy: None,
        time_zone: "Europe/Berlin".into(),
    };
    let fresh = service
        .rhythms()
        .analyze(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(fresh.rhythms.len(), 1);
    assert_eq!(fresh.rhythms[0].input_digest, stored.input_digest);
    assert_eq!(fresh.rhythms[0].probability_flat, stored.probability_flat);
    assert_eq!(fresh.profiles.len(), 6);
    assert_eq!(
        fresh.profiles[0].samples.len(),
        5,
        "00:40 is still the first day's"
    );
    let requests = tokio_stream::iter([
        pb::AnalyzeStreamRequest {
            request: Some(request.clone()),
        },
        pb::AnalyzeStreamRequest {
            request: Some(request),
        },
    ]);
    let mut answers = service
        .rhythms()
        .analyze_stream(requests)
        .await
        .unwrap()
        .into_inner();
    for _ in 0..2 {
        assert_eq!(
            answers.message().await.unwrap().unwrap().response.unwrap(),
            fresh
        );
    }
    assert!(answers.message().await.unwrap().is_none());
}

/// What is drawn of a person: the same of what is stored and of what is only analysed, and nothing unasked.
async fn the_posterior_of_a_line_comes_where_it_is_asked_for(service: TestService) {
    service.create_study("s").await.unwrap();
    let rows = flat("P");
    submit(&service, "s", rows.clone()).await;
    let unasked = rhythm(&service, "s", "P").await;
    assert_eq!(unasked.posterior_line, None);
    let request = pb::GetRhythmRequest {
        name: unasked.name.clone(),
        with_posterior_line: true,
    };
    let asked = service.rhythms().get_rhythm(request).await.unwrap();
    let asked = asked.into_inner();
    let line = asked.posterior_line.unwrap();
    let unchanged = pb::Rhythm {
        posterior_line: None,
        ..asked
    };
    assert_eq!(unchanged, unasked);
    assert_eq!(Some(line.slope_ln_per_h), unasked.posterior_slope_ln_per_h);
    let variance = unasked.posterior_sd.unwrap().powi(2);
    assert!((line.slope_variance - variance).abs() < 1e-15);
    // Samples that begin at 1.6 ln(nmol/L), given the reference: 1.62.
    assert!((1.60..1.65).contains(&line.intercept_ln), "{line:?}");
    assert!(line.intercept_slope_covariance.powi(2) < line.intercept_variance * variance);
    let request = pb::AnalyzeRequest {
        results: rows,
        policy: None,
        time_zone: "Europe/Berlin".into(),
    };
    let fresh = service.rhythms().analyze(request).await.unwrap();
    assert_eq!(fresh.into_inner().rhythms[0].posterior_line, Some(line));
}
