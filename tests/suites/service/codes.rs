//! Codes that look like a person are refused, row by row, by the policy of the study.

use diel_proto::v1 as pb;
use diel_tests::rows::{row, submission};
use diel_tests::service::TestService;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::bad_input::specimens;
use crate::bad_rows::facts;
use crate::on_both_engines;

on_both_engines!(
    codes_that_look_like_a_person_are_refused_and_never_echoed,
    a_study_says_which_codes_it_refuses,
);

/// A telling code, and the shape that refuses it.
const TELLING: [(&str, &str); 5] = [
    ("anna.schmidt@example.org", "email_address"),
    ("Schmidt, Anna", "person_name"),
    ("VP-1987-05-04", "date"),
    ("+49 171 2345678", "phone_number"),
    ("811218-9876", "national_number"),
];

fn named(participant: &str) -> pb::ResultInput {
    let mut named = row("P1", 0, 0.0, 12.0);
    named.specimen = "S1".to_owned();
    facts(&mut named).participant = participant.to_owned();
    named
}

async fn codes_that_look_like_a_person_are_refused_and_never_echoed(service: TestService) {
    service.create_study("codes").await.unwrap();
    for (code, shape) in TELLING {
        let request = submission("codes", vec![named(code)]);
        let status = service
            .submissions()
            .submit_batch(request)
            .await
            .unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{code}");
        let details = status.get_error_details();
        let violations = &details.bad_request().unwrap().field_violations;
        assert_eq!(violations[0].field, "results[0].collection.participant");
        let text = &violations[0].description;
        assert!(text.starts_with(&format!("{shape}: ")), "{code}: {text}");
        assert!(
            text.contains("--refuse-codes"),
            "how to turn it off: {text}"
        );
        assert!(!status.message().contains(code), "{}", status.message());
    }
    let mut tube = row("P1", 0, 0.0, 12.0);
    tube.specimen = "anna@example.org".to_owned();
    let refused = service
        .submissions()
        .submit_batch(submission("codes", vec![tube.clone()]))
        .await
        .unwrap_err();
    assert!(!refused.message().contains("anna@"), "{refused:?}");
    assert_eq!(specimens(&service, "codes").await, 0);

    // The tube may say when it was filled, and the other rows of a batch are stored.
    tube.specimen = "P1.20260301T060500Z".to_owned();
    let mut request = submission("codes", vec![tube, named("Anna Schmidt")]);
    request.allow_partial = true;
    let answer = service.submissions().submit_batch(request).await.unwrap();
    assert_eq!(answer.get_ref().stored_count, 1);
    assert_eq!(answer.get_ref().refused_rows, [1]);
}

async fn a_study_says_which_codes_it_refuses(service: TestService) {
    let study = service.create_study("codes").await.unwrap();
    let usual = study.code_policy.clone().unwrap().refused_shapes;
    assert_eq!(usual.len(), 5, "all but eight digits");
    assert!(!usual.contains(&(pb::CodeShape::DigitsDate as i32)));

    let number = submission("codes", vec![named("19870504")]);
    let taken = service.submissions().submit_batch(number.clone()).await;
    assert_eq!(taken.unwrap().get_ref().stored_count, 1, "a running number");

    let update = |study: pb::Study, shapes: &[pb::CodeShape]| pb::UpdateStudyRequest {
        study: Some(pb::Study {
            code_policy: Some(pb::CodePolicy {
                refused_shapes: shapes.iter().map(|shape| *shape as i32).collect(),
            }),
            ..study
        }),
        update_mask: Some(prost_types::FieldMask {
            paths: vec!["code_policy".to_owned()],
        }),
        validate_only: false,
    };
    let request = update(study, &[pb::CodeShape::DigitsDate]);
    let study = service.studies().update_study(request).await.unwrap();
    let refused = service
        .submissions()
        .submit_batch(number)
        .await
        .unwrap_err();
    assert!(refused.message().contains("digits_date"), "{refused:?}");

    let request = update(study.into_inner(), &[]);
    let study = service.studies().update_study(request).await.unwrap();
    assert_eq!(study.get_ref().display_name, "Study codes");
    let mut other = named("Anna Schmidt");
    other.specimen = "S2".to_owned();
    let taken = service
        .submissions()
        .submit_batch(submission("codes", vec![other]))
        .await
        .unwrap();
    assert_eq!(taken.get_ref().stored_count, 1);

    let trail = pb::ListAuditEntriesRequest {
        parent: "studies/codes".to_owned(),
        filter: Some(pb::AuditFilter {
            action: "update_study".to_owned(),
            ..pb::AuditFilter::default()
        }),
        ..pb::ListAuditEntriesRequest::default()
    };
    let entries = service.audits().list_audit_entries(trail).await.unwrap();
    let entries = &entries.get_ref().entries;
    assert_eq!(entries.len(), 2);
    assert!(entries[1].before_json.contains("digits_date"));
    assert!(entries[1].after_json.contains(r#""refused_codes":[]"#));
}
