//! Methods lend their limits to batches that state none.

use diel_proto::v1 as pb;
use diel_tests::rows::{row, submission};
use diel_tests::service::TestService;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::on_both_engines;

on_both_engines!(
    a_batch_without_limits_takes_those_of_its_method,
    wrong_methods_are_refused_by_field,
);

fn request(assay: &str, detection: f64) -> pb::CreateMethodRequest {
    pb::CreateMethodRequest {
        parent: "studies/s".into(),
        method_id: "elisa".into(),
        method: Some(pb::Method {
            assay: assay.into(),
            limit_of_detection_nmol_per_l: Some(detection),
            biases: vec![pb::ReportedBias {
                compared_with: "LC-MS/MS".into(),
                percent: 23.0,
                lowest_nmol_per_l: Some(1.0),
                highest_nmol_per_l: Some(50.0),
                source: "own comparison".into(),
            }],
            source: "leaflet, revision 7".into(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// The limit of detection of a stored batch, and the method it is of.
fn limit(answer: pb::SubmitBatchResponse) -> (Option<f64>, String) {
    let batch = answer.batch.unwrap();
    (batch.limit_of_detection, batch.method)
}

async fn a_batch_without_limits_takes_those_of_its_method(service: TestService) {
    service.create_study("s").await.unwrap();
    let submit = async |batch| {
        let answer = service.submissions().submit_batch(batch).await.unwrap();
        answer.into_inner()
    };
    let assay = submission("s", vec![row("P", 0, 0.0, 10.0)])
        .batch
        .unwrap()
        .assay;
    // The evening of this day lies below the limit of the second version, not of the first.
    let day = |person: &str| {
        let times = [(0.0, 20.0), (4.0, 8.0), (15.0, 1.5)];
        submission(
            "s",
            times
                .map(|(hours, value)| row(person, 0, hours, value))
                .into(),
        )
    };
    let before = submit(day("P")).await;
    assert_eq!(limit(before), (None, String::new()));
    for (detection, version) in [(1.0, 1), (2.0, 2)] {
        let created = service
            .assays()
            .create_method(request(&assay, detection))
            .await;
        let created = created.unwrap().into_inner();
        assert_eq!(created.name, format!("studies/s/methods/elisa@{version}"));
        assert_eq!(
            created.biases,
            request(&assay, detection).method.unwrap().biases
        );
        let got = pb::GetMethodRequest {
            name: created.name.clone(),
        };
        assert_eq!(
            service.assays().get_method(got).await.unwrap().into_inner(),
            created
        );
    }
    let after = submit(day("Q")).await;
    let name = after.batch.as_ref().unwrap().name.clone();
    assert_eq!(
        limit(after),
        (Some(2.0), "studies/s/methods/elisa@2".into())
    );
    let stored = service
        .submissions()
        .get_batch(pb::GetBatchRequest { name })
        .await;
    assert_eq!(
        stored.unwrap().into_inner().method,
        "studies/s/methods/elisa@2"
    );
    let mut own = day("R");
    let facts = own.batch.as_mut().unwrap();
    facts.limit_of_detection = Some(0.5);
    facts.limit_unit = pb::ConcentrationUnit::NmolPerL as i32;
    assert_eq!(limit(submit(own).await), (Some(0.5), String::new()));
    let mut other = day("S");
    other.batch.as_mut().unwrap().assay = "another assay".into();
    assert_eq!(limit(submit(other).await), (None, String::new()));

    // The lent limit is one like any other: the evening counts as below it.
    let request = pb::ListBatchesRequest {
        parent: "studies/s".into(),
        ..Default::default()
    };
    let batches = service.submissions().list_batches(request).await.unwrap();
    let below: Vec<_> = batches
        .into_inner()
        .batches
        .iter()
        .map(|batch| batch.quality.as_ref().unwrap().below_limit_count)
        .collect();
    assert_eq!(below, [0, 1, 0, 0]);
}

async fn wrong_methods_are_refused_by_field(service: TestService) {
    service.create_study("s").await.unwrap();
    let changed = |change: fn(&mut pb::Method)| {
        let mut request = request("ELISA", 1.0);
        change(request.method.as_mut().unwrap());
        request
    };
    let wrong = [
        (
            changed(|method| method.assay = String::new()),
            "method.assay",
        ),
        (
            changed(|method| method.source = String::new()),
            "method.source",
        ),
        (
            changed(|method| method.limit_of_detection_nmol_per_l = Some(-1.0)),
            "method.limit_of_detection_nmol_per_l",
        ),
        (
            changed(|method| method.lower_limit_of_quantification_nmol_per_l = Some(0.5)),
            "method.limit_of_detection_nmol_per_l",
        ),
        (
            changed(|method| method.upper_limit_of_quantification_nmol_per_l = Some(f64::NAN)),
            "method.upper_limit_of_quantification_nmol_per_l",
        ),
        (
            changed(|method| method.biases[0].percent = f64::INFINITY),
            "method.biases[0].percent",
        ),
        (
            changed(|method| method.biases[0].highest_nmol_per_l = Some(0.5)),
            "method.biases[0].highest_nmol_per_l",
        ),
        (
            changed(|method| method.biases[0].source = String::new()),
            "method.biases[0].source",
        ),
        (
            changed(|method| method.biases = vec![method.biases[0].clone(); 21]),
            "method.biases",
        ),
        (
            pb::CreateMethodRequest {
                method: None,
                ..request("ELISA", 1.0)
            },
            "method",
        ),
        (
            pb::CreateMethodRequest {
                method_id: "Not An Id".into(),
                ..request("ELISA", 1.0)
            },
            "method_id",
        ),
    ];
    for (request, field) in wrong {
        let refused = service.assays().create_method(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{field}");
        let details = refused.get_error_details();
        let violations = &details.bad_request().unwrap().field_violations;
        assert_eq!(violations[0].field, field, "{violations:?}");
    }
}
