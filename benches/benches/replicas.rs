//! Three servers on one PostgreSQL database, one of which is killed every few seconds while clients write, decide and watch.
//! Asserts that no error reaches a caller, that nothing is lost or there twice, and that the audit chain verifies; prints the
//! counts and the longest time between two answers.
//!
//! `cargo bench -p diel-benches --bench replicas -- [SECONDS] [SECONDS BETWEEN KILLS]`, after
//! `cargo build --release -p diel-cli`. PostgreSQL must be installed.
#![expect(clippy::print_stdout, reason = "a bench reports")]

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use diel_benches::arguments::arguments;
use diel_tests::database::Database;
use diel_tests::replicas::Replicas;
use diel_tests::traffic::{Traffic, patient, verify};

/// Writers, each of whom decides about every second flag too.
const WRITERS: usize = 6;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = arguments();
    let number = |place: usize, default: u64| {
        arguments
            .get(place)
            .map_or(Ok(default), |number| number.parse())
    };
    let (seconds, every) = (
        number(0, 120).context("SECONDS")?,
        number(1, 5).context("SECONDS BETWEEN KILLS")?,
    );
    let database = Database::postgres().await?;
    let mut replicas = Replicas::start(database.url(), 3)?;
    let urls = replicas.urls();
    let traffic = Traffic::begin(&urls, WRITERS, &patient()).await?;
    let kills = usize::try_from(seconds / every.max(1))?;
    replicas
        .kill_in_turn(kills, Duration::from_secs(every))
        .await?;
    let (log, watched) = traffic.end().await?;
    let url = urls.first().context("a server")?;
    let found = verify(url, &log, watched).await?;
    let mut answered: Vec<Instant> = log.acknowledged.values().map(|(at, _)| *at).collect();
    answered.sort();
    let pauses = answered.iter().zip(answered.iter().skip(1));
    let longest = pauses
        .map(|(one, next)| *next - *one)
        .max()
        .context("two")?;
    println!(
        "{seconds} s, {kills} kills: {} batches acknowledged and stored, {} answered again after a lost answer, {} decisions, \
         {} steps watched once each, {} entries; longest time without an answer {longest:.2?}",
        found.batches,
        log.answered_before,
        log.decided.len(),
        found.steps,
        found.entries,
    );
    Ok(())
}
