//! A change of policy of a whole study: the dry run, the job that judges everybody again, and the same job with the
//! server killed half-way. Asserts that the dry run said what happened, and that the killed job ended with exactly the
//! flags of the undisturbed one, with their evidence and history; prints participants a second.
//!
//! `cargo bench -p diel-benches --bench rejudge -- [PERSONS] [sqlite|postgres|both]`, after
//! `cargo build --release -p diel-cli`. PostgreSQL must be installed.
#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench reports"
)]

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use diel_benches::cohort::{SAMPLES_PER_PERSON, batch};
use diel_client::{Client, v1};
use diel_tests::database::Database;
use diel_tests::process::ServerProcess;
use diel_tests::rejudging::{
    STUDY, StandingFlag, change, finish, kill_half_way, load, preview, standing,
};

/// Persons in one batch.
const BATCH: usize = 200;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let persons: usize = arguments
        .first()
        .map_or(Ok(5_000), |number| number.parse())
        .context("PERSONS")?;
    let engines = arguments.get(1).map_or("both", String::as_str);
    ensure!(
        persons.is_multiple_of(BATCH),
        "PERSONS: a multiple of {BATCH}"
    );
    if matches!(engines, "sqlite" | "both") {
        let databases = [Database::sqlite()?, Database::sqlite()?];
        measure("SQLite", persons, databases).await?;
    }
    if matches!(engines, "postgres" | "both") {
        let one = Database::postgres().await?;
        measure("PostgreSQL", persons, [one, Database::postgres().await?]).await?;
    }
    Ok(())
}

async fn measure(engine: &str, persons: usize, [one, other]: [Database; 2]) -> Result<()> {
    println!("{engine}, {persons} persons of {SAMPLES_PER_PERSON} samples");
    let expected = undisturbed(persons, &one).await?;
    let (found, seen) = killed(persons, &other).await?;
    ensure!(found.len() == expected.len(), "{} flags", found.len());
    for (found, expected) in found.iter().zip(&expected) {
        ensure!(found == expected, "{found:?} is not {expected:?}");
    }
    println!(
        "  killed after {seen} participants and resumed: the same {} flags, evidence and history",
        found.len()
    );
    Ok(())
}

async fn start(database: &Database, persons: usize) -> Result<(ServerProcess, Client)> {
    let server = ServerProcess::start(database.url())?;
    let client = Client::connect(server.url.clone()).await?;
    let samples = BATCH * SAMPLES_PER_PERSON;
    let batches =
        (0..persons / BATCH).map(|number| batch(STUDY, number * samples, (number + 1) * samples));
    load(&client, batches).await?;
    Ok((server, client))
}

/// Times the dry run and the job, and holds the one to the other.
async fn undisturbed(persons: usize, database: &Database) -> Result<Vec<StandingFlag>> {
    let (server, client) = start(database, persons).await?;
    let before = waiting(&standing(&client).await?);
    let begun = Instant::now();
    let said = preview(&client).await?;
    say("dry run", persons, begun.elapsed());
    let begun = Instant::now();
    let job = change(&client).await?;
    finish(&client, &job).await?;
    say("judged again", persons, begun.elapsed());
    let after = standing(&client).await?;
    let (new, cleared) = (said.new_flag_count, said.cleared_flag_count);
    ensure!(before + new - cleared == waiting(&after), "{said:?}");
    ensure!(i64::try_from(said.changes.len())? == new + cleared);
    println!(
        "  {before} flags waited; {new} new and {cleared} cleared, as the dry run said; {:.0} MB at most",
        server.peak_memory_mb()?
    );
    Ok(after)
}

/// The same job with the server killed half-way, taken up by another once the lease has run out.
async fn killed(persons: usize, database: &Database) -> Result<(Vec<StandingFlag>, i64)> {
    let (server, client) = start(database, persons).await?;
    let job = change(&client).await?;
    let seen = kill_half_way(server, &client, &job).await?;
    let server = ServerProcess::start(database.url())?;
    let client = Client::connect(server.url.clone()).await?;
    finish(&client, &job).await?;
    Ok((standing(&client).await?, seen))
}

fn waiting(flags: &[StandingFlag]) -> i64 {
    let waiting = |flag: &&StandingFlag| flag.state == v1::FlagState::Open;
    i64::try_from(flags.iter().filter(waiting).count()).unwrap_or(i64::MAX)
}

fn say(what: &str, persons: usize, time: Duration) {
    println!(
        "  {what}: {:.1} s, {:.0} participants a second",
        time.as_secs_f64(),
        persons as f64 / time.as_secs_f64()
    );
}
