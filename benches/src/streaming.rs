//! The cohort through the service: sent over one stream, and looked at afterwards.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use diel_client::{Client, v1};
use diel_tests::process::ServerProcess;

use crate::cohort;

/// Creates the study and streams batches that are ready; returns how long that took, once everything was found stored
/// and judged.
///
/// # Errors
/// Whatever the service answers, or something is missing.
pub async fn send(
    server: &ServerProcess,
    batches: Vec<v1::SubmitBatchRequest>,
    samples: usize,
) -> Result<Duration> {
    let client = Client::connect(server.url.clone()).await?;
    client.create_study(cohort::study()).await?;
    let begun = Instant::now();
    let mut submitter = client.submissions("studies/bench");
    for batch in batches {
        submitter.send(batch).await?;
    }
    let totals = submitter.finish().await?;
    let time = begun.elapsed();
    ensure!(
        totals.stored_count == i64::try_from(samples)?,
        "stored {totals:?}"
    );
    check(&client, samples).await?;
    Ok(time)
}

/// Everybody has a rhythm of three days of five samples, and somebody is flagged.
///
/// # Errors
/// It is not so.
pub async fn check(client: &Client, samples: usize) -> Result<()> {
    let rhythms = client
        .stream(v1::StreamRhythmsRequest {
            parent: "studies/bench".into(),
            ..Default::default()
        })
        .collect(usize::MAX)
        .await?;
    let people = samples / cohort::SAMPLES_PER_PERSON;
    ensure!(
        rhythms.len() == people,
        "{} rhythms of {people} people",
        rhythms.len()
    );
    ensure!(
        rhythms
            .iter()
            .all(|rhythm| rhythm.valid_day_count == 3 && rhythm.sample_count == 12)
    );
    ensure!(
        rhythms.iter().any(|rhythm| !rhythm.flag.is_empty()),
        "somebody is flagged"
    );
    Ok(())
}
