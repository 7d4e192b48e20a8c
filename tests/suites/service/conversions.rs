//! Conversions between assays, and what results come to by them.

use diel_proto::v1 as pb;
use diel_tests::rows::{nmol, row, submission};
use diel_tests::service::TestService;
use pb::conversion::Form;
use pb::converted_concentration::Outcome;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::on_both_engines;

on_both_engines!(
    results_say_what_they_come_to_and_keep_what_was_measured,
    wrong_conversions_are_refused_by_term,
);

fn line(slope: f64) -> pb::CreateConversionRequest {
    pb::CreateConversionRequest {
        parent: "studies/s".into(),
        conversion_id: "to-lcms".into(),
        conversion: Some(pb::Conversion {
            from_assay: "test ELISA".into(),
            to_assay: "LC-MS/MS".into(),
            form: Some(Form::Linear(pb::LinearConversion {
                intercept_nmol_per_l: 0.2,
                slope,
            })),
            lowest_nmol_per_l: 0.5,
            highest_nmol_per_l: 60.0,
            source: "a comparison of 40 samples".into(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

async fn results(service: &TestService, conversion: &str) -> Vec<pb::Result> {
    let request = pb::ListResultsRequest {
        parent: "studies/s".into(),
        conversion: conversion.into(),
        ..Default::default()
    };
    let answer = service.submissions().list_results(request).await.unwrap();
    answer.into_inner().results
}

fn outcomes(results: &[pb::Result]) -> Vec<Outcome> {
    let converted = results.iter().map(|one| one.converted.clone().unwrap());
    converted.map(|one| one.outcome.unwrap()).collect()
}

async fn results_say_what_they_come_to_and_keep_what_was_measured(service: TestService) {
    service.create_study("s").await.unwrap();
    let mut rows = vec![
        row("P", 0, 0.0, 10.0),
        row("P", 0, 4.0, 0.4),
        row("P", 0, 9.0, 1.0),
        row("P", 0, 15.0, 99.0),
    ];
    // Sorted by specimen: P-0-0, P-0-14400, P-0-32400, P-0-54000. The third lies below the batch's limit of detection.
    let mut batch = submission("s", std::mem::take(&mut rows));
    if let Some(batch) = &mut batch.batch {
        batch.limit_of_detection = Some(2.0);
        batch.limit_unit = pb::ConcentrationUnit::NmolPerL as i32;
    }
    batch.results[1].concentration = Some(nmol(2.5));
    service.submissions().submit_batch(batch).await.unwrap();
    let mut other = submission("s", vec![row("Q", 0, 0.0, 10.0)]);
    other.batch.as_mut().unwrap().assay = "another assay".into();
    service.submissions().submit_batch(other).await.unwrap();

    let plain = results(&service, "").await;
    assert!(plain.iter().all(|result| result.converted.is_none()));
    for (request, version) in [(line(0.6), 1), (line(0.5), 2)] {
        let created = service
            .assays()
            .create_conversion(request)
            .await
            .unwrap()
            .into_inner();
        assert_eq!(
            created.name,
            format!("studies/s/conversions/to-lcms@{version}")
        );
    }
    let first = results(&service, "studies/s/conversions/to-lcms@1").await;
    // 0.2 + 0.6 x 10, 0.2 + 0.6 x 2.5, below 0.2 + 0.6 x 2; 99 lies beyond 60.
    assert_eq!(
        outcomes(&first),
        [
            Outcome::NmolPerL(6.2),
            Outcome::NmolPerL(1.7),
            Outcome::BelowNmolPerL(1.4),
            Outcome::Absence("outside_range".into()),
            Outcome::Absence("other_assay".into()),
        ]
    );
    let unconverted = |result: &pb::Result| pb::Result {
        converted: None,
        ..result.clone()
    };
    assert_eq!(first.iter().map(unconverted).collect::<Vec<_>>(), plain);
    let newest = results(&service, "studies/s/conversions/to-lcms").await;
    assert_eq!(outcomes(&newest)[0], Outcome::NmolPerL(5.2));
    let by = &newest[0].converted.as_ref().unwrap().conversion;
    assert_eq!(by, "studies/s/conversions/to-lcms@2");

    let list = pb::ListConversionsRequest {
        parent: "studies/s".into(),
        ..Default::default()
    };
    let listed = service
        .assays()
        .list_conversions(list)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(listed.conversions.len(), 2);
    let get = pb::GetConversionRequest {
        name: listed.conversions[0].name.clone(),
    };
    let found = service
        .assays()
        .get_conversion(get)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(found, listed.conversions[0]);
    for (conversion, code) in [
        ("studies/s/conversions/none", Code::NotFound),
        ("studies/t/conversions/to-lcms", Code::InvalidArgument),
        ("to-lcms", Code::InvalidArgument),
    ] {
        let request = pb::ListResultsRequest {
            parent: "studies/s".into(),
            conversion: conversion.into(),
            ..Default::default()
        };
        let refused = service
            .submissions()
            .list_results(request)
            .await
            .unwrap_err();
        assert_eq!(refused.code(), code, "{conversion}");
    }
}

async fn wrong_conversions_are_refused_by_term(service: TestService) {
    service.create_study("s").await.unwrap();
    let with = |change: fn(&mut pb::Conversion)| {
        let mut request = line(0.6);
        change(request.conversion.as_mut().unwrap());
        request
    };
    for (request, field) in [
        (line(-0.6), "conversion.linear.slope"),
        (with(|one| one.form = None), "conversion.form"),
        (with(|one| one.source.clear()), "conversion.source"),
        (with(|one| one.from_assay.clear()), "conversion.from_assay"),
        (
            with(|one| one.highest_nmol_per_l = 0.5),
            "conversion.highest_nmol_per_l",
        ),
        (
            with(|one| one.form = Some(Form::Table(pb::TableConversion::default()))),
            "conversion.table.points",
        ),
        (
            pb::CreateConversionRequest {
                conversion: None,
                ..line(0.6)
            },
            "conversion",
        ),
        (
            pb::CreateConversionRequest {
                conversion_id: "With Blank".into(),
                ..line(0.6)
            },
            "conversion_id",
        ),
    ] {
        let refused = service
            .assays()
            .create_conversion(request)
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{field}");
        let fields = refused.get_details_bad_request().unwrap().field_violations;
        assert_eq!(fields[0].field, field, "{}", refused.message());
    }
}
