//! Sampling protocols, compliance and duplicates, over gRPC.

use diel_proto::v1 as pb;
use diel_proto::v1::Timing::{NotKnown, NotPlanned, Outside, Within};
use diel_proto::v1::protocol_sample::Due;
use diel_tests::rows::{FIRST_AWAKENING, at, person};
use diel_tests::service::TestService;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::on_both_engines;
use crate::path::{rhythm, submit};

on_both_engines!(
    a_protocol_has_versions_that_stay,
    a_protocol_that_breaks_rules_is_refused,
    tubes_are_held_against_the_protocol_and_slopes_do_not_change,
    tubes_that_may_be_one_are_found_page_by_page,
);

fn sample(label: &str, due: Due) -> pb::ProtocolSample {
    pb::ProtocolSample {
        label: label.to_owned(),
        due: Some(due),
        ..Default::default()
    }
}

fn request(samples: Vec<pb::ProtocolSample>, replaced_version: i64) -> pb::UpdateProtocolRequest {
    pb::UpdateProtocolRequest {
        parent: "studies/s".to_owned(),
        protocol: Some(pb::Protocol {
            samples,
            day_count: Some(3),
            ..Default::default()
        }),
        replaced_version,
        ..Default::default()
    }
}

fn day() -> Vec<pb::ProtocolSample> {
    vec![
        sample("S0", Due::MinutesAfterAwakening(0.0)),
        sample("S1", Due::MinutesAfterAwakening(30.0)),
        pb::ProtocolSample {
            early_tolerance_minutes: Some(30.0),
            late_tolerance_minutes: Some(30.0),
            ..sample("S2", Due::ClockTime("11:00".to_owned()))
        },
        sample("S3", Due::Bedtime(true)),
    ]
}

async fn a_protocol_has_versions_that_stay(service: TestService) {
    service.create_study("s").await.unwrap();
    let mut specimens = service.specimens();
    let name = "studies/s/protocols/current".to_owned();
    let none = specimens
        .get_protocol(pb::GetProtocolRequest { name: name.clone() })
        .await;
    assert_eq!(none.unwrap_err().code(), Code::NotFound);
    let mut first = request(day(), 0);
    first.request_id = "first".to_owned();
    first.validate_only = true;
    let trial = specimens.update_protocol(first.clone()).await.unwrap();
    assert_eq!(trial.into_inner().version, 1);
    first.validate_only = false;
    let stored = specimens
        .update_protocol(first.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!((stored.version, stored.samples.len()), (1, 4));
    // The default is written out, so that it never changes under a version.
    assert_eq!(stored.samples[1].late_tolerance_minutes, Some(5.0));
    assert_eq!(
        stored.samples[2].due,
        Some(Due::ClockTime("11:00".to_owned()))
    );
    assert_eq!(stored.samples[3].late_tolerance_minutes, None);
    let again = specimens.update_protocol(first).await.unwrap().into_inner();
    assert_eq!(again, stored);
    let stale = specimens.update_protocol(request(day(), 0)).await;
    assert_eq!(stale.unwrap_err().code(), Code::Aborted);
    let second = specimens
        .update_protocol(request(day()[..1].to_vec(), 1))
        .await;
    assert_eq!(second.unwrap().into_inner().version, 2);
    let current = specimens
        .get_protocol(pb::GetProtocolRequest { name })
        .await;
    assert_eq!(current.unwrap().into_inner().samples.len(), 1);
    let mut list = pb::ListProtocolsRequest {
        parent: "studies/s".to_owned(),
        page_size: 1,
        ..Default::default()
    };
    let page = specimens
        .list_protocols(list.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(page.protocols[0].version, 2);
    list.page_token = page.next_page_token;
    let page = specimens.list_protocols(list).await.unwrap().into_inner();
    assert_eq!(
        (&page.protocols[0], page.next_page_token.as_str()),
        (&stored, "")
    );
}

async fn a_protocol_that_breaks_rules_is_refused(service: TestService) {
    service.create_study("s").await.unwrap();
    let one_sided = pb::ProtocolSample {
        early_tolerance_minutes: Some(5.0),
        ..sample("S", Due::MinutesAfterAwakening(0.0))
    };
    let undue = pb::ProtocolSample {
        label: "S".to_owned(),
        ..Default::default()
    };
    for (samples, field) in [
        (Vec::new(), "protocol.samples"),
        (vec![undue], "protocol.samples[0].due"),
        (
            vec![one_sided],
            "protocol.samples[0].late_tolerance_minutes",
        ),
        (
            vec![sample("S", Due::ClockTime("25:00".to_owned()))],
            "protocol.samples[0].clock_time",
        ),
        (
            vec![sample("S", Due::Bedtime(false))],
            "protocol.samples[0].bedtime",
        ),
        (
            vec![sample("S", Due::MinutesAfterAwakening(240.0))],
            "protocol.samples[0].early_tolerance_minutes",
        ),
        (
            vec![
                sample("S", Due::Bedtime(true)),
                sample("S", Due::Bedtime(true)),
            ],
            "protocol.samples[1].label",
        ),
    ] {
        let refused = service
            .specimens()
            .update_protocol(request(samples, 0))
            .await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        let details = refused.get_error_details();
        let named = &details.bad_request().unwrap().field_violations;
        assert_eq!(named[0].field, field, "{named:?}");
    }
}

/// Two people over three days; their tubes have labels, sources, and one is 7 min late.
async fn sampled(service: &TestService) {
    service.create_study("s").await.unwrap();
    for code in ["A", "B"] {
        let mut rows = person(code, 3, 1.63, -0.0965);
        for (at, row) in rows.iter_mut().enumerate() {
            let facts = row.collection.as_mut().unwrap();
            facts.label = format!("S{}", at % 5);
            facts.collection_time_source = pb::TimeSource::Electronic.into();
            facts.awakening_source = pb::TimeSource::SelfReport.into();
        }
        let late = rows[1].collection.as_mut().unwrap();
        late.collection_time = Some(at(FIRST_AWAKENING + 37 * 60));
        submit(service, "s", rows).await;
    }
}

async fn tubes_are_held_against_the_protocol_and_slopes_do_not_change(service: TestService) {
    sampled(&service).await;
    let before = rhythm(&service, "s", "A").await;
    let mut specimens = service.specimens();
    let mut list = pb::ListComplianceRequest {
        parent: "studies/s".to_owned(),
        page_size: 1,
        ..Default::default()
    };
    let without = specimens.list_compliance(list.clone()).await.unwrap_err();
    assert_eq!(without.code(), Code::NotFound);
    specimens.update_protocol(request(day(), 0)).await.unwrap();
    let page = specimens
        .list_compliance(list.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(page.protocol, "studies/s/protocols/1");
    let found = &page.participants[0];
    assert_eq!((found.participant.as_str(), found.days.len()), ("A", 3));
    assert_eq!(found.missing_day_count, Some(0));
    let first = &found.days[0];
    let timings: Vec<_> = first.samples.iter().map(|sample| sample.timing()).collect();
    assert_eq!(timings, [Within, Outside, Within, NotKnown, NotPlanned]);
    assert_eq!(first.samples[1].deviation_minutes, Some(7.0));
    assert_eq!(first.samples[1].due_local_time, "2026-01-12T07:30:00");
    assert_eq!(first.samples[3].unknown_reason, "bedtime_unknown");
    // Caps know when, but the awakening is the person's word: only what is due by the clock is vouched for.
    assert!(!first.samples[0].electronic && first.samples[2].electronic);
    let counts = found.counts.as_ref().unwrap();
    assert_eq!(
        (
            counts.planned_count,
            counts.taken_count,
            counts.within_count,
            counts.outside_count
        ),
        (12, 12, 8, 1)
    );
    assert_eq!(counts.share_within, Some(8.0 / 9.0));
    list.page_token = page.next_page_token;
    let page = specimens.list_compliance(list).await.unwrap().into_inner();
    assert_eq!(page.participants[0].participant, "B");
    assert_eq!(page.next_page_token, "");
    let one = pb::ListComplianceRequest {
        parent: "studies/s".to_owned(),
        participant: "B".to_owned(),
        protocol: "studies/s/protocols/1".to_owned(),
        ..Default::default()
    };
    let page = specimens.list_compliance(one).await.unwrap().into_inner();
    assert_eq!(page.participants.len(), 1);
    assert_eq!(rhythm(&service, "s", "A").await, before);
}

async fn tubes_that_may_be_one_are_found_page_by_page(service: TestService) {
    sampled(&service).await;
    let mut again = person("B", 1, 1.63, -0.0965);
    again.truncate(1);
    again[0].specimen = "twin".to_owned();
    let facts = again[0].collection.as_mut().unwrap();
    facts.label = "S0".to_owned();
    submit(&service, "s", again).await;
    let mut list = pb::ListDuplicatesRequest {
        parent: "studies/s".to_owned(),
        page_size: 1,
        ..Default::default()
    };
    let mut found = Vec::new();
    loop {
        let page = service.specimens().list_duplicates(list.clone()).await;
        let page = page.unwrap().into_inner();
        found.extend(page.duplicates);
        list.page_token = page.next_page_token;
        if list.page_token.is_empty() {
            break;
        }
    }
    let kinds: Vec<_> = found
        .iter()
        .map(|duplicate| {
            let tubes: Vec<_> = duplicate
                .tubes
                .iter()
                .map(|tube| tube.specimen.as_str())
                .collect();
            (duplicate.participant.as_str(), duplicate.kind(), tubes)
        })
        .collect();
    let twins = vec!["studies/s/specimens/B-0-0", "studies/s/specimens/twin"];
    assert_eq!(
        kinds,
        [
            ("B", pb::DuplicateKind::SameTime, twins.clone()),
            ("B", pb::DuplicateKind::SameLabel, twins),
        ]
    );
}
