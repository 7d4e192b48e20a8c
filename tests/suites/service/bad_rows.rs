//! Every field of a row, spoiled in turn.

use diel_proto::v1 as pb;
use diel_proto::v1::measurement::Outcome;
use diel_tests::rows::{at, nmol, row, submission};
use diel_tests::service::TestService;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::bad_input::specimens;
use crate::on_both_engines;

on_both_engines!(each_bad_field_is_named_with_value_and_rule);

type Spoil = fn(&mut pb::ResultInput);

pub(crate) fn facts(row: &mut pb::ResultInput) -> &mut pb::Collection {
    row.collection.as_mut().unwrap()
}

fn concentration(outcome: Outcome) -> Option<pb::Measurement> {
    Some(pb::Measurement {
        outcome: Some(outcome),
        unit: pb::ConcentrationUnit::NmolPerL as i32,
    })
}

/// What is done to a good row, the field that must be named, and words that the description must hold.
const CASES: &[(&str, Spoil, &str, &[&str])] = &[
    (
        "NaN",
        |r| r.concentration = concentration(Outcome::Value(f64::NAN)),
        "concentration",
        &["NaN"],
    ),
    (
        "infinite",
        |r| r.concentration = concentration(Outcome::Value(f64::INFINITY)),
        "concentration",
        &["inf"],
    ),
    (
        "negative",
        |r| r.concentration = concentration(Outcome::Value(-3.0)),
        "concentration",
        &["-3"],
    ),
    (
        "too large",
        |r| r.concentration = concentration(Outcome::Value(1e308)),
        "concentration",
        &["1000000"],
    ),
    (
        "limit of zero",
        |r| r.concentration = concentration(Outcome::Below(0.0)),
        "concentration",
        &["0"],
    ),
    (
        "no outcome",
        |r| {
            r.concentration = Some(pb::Measurement {
                outcome: None,
                unit: 1,
            })
        },
        "concentration",
        &["no outcome"],
    ),
    (
        "no measurement",
        |r| r.concentration = None,
        "concentration",
        &["missing"],
    ),
    (
        "no unit",
        |r| {
            r.concentration = Some(pb::Measurement {
                unit: 0,
                ..nmol(4.0)
            })
        },
        "concentration",
        &["unit"],
    ),
    (
        "unknown unit",
        |r| {
            r.concentration = Some(pb::Measurement {
                unit: 99,
                ..nmol(4.0)
            })
        },
        "concentration.unit",
        &["99"],
    ),
    (
        "no reason why missing",
        |r| r.concentration = concentration(Outcome::Missing(0)),
        "concentration.missing",
        &["0"],
    ),
    (
        "empty specimen",
        |r| r.specimen.clear(),
        "specimen",
        &["empty"],
    ),
    (
        "specimen with a slash",
        |r| r.specimen = "a/b".into(),
        "specimen",
        &["a/b", "/"],
    ),
    (
        "over-long specimen",
        |r| r.specimen = "x".repeat(65),
        "specimen",
        &["65", "64"],
    ),
    (
        "no time",
        |r| facts(r).collection_time = None,
        "collection.collection_time",
        &["missing"],
    ),
    (
        "future",
        |r| facts(r).collection_time = Some(at(4_102_444_800)),
        "collection.collection_time",
        &["2100", "future"],
    ),
    (
        "before 1950",
        |r| facts(r).collection_time = Some(at(-2_208_988_800)),
        "collection.collection_time",
        &["1950"],
    ),
    (
        "year beyond 9999",
        |r| facts(r).collection_time = Some(at(i64::MAX)),
        "collection.collection_time",
        &["9999"],
    ),
    (
        "nanoseconds",
        |r| facts(r).collection_time.as_mut().unwrap().nanos = 1,
        "collection.collection_time",
        &["1 nanoseconds", "microsecond"],
    ),
    (
        "negative nanoseconds",
        |r| facts(r).collection_time.as_mut().unwrap().nanos = -5,
        "collection.collection_time",
        &["-5"],
    ),
    (
        "offset",
        |r| facts(r).collection_utc_offset_minutes = Some(2000),
        "collection.collection_utc_offset_minutes",
        &["2000"],
    ),
    (
        "awakening in the future",
        |r| facts(r).awakening_time = Some(at(4_102_444_800)),
        "collection.awakening_time",
        &["future"],
    ),
    (
        "empty participant",
        |r| facts(r).participant.clear(),
        "collection.participant",
        &["empty"],
    ),
    (
        "participant with a line break",
        |r| facts(r).participant = "a\nb".into(),
        "collection.participant",
        &["\\n"],
    ),
    (
        "over-long label",
        |r| facts(r).label = "x".repeat(65),
        "collection.label",
        &["65", "64"],
    ),
    (
        "negative age",
        |r| facts(r).age_years = Some(-1.0),
        "collection.age_years",
        &["-1", "negative"],
    ),
    (
        "age not a number",
        |r| facts(r).age_years = Some(f64::NAN),
        "collection.age_years",
        &["NaN"],
    ),
    (
        "unknown condition",
        |r| facts(r).conditions = vec![77],
        "collection.conditions[0]",
        &["77"],
    ),
    (
        "unknown sex",
        |r| facts(r).sex = 9,
        "collection.sex",
        &["9"],
    ),
    (
        "unknown source",
        |r| facts(r).awakening_source = 8,
        "collection.awakening_source",
        &["8"],
    ),
    (
        "no replicates",
        |r| r.replicate_count = Some(0),
        "replicate_count",
        &["0", "1000"],
    ),
    (
        "CV of one replicate",
        |r| {
            r.replicate_count = Some(1);
            r.replicate_cv_percent = Some(0.0);
        },
        "replicate_cv_percent",
        &["0 %", "2"],
    ),
    (
        "negative CV",
        |r| {
            r.replicate_count = Some(2);
            r.replicate_cv_percent = Some(-4.0);
        },
        "replicate_cv_percent",
        &["-4"],
    ),
    (
        "over-long well",
        |r| r.well = "A".repeat(17),
        "well",
        &["17", "16"],
    ),
];

async fn each_bad_field_is_named_with_value_and_rule(service: TestService) {
    service.create_study("bad").await.unwrap();
    for (case, spoil, field, words) in CASES {
        let mut bad = row("P1", 0, 0.0, 4.0);
        spoil(&mut bad);
        let good = row("P2", 0, 0.0, 4.0);
        let status = service
            .submissions()
            .submit_batch(submission("bad", vec![good, bad]))
            .await
            .unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{case}: {status:?}");
        let details = status.get_error_details();
        assert_eq!(
            details.error_info().unwrap().reason,
            "INVALID_FIELD",
            "{case}"
        );
        assert_eq!(details.error_info().unwrap().domain, "diel.v1", "{case}");
        let violations = &details.bad_request().unwrap().field_violations;
        assert_eq!(violations.len(), 1, "{case}: {violations:?}");
        assert_eq!(violations[0].field, format!("results[1].{field}"), "{case}");
        for word in *words {
            assert!(
                violations[0].description.contains(word),
                "{case}: {:?} lacks {word:?}",
                violations[0].description
            );
        }
        assert!(
            status.message().contains(&violations[0].description),
            "{case}: {}",
            status.message()
        );
    }
    assert_eq!(
        specimens(&service, "bad").await,
        0,
        "nothing of a refused batch is stored"
    );
}
