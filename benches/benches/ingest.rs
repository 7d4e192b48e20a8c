//! A million samples through gRPC into the database, judged and flagged, beside a bare bulk insert of the same rows
//! in the same run: same disk, same durability, same rows a commit.
//!
//! `cargo bench -p diel-benches --bench ingest -- [SAMPLES] [postgres://...]`
#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench reports"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use diel_benches::cohort;
use diel_client::{Client, v1};
use diel_proto::v1::measurement::Outcome;
use diel_tests::process::ServerProcess;
use rusqlite::{Connection, params_from_iter, types::Value};

/// Rows a message, and rows a commit of the bare insert.
const ROWS: usize = 5_000;
/// Rows a statement of the bare insert.
const ROWS_A_STATEMENT: usize = 500;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let samples = arguments
        .first()
        .map_or(Ok(1_000_000), |n| n.parse())
        .context("SAMPLES")?;
    let samples = samples / cohort::SAMPLES_PER_PERSON * cohort::SAMPLES_PER_PERSON;
    let postgres = arguments.get(1);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let database = match postgres {
        Some(url) => url.clone(),
        None => format!("sqlite://{}", folder.path().join("diel.db").display()),
    };
    let batches: Vec<_> = (0..samples)
        .step_by(ROWS)
        .map(|from| cohort::batch("bench", from, (from + ROWS).min(samples)))
        .collect();

    let bare = bare_insert(&folder.path().join("bare.db"), &batches)?;
    let server = ServerProcess::start(&database)?;
    let through = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?
        .block_on(through_the_service(&server, batches, samples))?;
    let bare_again = bare_insert(
        &folder.path().join("again.db"),
        &(0..samples)
            .step_by(ROWS)
            .map(|from| cohort::batch("bench", from, (from + ROWS).min(samples)))
            .collect::<Vec<_>>(),
    )?;
    let rate = |time: Duration| samples as f64 / time.as_secs_f64();
    let best = rate(bare).max(rate(bare_again));
    println!("samples                 {samples}");
    println!("through gRPC, judged    {:>9.0} samples/s", rate(through));
    println!("bare bulk insert        {best:>9.0} rows/s (the better of one before and one after)");
    println!("ratio                   {:>9.3}", rate(through) / best);
    println!(
        "server memory, peak     {:>9.0} MB",
        server.peak_memory_mb()?
    );
    Ok(())
}

async fn through_the_service(
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
    Ok(time)
}

/// The same rows into one table with a primary key by the sqlite3 library itself.
fn bare_insert(path: &Path, batches: &[v1::SubmitBatchRequest]) -> Result<Duration> {
    let mut connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(
        "create table sample (specimen text not null primary key, participant text not null,
         collected_us bigint not null, utc_offset_min bigint not null, awakening_us bigint not null,
         concentration_nmol_per_l double precision not null) without rowid",
    )?;
    let statement = |rows: usize| {
        let values = vec!["(?,?,?,?,?,?)"; rows].join(",");
        format!("insert into sample values {values}")
    };
    let begun = Instant::now();
    for batch in batches {
        let transaction = connection.transaction()?;
        for chunk in batch.results.chunks(ROWS_A_STATEMENT) {
            let mut values = Vec::with_capacity(chunk.len() * 6);
            for row in chunk {
                let facts = row.collection.as_ref().context("facts")?;
                let micros = |time: &Option<prost_types::Timestamp>| {
                    time.map_or(0, |t| t.seconds * 1_000_000)
                };
                let Some(Outcome::Value(value)) = row.concentration.and_then(|c| c.outcome) else {
                    continue;
                };
                values.push(Value::Text(row.specimen.clone()));
                values.push(Value::Text(facts.participant.clone()));
                values.push(Value::Integer(micros(&facts.collection_time)));
                values.push(Value::Integer(60));
                values.push(Value::Integer(micros(&facts.awakening_time)));
                values.push(Value::Real(value));
            }
            transaction
                .prepare_cached(&statement(chunk.len()))?
                .execute(params_from_iter(values))?;
        }
        transaction.commit()?;
    }
    let time = begun.elapsed();
    let rows: i64 = connection.query_row("select count(*) from sample", [], |row| row.get(0))?;
    ensure!(rows == i64::try_from(batches.iter().map(|b| b.results.len()).sum::<usize>())?);
    Ok(time)
}
