//! The same rows written with nothing in between: what the service's speed is measured against.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use diel_proto::v1::SubmitBatchRequest;
use diel_proto::v1::measurement::Outcome;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use sqlx::{Connection as _, Executor as _, PgConnection};

/// Rows a statement of SQLite.
const ROWS_A_STATEMENT: usize = 500;

/// One sample as a row of the bare table.
struct Row<'a> {
    specimen: &'a str,
    participant: &'a str,
    collected_us: i64,
    awakening_us: i64,
    concentration_nmol_per_l: f64,
}

fn rows(batch: &SubmitBatchRequest) -> impl Iterator<Item = Row<'_>> {
    let micros = |time: Option<prost_types::Timestamp>| time.map_or(0, |t| t.seconds * 1_000_000);
    batch.results.iter().filter_map(move |row| {
        let facts = row.collection.as_ref()?;
        let Outcome::Value(value) = row.concentration?.outcome? else {
            return None;
        };
        Some(Row {
            specimen: &row.specimen,
            participant: &facts.participant,
            collected_us: micros(facts.collection_time),
            awakening_us: micros(facts.awakening_time),
            concentration_nmol_per_l: value,
        })
    })
}

fn expected(batches: &[SubmitBatchRequest]) -> Result<i64> {
    Ok(i64::try_from(
        batches
            .iter()
            .map(|batch| batch.results.len())
            .sum::<usize>(),
    )?)
}

/// One table with a primary key, by the sqlite3 library itself: multi-row statements, one commit a batch, WAL with a
/// sync at each commit.
///
/// # Errors
/// Whatever the database refuses, or a wrong count at the end.
pub fn into_sqlite(path: &Path, batches: &[SubmitBatchRequest]) -> Result<Duration> {
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
        let rows: Vec<Row<'_>> = rows(batch).collect();
        for chunk in rows.chunks(ROWS_A_STATEMENT) {
            let mut values = Vec::with_capacity(chunk.len() * 6);
            for row in chunk {
                values.push(Value::Text(row.specimen.to_owned()));
                values.push(Value::Text(row.participant.to_owned()));
                values.push(Value::Integer(row.collected_us));
                values.push(Value::Integer(60));
                values.push(Value::Integer(row.awakening_us));
                values.push(Value::Real(row.concentration_nmol_per_l));
            }
            transaction
                .prepare_cached(&statement(chunk.len()))?
                .execute(params_from_iter(values))?;
        }
        transaction.commit()?;
    }
    let time = begun.elapsed();
    let count: i64 = connection.query_row("select count(*) from sample", [], |row| row.get(0))?;
    ensure!(count == expected(batches)?, "{count} rows");
    Ok(time)
}

/// One table with a primary key, by COPY, one commit a batch.
///
/// # Errors
/// Whatever the database refuses, or a wrong count at the end.
pub async fn into_postgres(url: &str, batches: &[SubmitBatchRequest]) -> Result<Duration> {
    let mut connection = PgConnection::connect(url).await?;
    connection
        .execute("drop table if exists bare_sample")
        .await?;
    connection
        .execute(
            "create table bare_sample (specimen text not null primary key, participant text not null,
             collected_us bigint not null, utc_offset_min bigint not null, awakening_us bigint not null,
             concentration_nmol_per_l double precision not null)",
        )
        .await?;
    let begun = Instant::now();
    for batch in batches {
        let mut text = String::with_capacity(batch.results.len() * 80);
        for row in rows(batch) {
            writeln!(
                text,
                "{}\t{}\t{}\t60\t{}\t{}",
                row.specimen,
                row.participant,
                row.collected_us,
                row.awakening_us,
                row.concentration_nmol_per_l
            )?;
        }
        let mut copy = connection
            .copy_in_raw("copy bare_sample from stdin")
            .await?;
        copy.send(text.into_bytes()).await?;
        copy.finish().await?;
    }
    let time = begun.elapsed();
    let count: i64 = sqlx::query_scalar("select count(*) from bare_sample")
        .fetch_one(&mut connection)
        .await
        .context("count")?;
    ensure!(count == expected(batches)?, "{count} rows");
    Ok(time)
}
