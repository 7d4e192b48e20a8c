//! Reviewers who decide about the same flags all at once, half over gRPC and half by the console's form. Asserts that each
//! flag has exactly one decision, that each who came late was told of it, and that the audit chain verifies with one
//! decision for each flag; prints decisions a second.
//!
//! `cargo bench -p diel-benches --bench reviewers -- [REVIEWERS] [FLAGS] [sqlite|postgres|both]`, after
//! `cargo build --release -p diel-cli`. PostgreSQL must be installed.
#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench reports"
)]

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use diel_client::{Client, v1};
use diel_tests::database::Database;
use diel_tests::process::ServerProcess;
use diel_tests::rejudging::{STUDY, load};
use diel_tests::reviewers::{Desk, Visit, contest, recorded};
use diel_tests::rows::{person, submission};
use tonic::transport::Channel;

/// Reviewers at two desks, half of them on one gRPC connection and half in one session of the console.
const TWO_DESKS: usize = 20;
/// Persons in one batch.
const BATCH: usize = 100;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let number = |place: usize, default: usize| {
        arguments
            .get(place)
            .map_or(Ok(default), |number| number.parse())
    };
    let (reviewers, flags) = (
        number(0, 200).context("REVIEWERS")?,
        number(1, 500).context("FLAGS")?,
    );
    let engines = arguments.get(2).map_or("both", String::as_str);
    if matches!(engines, "sqlite" | "both") {
        measure("SQLite", reviewers, flags, &Database::sqlite()?).await?;
    }
    if matches!(engines, "postgres" | "both") {
        measure("PostgreSQL", reviewers, flags, &Database::postgres().await?).await?;
    }
    Ok(())
}

async fn measure(engine: &str, reviewers: usize, count: usize, database: &Database) -> Result<()> {
    let server = ServerProcess::start(database.url())?;
    let client = Client::connect(server.url.clone()).await?;
    let batches = (0..count.div_ceil(BATCH)).map(|batch| {
        let persons = batch * BATCH..count.min((batch + 1) * BATCH);
        let rows = persons.flat_map(|number| person(&format!("P{number:05}"), 6, 1.6, 0.02));
        submission(STUDY, rows.collect())
    });
    load(&client, batches).await?;
    let request = v1::ListFlagsRequest {
        parent: format!("studies/{STUDY}"),
        ..Default::default()
    };
    let flags = client.list(request).collect(usize::MAX).await?;
    ensure!(flags.len() == count, "{} flags", flags.len());
    let mut desks = Vec::new();
    let first = flags.first().context("a flag")?;
    let channel = Channel::from_shared(server.url.clone())?.connect().await?;
    for _ in 0..reviewers.div_ceil(TWO_DESKS) {
        let own = Channel::from_shared(server.url.clone())?.connect().await?;
        desks.push(Desk::Grpc(own));
        desks.push(Desk::Http(Visit::open(server.console, first).await?));
    }
    let begun = Instant::now();
    let late = contest(&desks, reviewers, &flags).await?;
    let time = begun.elapsed().as_secs_f64();
    recorded(&channel, STUDY, &flags).await?;
    println!(
        "{engine}: {reviewers} reviewers, half by the form, on {count} flags: {count} decisions, {late} told of another's, {time:.1} s, {:.0} answers a second",
        (reviewers * count) as f64 / time
    );
    Ok(())
}
