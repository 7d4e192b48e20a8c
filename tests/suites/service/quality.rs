//! Quality control over gRPC: controls in, verdicts out, and what follows from them.

use std::time::Duration;

use diel_proto::v1 as pb;
use diel_proto::v1::controls_client::ControlsClient;
use diel_tests::rows::{nmol, submission};
use diel_tests::service::TestService;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::on_both_engines;
use crate::path::{flags, flat, rhythm};

on_both_engines!(
    a_flag_on_a_failed_plate_says_so_until_a_reviewer_accepts_the_plate,
    a_target_that_comes_later_is_applied_by_a_job,
    what_is_wrong_with_controls_is_named,
);

fn controls(service: &TestService) -> ControlsClient<Channel> {
    ControlsClient::new(service.channel.clone())
}

fn control(lab: &str, assay: &str) -> pb::Control {
    pb::Control {
        lab: lab.to_owned(),
        assay: assay.to_owned(),
        material: "pool A".to_owned(),
        level: "low".to_owned(),
        mean: 5.0,
        sd: 0.5,
        unit: pb::ConcentrationUnit::NmolPerL.into(),
        run_count: Some(20),
        source: "own runs".to_owned(),
        ..Default::default()
    }
}

/// The control of the laboratory and assay that the suites' batches state.
async fn create_control(service: &TestService, study: &str) -> Result<pb::Control, Status> {
    let batch = submission(study, Vec::new()).batch.unwrap();
    let request = pb::CreateControlRequest {
        parent: format!("studies/{study}"),
        control_id: "low".to_owned(),
        control: Some(control(&batch.lab, &batch.assay)),
        ..Default::default()
    };
    let made = controls(service).create_control(request).await?;
    Ok(made.into_inner())
}

/// Replicates of 6.4 and 6.8 nmol/L: their mean lies 3.2 SD above the target, their CV is 0.2828 / 6.6 = 4.285 %.
fn reading() -> pb::ControlMeasurement {
    pb::ControlMeasurement {
        material: "pool A".to_owned(),
        level: "low".to_owned(),
        replicate_values: vec![6.4, 6.8],
        replicate_unit: pb::ConcentrationUnit::NmolPerL.into(),
        well: "H12".to_owned(),
        ..Default::default()
    }
}

fn plate(study: &str) -> pb::SubmitBatchRequest {
    pb::SubmitBatchRequest {
        controls: vec![reading()],
        ..submission(study, flat("flat"))
    }
}

async fn batch(service: &TestService, name: &str) -> pb::Batch {
    let name = name.to_owned();
    let request = pb::GetBatchRequest { name };
    let found = service.submissions().get_batch(request).await.unwrap();
    found.into_inner()
}

async fn a_flag_on_a_failed_plate_says_so_until_a_reviewer_accepts_the_plate(service: TestService) {
    service.create_study("s").await.unwrap();
    create_control(&service, "s").await.unwrap();
    let answer = service.submissions().submit_batch(plate("s")).await;
    let answer = answer.unwrap().into_inner();
    assert_eq!(answer.raised_flags.len(), 1);
    let stored = answer.batch.unwrap();
    let quality = stored.quality.as_ref().unwrap();
    assert_eq!(quality.verdict(), pb::BatchVerdict::Fail);
    assert_eq!(quality.reasons[..2], ["control_1_2s", "control_1_3s"]);
    assert_eq!(quality.quality_policy, "studies/s/qualityPolicies/0");
    let rules: Vec<_> = quality
        .violations
        .iter()
        .map(|one| one.rule.as_str())
        .collect();
    assert_eq!(rules, ["1_2s", "1_3s"]);
    assert_eq!(quality.violations[1].points[0].batch, stored.name);
    assert_eq!(
        quality.violations[1].points[0].control,
        "studies/s/controls/low"
    );
    let control = &stored.controls[0];
    assert!((control.z.unwrap() - 3.2).abs() < 1e-12);
    assert!((control.replicate_cv_percent.unwrap() - 4.285_495_643_554_834).abs() < 1e-9);
    assert_eq!(
        (control.replicate_count, control.control.as_str()),
        (Some(2), "studies/s/controls/low@1")
    );
    assert_eq!(batch(&service, &stored.name).await, stored);

    let flag = flags(&service, "s").await.remove(0);
    let evidence = flag.evidence.unwrap();
    assert!(
        evidence.reasons.contains(&"failed_plate".to_owned()),
        "{:?}",
        evidence.reasons
    );

    let decide = pb::DecideBatchRequest {
        name: stored.name.clone(),
        verdict: pb::BatchVerdict::Pass.into(),
        reason: "the control was spilled".to_owned(),
        etag: stored.etag.clone(),
        ..Default::default()
    };
    let accepted = controls(&service).decide_batch(decide.clone()).await;
    let accepted = accepted.unwrap().into_inner().quality.unwrap();
    assert_eq!(
        (accepted.verdict(), accepted.computed_verdict()),
        (pb::BatchVerdict::Pass, pb::BatchVerdict::Fail)
    );
    assert_eq!(accepted.decision.unwrap().reason, "the control was spilled");
    let judged = rhythm(&service, "s", "flat").await;
    assert!(!judged.reasons.contains(&"failed_plate".to_owned()));
    let flag = flags(&service, "s").await.remove(0);
    assert_eq!(flag.evidence.unwrap().input_digest, judged.input_digest);
    let stale = controls(&service).decide_batch(decide).await.unwrap_err();
    assert_eq!(stale.code(), Code::Aborted);
}

async fn a_target_that_comes_later_is_applied_by_a_job(service: TestService) {
    service.create_study("s").await.unwrap();
    let answer = service.submissions().submit_batch(plate("s")).await;
    let name = answer.unwrap().into_inner().batch.unwrap().name;
    let quality = batch(&service, &name).await.quality.unwrap();
    assert_eq!(quality.verdict(), pb::BatchVerdict::NotAssessed);
    assert!(
        quality
            .reasons
            .contains(&"control_without_target".to_owned())
    );
    let made = create_control(&service, "s").await.unwrap();
    assert_eq!(
        (made.name.as_str(), made.version),
        ("studies/s/controls/low", 1)
    );
    let again = create_control(&service, "s").await.unwrap_err();
    assert_eq!(again.code(), Code::AlreadyExists);
    let mut patience = 100;
    while batch(&service, &name).await.quality.unwrap().verdict() != pb::BatchVerdict::Fail {
        assert!(patience > 0, "no job assessed the batch");
        patience -= 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let judged = rhythm(&service, "s", "flat").await;
    assert!(judged.reasons.contains(&"failed_plate".to_owned()));
    let request = pb::ListControlRunsRequest {
        parent: made.name,
        ..Default::default()
    };
    let runs = controls(&service).list_control_runs(request).await;
    let runs = runs.unwrap().into_inner().control_runs;
    assert_eq!(runs.len(), 1);
    assert_eq!(
        (runs[0].batch.as_str(), runs[0].verdict()),
        (name.as_str(), pb::BatchVerdict::Fail)
    );
    assert_eq!(runs[0].violated_rules, ["1_2s", "1_3s"]);
}

async fn what_is_wrong_with_controls_is_named(service: TestService) {
    service.create_study("s").await.unwrap();
    let bad = [
        pb::ControlMeasurement {
            material: String::new(),
            ..reading()
        },
        pb::ControlMeasurement {
            concentration: Some(nmol(5.0)),
            ..reading()
        },
        pb::ControlMeasurement {
            replicate_values: vec![5.0, -1.0],
            ..reading()
        },
        pb::ControlMeasurement {
            replicate_unit: 0,
            ..reading()
        },
    ];
    let request = pb::SubmitBatchRequest {
        controls: bad.to_vec(),
        allow_partial: true,
        ..submission("s", flat("flat"))
    };
    let refused = service.submissions().submit_batch(request).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let details = refused.get_error_details();
    let fields: Vec<_> = details
        .bad_request()
        .unwrap()
        .field_violations
        .iter()
        .map(|violation| violation.field.as_str())
        .collect();
    assert_eq!(
        fields,
        [
            "controls[0].material",
            "controls[1].concentration",
            "controls[2].replicate_values",
            "controls[3].replicate_unit"
        ]
    );
    let policy = pb::UpdateQualityPolicyRequest {
        parent: "studies/s".to_owned(),
        quality_policy: Some(pb::QualityPolicy {
            failing: Some(pb::ControlRuleSet {
                rules: vec!["1_9s".to_owned()],
            }),
            etag: "v0".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let refused = controls(&service).update_quality_policy(policy).await;
    let refused = refused.unwrap_err();
    let details = refused.get_error_details();
    let violation = &details.bad_request().unwrap().field_violations[0];
    assert_eq!(violation.field, "quality_policy.failing");
    assert!(
        violation
            .description
            .contains("\"1_9s\" is not a rule of control")
    );
}
