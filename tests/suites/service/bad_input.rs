//! Bad input: the error names field, value and rule, and the database holds exactly what was good.

use diel_proto::v1 as pb;
use diel_tests::rows::{DAY, FIRST_AWAKENING, at, nmol, row, submission};
use diel_tests::service::TestService;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::bad_rows::facts;
use crate::on_both_engines;

on_both_engines!(
    an_atomic_batch_names_every_bad_row_and_stores_nothing,
    a_partial_batch_keeps_exactly_the_good_rows,
    facts_and_rows_are_told_of_together,
    bad_facts_of_a_batch_are_refused,
    a_stored_specimen_is_not_changed_by_another_value,
    names_pages_and_etags_are_checked,
    bad_studies_are_refused,
    bad_filters_are_refused,
);

/// How many specimens a study has.
pub(crate) async fn specimens(service: &TestService, study: &str) -> usize {
    let request = pb::ListSpecimensRequest {
        parent: format!("studies/{study}"),
        page_size: 1000,
        ..Default::default()
    };
    service
        .submissions()
        .list_specimens(request)
        .await
        .unwrap()
        .into_inner()
        .specimens
        .len()
}

async fn an_atomic_batch_names_every_bad_row_and_stores_nothing(service: TestService) {
    service.create_study("bad").await.unwrap();
    let mut rows: Vec<_> = (0..3000)
        .map(|i| row(&format!("P{i}"), 0, 0.0, 4.0))
        .collect();
    for index in (0..3000).step_by(2) {
        rows[index].concentration = Some(nmol(-1.0));
    }
    rows[2998].concentration = Some(nmol(-1.0));
    rows[2999].concentration = Some(nmol(-1.0));
    let status = service
        .submissions()
        .submit_batch(submission("bad", rows.clone()))
        .await
        .unwrap_err();
    let details = status.get_error_details();
    let violations = &details.bad_request().unwrap().field_violations;
    assert_eq!(violations[0].field, "results[0].concentration");
    assert!(
        violations
            .last()
            .unwrap()
            .description
            .contains("more violations"),
        "{violations:?}"
    );
    assert_eq!(specimens(&service, "bad").await, 0);

    let asked = pb::SubmitBatchRequest {
        validate_only: true,
        allow_partial: true,
        ..submission("bad", rows)
    };
    let answer = service
        .submissions()
        .submit_batch(asked)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        answer.refused_rows.len(),
        1501,
        "each bad row is listed when asked for"
    );
    assert_eq!(answer.violations.len(), 1501);
    assert_eq!(
        specimens(&service, "bad").await,
        0,
        "validate_only stores nothing"
    );
}

async fn a_partial_batch_keeps_exactly_the_good_rows(service: TestService) {
    service.create_study("bad").await.unwrap();
    let mut rows: Vec<_> = [0.0, 0.5, 9.0, 15.0].map(|h| row("P1", 0, h, 4.0)).to_vec();
    rows[1].concentration = Some(nmol(f64::NAN));
    rows[3].specimen = rows[2].specimen.clone();
    let request = pb::SubmitBatchRequest {
        allow_partial: true,
        ..submission("bad", rows)
    };
    let answer = service
        .submissions()
        .submit_batch(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(answer.stored_count, 2);
    assert_eq!(answer.refused_rows, [1, 3]);
    assert!(
        answer
            .violations
            .iter()
            .any(|v| v.field == "results[1].concentration")
    );
    assert!(
        answer
            .violations
            .iter()
            .any(|v| v.field == "results[3].specimen" && v.description.contains("results[2]")),
        "{:?}",
        answer.violations
    );
    assert_eq!(specimens(&service, "bad").await, 2);
}

async fn facts_and_rows_are_told_of_together(service: TestService) {
    service.create_study("bad").await.unwrap();
    let mut rows = vec![row("P1", 0, 0.0, 4.0), row("P1", 0, 0.5, 4.0)];
    rows[1].concentration = Some(nmol(f64::NAN));
    let mut request = submission("bad", rows);
    request.batch.as_mut().unwrap().lab.clear();
    request.controls = vec![pb::ControlMeasurement::default()];
    let status = service.submissions().submit_batch(request).await;
    let details = status.unwrap_err().get_error_details();
    let told = &details.bad_request().unwrap().field_violations;
    let is_told = |start: &str| told.iter().any(|one| one.field.starts_with(start));
    for field in ["batch.lab", "controls[0]", "results[1].concentration"] {
        assert!(is_told(field), "{field}: {told:?}");
    }
    assert!(!is_told("results[0]"), "{told:?}");
}

async fn bad_facts_of_a_batch_are_refused(service: TestService) {
    service.create_study("bad").await.unwrap();
    type SpoilBatch = fn(&mut pb::SubmitBatchRequest);
    let cases: [(SpoilBatch, &str); 11] = [
        (|r| r.batch = None, "batch"),
        (|r| r.batch.as_mut().unwrap().lab.clear(), "batch.lab"),
        (|r| r.batch.as_mut().unwrap().assay.clear(), "batch.assay"),
        (
            |r| r.batch.as_mut().unwrap().plate = "x".repeat(201),
            "batch.plate",
        ),
        (
            |r| r.batch.as_mut().unwrap().limit_of_detection = Some(0.3),
            "batch.limit_unit",
        ),
        (
            |r| {
                let b = r.batch.as_mut().unwrap();
                b.limit_of_detection = Some(f64::NAN);
                b.limit_unit = 1;
            },
            "batch.limit_of_detection",
        ),
        (
            |r| r.batch.as_mut().unwrap().run_date = "12.01.2026".into(),
            "batch.run_date",
        ),
        (
            |r| r.batch.as_mut().unwrap().run_date = "2026-02-30".into(),
            "batch.run_date",
        ),
        (|r| r.results.clear(), "results"),
        (|r| r.parent = "studies/Bad".into(), "parent"),
        (|r| r.request_id = "x".repeat(65), "request_id"),
    ];
    for (spoil, field) in cases {
        let mut request = submission("bad", vec![row("P1", 0, 0.0, 4.0)]);
        spoil(&mut request);
        let status = service
            .submissions()
            .submit_batch(request)
            .await
            .unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{field}: {status:?}");
        let details = status.get_error_details();
        assert_eq!(
            details.bad_request().unwrap().field_violations[0].field,
            field
        );
    }
    let unknown = service
        .submissions()
        .submit_batch(submission("none", vec![row("P1", 0, 0.0, 4.0)]))
        .await
        .unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
    assert!(
        unknown.message().contains("studies/none"),
        "{}",
        unknown.message()
    );
    assert_eq!(specimens(&service, "bad").await, 0);
}

async fn a_stored_specimen_is_not_changed_by_another_value(service: TestService) {
    service.create_study("bad").await.unwrap();
    let first = row("P1", 0, 0.0, 4.1);
    service
        .submissions()
        .submit_batch(submission("bad", vec![first.clone()]))
        .await
        .unwrap();
    let again = service
        .submissions()
        .submit_batch(submission("bad", vec![first.clone()]))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (again.stored_count, again.unchanged_count),
        (0, 1),
        "the same value is a no-op"
    );
    let mut other = first.clone();
    other.concentration = Some(nmol(5.2));
    let status = service
        .submissions()
        .submit_batch(submission("bad", vec![row("P2", 0, 0.0, 4.0), other]))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists);
    let details = status.get_error_details();
    assert_eq!(details.error_info().unwrap().reason, "SPECIMEN_CONFLICT");
    let violation = &details.bad_request().unwrap().field_violations[0];
    assert!(violation.field.starts_with("results[1]"), "{violation:?}");
    assert!(
        violation.description.contains("4.1") && violation.description.contains("5.2"),
        "{violation:?}"
    );
    let mut moved = first;
    facts(&mut moved).collection_time = Some(at(FIRST_AWAKENING + DAY));
    let status = service
        .submissions()
        .submit_batch(submission("bad", vec![moved]))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists);
    assert_eq!(specimens(&service, "bad").await, 1);
}

async fn names_pages_and_etags_are_checked(service: TestService) {
    let study = service.create_study("bad").await.unwrap();
    for (name, code) in [
        ("studies/none", Code::NotFound),
        ("bad", Code::InvalidArgument),
        ("studies/bad/x", Code::InvalidArgument),
        ("", Code::InvalidArgument),
    ] {
        let status = service
            .studies()
            .get_study(pb::GetStudyRequest { name: name.into() })
            .await
            .unwrap_err();
        assert_eq!(status.code(), code, "{name:?}");
    }
    let page = pb::ListProfilesRequest {
        parent: "studies/bad".into(),
        page_token: "nonsense".into(),
        ..Default::default()
    };
    let status = service.rhythms().list_profiles(page).await.unwrap_err();
    assert_eq!(
        status.get_error_details().error_info().unwrap().reason,
        "INVALID_PAGE_TOKEN"
    );
    let stale = pb::UpdateStudyRequest {
        study: Some(pb::Study {
            etag: "v999".into(),
            ..study.clone()
        }),
        ..Default::default()
    };
    let status = service.studies().update_study(stale).await.unwrap_err();
    assert_eq!(
        (
            status.code(),
            status
                .get_error_details()
                .error_info()
                .unwrap()
                .reason
                .as_str()
        ),
        (Code::Aborted, "ETAG_MISMATCH")
    );
    let mask = prost_types::FieldMask {
        paths: vec!["time_zone".into()],
    };
    let status = service
        .studies()
        .update_study(pb::UpdateStudyRequest {
            study: Some(study),
            update_mask: Some(mask),
            ..Default::default()
        })
        .await
        .unwrap_err();
    assert!(
        status.message().contains("time_zone"),
        "{}",
        status.message()
    );
    let flag = pb::ResolveFlagRequest {
        name: "studies/bad/flags/none".into(),
        decision: 1,
        reason: "r".into(),
        etag: "v1".into(),
        ..Default::default()
    };
    assert_eq!(
        service
            .reviews()
            .resolve_flag(flag)
            .await
            .unwrap_err()
            .code(),
        Code::NotFound
    );
}

async fn bad_studies_are_refused(service: TestService) {
    let good = pb::CreateStudyRequest {
        study_id: "fine".into(),
        study: Some(pb::Study {
            display_name: "Fine".into(),
            time_zone: "Europe/Berlin".into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let policy = |policy: pb::Policy| pb::Study {
        policy: Some(policy),
        ..good.study.clone().unwrap()
    };
    let cases = [
        (
            pb::CreateStudyRequest {
                study_id: "Not Fine".into(),
                ..good.clone()
            },
            "study_id",
        ),
        (
            pb::CreateStudyRequest {
                study: None,
                ..good.clone()
            },
            "study",
        ),
        (
            pb::CreateStudyRequest {
                study: Some(pb::Study {
                    time_zone: "CEST".into(),
                    ..good.study.clone().unwrap()
                }),
                ..good.clone()
            },
            "study.time_zone",
        ),
        (
            pb::CreateStudyRequest {
                study: Some(pb::Study {
                    display_name: String::new(),
                    ..good.study.clone().unwrap()
                }),
                ..good.clone()
            },
            "study.display_name",
        ),
        (
            pb::CreateStudyRequest {
                study: Some(policy(pb::Policy {
                    probability: Some(1.5),
                    ..Default::default()
                })),
                ..good.clone()
            },
            "study.policy.probability",
        ),
        (
            pb::CreateStudyRequest {
                study: Some(policy(pb::Policy {
                    min_days: Some(0),
                    ..Default::default()
                })),
                ..good.clone()
            },
            "study.policy.min_days",
        ),
        (
            pb::CreateStudyRequest {
                study: Some(policy(pb::Policy {
                    reference: "martian".into(),
                    ..Default::default()
                })),
                ..good.clone()
            },
            "study.policy.reference",
        ),
    ];
    for (request, field) in cases {
        let status = service.studies().create_study(request).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{field}: {status:?}");
        let details = status.get_error_details();
        assert_eq!(
            details.bad_request().unwrap().field_violations[0].field,
            field,
            "{status:?}"
        );
    }
    let tried = pb::CreateStudyRequest {
        validate_only: true,
        ..good.clone()
    };
    service.studies().create_study(tried).await.unwrap();
    service
        .studies()
        .create_study(good.clone())
        .await
        .expect("validate_only stored nothing");
    let again = service.studies().create_study(good).await.unwrap_err();
    assert_eq!(again.code(), Code::AlreadyExists);
}

async fn bad_filters_are_refused(service: TestService) {
    service.create_study("bad").await.unwrap();
    let ask = |filter: pb::ProfileFilter| pb::ListProfilesRequest {
        parent: "studies/bad".into(),
        filter: Some(filter),
        ..Default::default()
    };
    let cases = [
        (
            pb::ProfileFilter {
                first_date: "yesterday".into(),
                ..Default::default()
            },
            "filter.first_date",
        ),
        (
            pb::ProfileFilter {
                first_date: "2026-02-01".into(),
                last_date: "2026-01-01".into(),
                ..Default::default()
            },
            "filter.first_date",
        ),
        (
            pb::ProfileFilter {
                min_slope_ln_per_h: Some(f64::NAN),
                ..Default::default()
            },
            "filter.min_slope_ln_per_h",
        ),
        (
            pb::ProfileFilter {
                min_age_years: Some(9.0),
                max_age_years: Some(3.0),
                ..Default::default()
            },
            "filter.min_age_years",
        ),
        (
            pb::ProfileFilter {
                groups: vec!["g".into(); 21],
                ..Default::default()
            },
            "filter.groups",
        ),
    ];
    for (filter, field) in cases {
        let status = service
            .rhythms()
            .list_profiles(ask(filter))
            .await
            .unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(
            status
                .get_error_details()
                .bad_request()
                .unwrap()
                .field_violations[0]
                .field,
            field
        );
    }
    let negative = pb::ListProfilesRequest {
        page_size: -1,
        ..ask(pb::ProfileFilter::default())
    };
    assert!(
        service
            .rhythms()
            .list_profiles(negative)
            .await
            .unwrap_err()
            .message()
            .contains("-1")
    );
}
