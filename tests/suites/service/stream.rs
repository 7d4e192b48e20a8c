//! Streams: an answer a message, in order, durable; results in pages and in streams are the same.

use diel_proto::v1 as pb;
use diel_tests::rows::{nmol, person, submission};
use diel_tests::service::TestService;

use crate::on_both_engines;

on_both_engines!(
    each_message_is_answered_in_order_and_a_bad_one_does_not_end_the_stream,
    a_stream_that_breaks_is_taken_up_without_loss_or_duplicates,
    pages_and_streams_cover_everything_once,
);

fn message(id: &str, rows: Vec<pb::ResultInput>) -> pb::SubmitBatchesRequest {
    let one = pb::SubmitBatchRequest {
        request_id: id.to_owned(),
        ..submission("s", rows)
    };
    pb::SubmitBatchesRequest {
        submission: Some(one),
    }
}

async fn each_message_is_answered_in_order_and_a_bad_one_does_not_end_the_stream(
    service: TestService,
) {
    service.create_study("s").await.unwrap();
    let mut bad = person("B", 1, 1.0, -0.1);
    bad[3].concentration = Some(nmol(-1.0));
    let requests = vec![
        message("1", person("A", 1, 1.0, -0.1)),
        message("2", bad),
        message("", person("X", 1, 1.0, -0.1)),
        message("3", person("C", 1, 1.0, -0.1)),
    ];
    let mut answers = service
        .submissions()
        .submit_batches(tokio_stream::iter(requests))
        .await
        .unwrap()
        .into_inner();
    let mut seen = Vec::new();
    while let Some(answer) = answers.message().await.unwrap() {
        seen.push(answer);
    }
    assert_eq!(
        seen.iter()
            .map(|answer| answer.request_id.as_str())
            .collect::<Vec<_>>(),
        ["1", "2", "", "3"]
    );
    let Some(pb::submit_batches_response::Result::Error(error)) = &seen[1].result else {
        panic!("{:?}", seen[1])
    };
    assert_eq!((error.code, error.reason.as_str()), (3, "INVALID_FIELD"));
    assert_eq!(error.violations[0].field, "results[3].concentration");
    let Some(pb::submit_batches_response::Result::Error(error)) = &seen[2].result else {
        panic!("{:?}", seen[2])
    };
    assert!(error.message.contains("request_id"), "{}", error.message);
    let participants = service
        .studies()
        .list_participants(pb::ListParticipantsRequest {
            parent: "studies/s".into(),
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner()
        .participants;
    assert_eq!(participants.len(), 2, "A and C, nothing of B and X");
}

async fn a_stream_that_breaks_is_taken_up_without_loss_or_duplicates(service: TestService) {
    service.create_study("s").await.unwrap();
    let all: Vec<_> = (0..40)
        .map(|i| message(&format!("r{i}"), person(&format!("P{i:02}"), 2, 1.0, -0.1)))
        .collect();
    let mut answered = 0;
    let mut connections = 0;
    while answered < all.len() {
        connections += 1;
        let rest: Vec<_> = all[answered..].to_vec();
        let mut answers = service
            .submissions()
            .submit_batches(tokio_stream::iter(rest))
            .await
            .unwrap()
            .into_inner();
        for _ in 0..7 {
            match answers.message().await.unwrap() {
                Some(answer) => {
                    assert_eq!(answer.request_id, format!("r{answered}"));
                    answered += 1;
                }
                None => break,
            }
        }
        // Dropped here with messages sent and not yet answered: the connection broke.
    }
    assert!(connections > 5);
    let mut specimens = 0;
    let mut page_token = String::new();
    loop {
        let page = service
            .submissions()
            .list_specimens(pb::ListSpecimensRequest {
                parent: "studies/s".into(),
                page_size: 150,
                page_token,
                ..Default::default()
            })
            .await
            .unwrap()
            .into_inner();
        specimens += page.specimens.len();
        assert!(
            page.specimens
                .iter()
                .all(|specimen| specimen.result.as_ref().unwrap().revision == 1)
        );
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(specimens, 40 * 10);
}

async fn pages_and_streams_cover_everything_once(service: TestService) {
    service.create_study("s").await.unwrap();
    for chunk in 0..3 {
        let mut rows = Vec::new();
        for i in 0..50 {
            let slope = -0.12 + 0.001 * f64::from(i);
            let mut person = person(&format!("P{:03}", chunk * 50 + i), 3, 1.6, slope);
            for row in &mut person {
                row.collection.as_mut().unwrap().group =
                    if i % 2 == 0 { "even" } else { "odd" }.into();
            }
            rows.extend(person);
        }
        service
            .submissions()
            .submit_batch(submission("s", rows))
            .await
            .unwrap();
    }
    for (filter, expected) in [
        (pb::ProfileFilter::default(), 450),
        (
            pb::ProfileFilter {
                groups: vec!["even".into()],
                ..Default::default()
            },
            225,
        ),
        (
            pb::ProfileFilter {
                groups: vec!["even".into(), "odd".into()],
                first_date: "2026-01-13".into(),
                ..Default::default()
            },
            300,
        ),
        (
            pb::ProfileFilter {
                participant: "P007".into(),
                ..Default::default()
            },
            3,
        ),
        (
            pb::ProfileFilter {
                max_slope_ln_per_h: Some(-0.11 + 1e-9),
                ..Default::default()
            },
            11 * 9,
        ),
        (
            pb::ProfileFilter {
                min_age_years: Some(40.0),
                ..Default::default()
            },
            0,
        ),
        (
            pb::ProfileFilter {
                valid_only: true,
                last_date: "2026-01-12".into(),
                ..Default::default()
            },
            150,
        ),
    ] {
        let mut paged = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = pb::ListProfilesRequest {
                parent: "studies/s".into(),
                filter: Some(filter.clone()),
                page_size: 37,
                page_token,
            };
            let page = service
                .rhythms()
                .list_profiles(request)
                .await
                .unwrap()
                .into_inner();
            assert!(page.profiles.len() <= 37);
            paged.extend(page.profiles);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(paged.len(), expected, "{filter:?}");
        assert!(
            paged
                .windows(2)
                .all(|pair| (&pair[0].participant, &pair[0].sampling_date)
                    < (&pair[1].participant, &pair[1].sampling_date))
        );
        let mut streamed = Vec::new();
        let mut messages = service
            .rhythms()
            .stream_profiles(pb::StreamProfilesRequest {
                parent: "studies/s".into(),
                filter: Some(filter),
                ..Default::default()
            })
            .await
            .unwrap()
            .into_inner();
        while let Some(message) = messages.message().await.unwrap() {
            streamed.extend(message.profiles);
        }
        assert_eq!(streamed, paged);
    }
    let rhythms = |filter| pb::ListRhythmsRequest {
        parent: "studies/s".into(),
        filter: Some(filter),
        page_size: 1000,
        ..Default::default()
    };
    let flat = pb::RhythmFilter {
        verdicts: vec![pb::Verdict::FlatForReview as i32],
        flag_states: vec![pb::FlagState::Open as i32],
        ..Default::default()
    };
    let flat = service
        .rhythms()
        .list_rhythms(rhythms(flat))
        .await
        .unwrap()
        .into_inner()
        .rhythms;
    let flags = service
        .reviews()
        .list_flags(pb::ListFlagsRequest {
            parent: "studies/s".into(),
            page_size: 1000,
            ..Default::default()
        })
        .await
        .unwrap()
        .into_inner()
        .flags;
    assert_eq!(flat.len(), flags.len());
    let probabilities: Vec<_> = flags
        .iter()
        .map(|flag| flag.evidence.as_ref().unwrap().probability_flat)
        .collect();
    assert!(
        probabilities.windows(2).all(|pair| pair[0] >= pair[1]),
        "the most probable first"
    );
    let steep = pb::RhythmFilter {
        max_slope_ln_per_h: Some(-0.1),
        ..Default::default()
    };
    let steep = service
        .rhythms()
        .list_rhythms(rhythms(steep))
        .await
        .unwrap()
        .into_inner()
        .rhythms;
    assert!(
        !steep.is_empty()
            && steep
                .iter()
                .all(|rhythm| rhythm.posterior_slope_ln_per_h.unwrap() <= -0.1)
    );
}
