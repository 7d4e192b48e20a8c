//! What the chain of the audit trail costs writers: plates of 45 specimens from several writers at once, each into a study
//! of its own and then all into one study, whose chain they append to one after the other.
//!
//! `cargo bench -p diel-benches --bench trail -- [PLATES] [postgres://...]`
#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench reports"
)]

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use diel_benches::arguments::arguments;
use diel_benches::cohort::{self, SAMPLES_PER_PERSON};
use diel_benches::spread::Spread;
use diel_client::{Client, v1};
use diel_tests::process::ServerProcess;

/// Who writes at once.
const WRITERS: usize = 8;
/// Specimens on a plate, those of three persons.
const SPECIMENS: usize = 3 * SAMPLES_PER_PERSON;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<()> {
    let arguments = arguments();
    let plates: usize = arguments
        .first()
        .map_or(Ok(100), |n| n.parse())
        .context("PLATES")?;
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let database = match arguments.get(1) {
        Some(url) => url.clone(),
        None => format!("sqlite://{}", folder.path().join("diel.db").display()),
    };
    let server = ServerProcess::start(&database)?;
    let client = Client::connect(server.url.clone()).await?;
    let mut rates = Vec::new();
    for (name, studies) in [("a study each", WRITERS), ("one study", 1)] {
        let (rate, times) = write(&client, name, studies, plates).await?;
        println!(
            "{WRITERS} writers, {name:<13} {rate:>7.0} plates/s, median {:>7.2} ms, p99 {:>7.2} ms",
            times.quantile(0.5).as_secs_f64() * 1e3,
            times.quantile(0.99).as_secs_f64() * 1e3
        );
        rates.push(rate);
    }
    if let [apart, together] = rates.as_slice() {
        println!("one study beside a study each: {:.2}", together / apart);
    }
    Ok(())
}

/// Plates a second, and how long each took.
async fn write(
    client: &Client,
    name: &str,
    studies: usize,
    plates: usize,
) -> Result<(f64, Spread)> {
    let id = |study: usize| format!("{}-{study}", name.replace(' ', "-"));
    for study in 0..studies {
        let study_id = id(study);
        client
            .create_study(v1::CreateStudyRequest {
                study_id,
                ..cohort::study()
            })
            .await?;
    }
    let begun = Instant::now();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (client, study) = (client.clone(), id(writer % studies));
            tokio::spawn(async move {
                let mut times = Vec::with_capacity(plates);
                for plate in 0..plates {
                    let from = (writer * plates + plate) * SPECIMENS;
                    let request = cohort::batch(&study, from, from + SPECIMENS);
                    let begun = Instant::now();
                    let answer = client.submit_batch(request).await?;
                    times.push(begun.elapsed());
                    ensure!(answer.stored_count == 45, "{answer:?}");
                }
                anyhow::Ok(times)
            })
        })
        .collect();
    let mut times = Spread::default();
    for writer in writers {
        writer.await??.into_iter().for_each(|time| times.add(time));
    }
    let rate = (WRITERS * plates) as f64 / begun.elapsed().as_secs_f64();
    for study in 0..studies {
        let head = client
            .get_audit_head(format!("studies/{}", id(study)))
            .await?;
        let least = 1 + WRITERS / studies * plates;
        ensure!(usize::try_from(head.sequence)? >= least, "{head:?}");
    }
    Ok((rate, times))
}
