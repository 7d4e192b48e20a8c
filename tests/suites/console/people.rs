//! Studies to look at.

use anyhow::{Context as _, Result};
use diel_proto::v1 as pb;
use diel_tests::database::Database;
use diel_tests::process::diel;
use diel_tests::rows;
use diel_tests::service::TestService;

/// A code that would be a script in a page that forgot to escape it.
pub(super) const SCRIPT: &str = "<img src=x onerror=document.title='taken'>";

/// The simulated study that the demonstration shows: 60 persons, three days.
pub(super) async fn simulated(database: Database) -> Result<TestService> {
    let service = TestService::start(database).await?;
    let study = pb::Study {
        display_name: "Demonstration (simulated data)".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        ..pb::Study::default()
    };
    let request = pb::CreateStudyRequest {
        study_id: "demo".to_owned(),
        study: Some(study),
        ..pb::CreateStudyRequest::default()
    };
    service.studies().create_study(request).await?;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/study.csv");
    let url = service.url();
    let arguments = [
        "submit",
        file,
        "--study",
        "demo",
        "--lab",
        "Example lab",
        "--assay",
        "ELISA",
    ];
    let done = tokio::task::spawn_blocking(move || {
        std::process::Command::new(diel()?)
            .args(arguments)
            .env("DIEL_SERVER", url)
            .output()
            .context("diel submit")
    });
    let done = done.await??;
    anyhow::ensure!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    Ok(service)
}

/// Two persons whose slopes are flat and one whose is not, in the study `pilot`. One has a script for a code.
pub(super) async fn three(database: Database) -> Result<TestService> {
    let service = TestService::start(database).await?;
    service.create_study("pilot").await?;
    let mut all = rows::person("flat-1", 4, 1.6, 0.07);
    all.extend(rows::person(SCRIPT, 4, 1.5, 0.06));
    all.extend(rows::person("steep", 4, 2.6, -0.15));
    let below = pb::Measurement {
        outcome: Some(pb::measurement::Outcome::Below(0.5)),
        unit: pb::ConcentrationUnit::NmolPerL as i32,
    };
    let mut last = rows::row("flat-1", 1, 16.0, 1.0);
    last.concentration = Some(below);
    all.push(last);
    service
        .submissions()
        .submit_batch(rows::submission("pilot", all))
        .await?;
    Ok(service)
}

/// The flags of a study, the most probable first.
pub(super) async fn flags(service: &TestService, study: &str) -> Result<Vec<pb::Flag>> {
    let request = pb::ListFlagsRequest {
        parent: format!("studies/{study}"),
        ..pb::ListFlagsRequest::default()
    };
    Ok(service
        .reviews()
        .list_flags(request)
        .await?
        .into_inner()
        .flags)
}

/// Stores a plate whose control lies 3.2 standard deviations above its target; returns the batch's name.
pub(super) async fn failed_plate(service: &TestService, study: &str) -> Result<String> {
    let mut request = rows::submission(study, rows::person("on-a-failed-plate", 4, 1.6, 0.07));
    let batch = request.batch.clone().unwrap_or_default();
    let control = pb::Control {
        lab: batch.lab,
        assay: batch.assay,
        material: "pool A".to_owned(),
        mean: 5.0,
        sd: 0.5,
        unit: pb::ConcentrationUnit::NmolPerL as i32,
        ..pb::Control::default()
    };
    let target = pb::CreateControlRequest {
        parent: format!("studies/{study}"),
        control_id: "pool-a".to_owned(),
        control: Some(control),
        ..pb::CreateControlRequest::default()
    };
    pb::controls_client::ControlsClient::new(service.channel.clone())
        .create_control(target)
        .await?;
    request.controls = vec![pb::ControlMeasurement {
        material: "pool A".to_owned(),
        replicate_values: vec![6.4, 6.8],
        replicate_unit: pb::ConcentrationUnit::NmolPerL as i32,
        ..pb::ControlMeasurement::default()
    }];
    let answer = service.submissions().submit_batch(request).await?;
    let batch = answer.into_inner().batch.context("nothing was stored")?;
    Ok(batch.name)
}
