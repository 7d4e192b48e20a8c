//! 1,000,000 days into a polars frame: by Flight SQL, by paging through the list method, and from a Parquet file that is
//! served over loopback; SQLite. Persons are submitted and judged, then copied in the table under other codes.
//!
//! `cargo bench -p diel-benches --bench frames -- [ROWS]`, after `checks/python`, whose environment reads
//! (`benches/peers/frames.py`); `DIEL_PYTHON` names another.
#![expect(clippy::print_stdout, reason = "a bench reports")]

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use diel_benches::arguments::arguments;
use diel_benches::cohort;
use diel_client::Client;
use diel_tests::database::Database;
use diel_tests::process::ServerProcess;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _};

/// Persons that are submitted, with three days each.
const PERSONS: usize = 1_000;
/// Days of one person.
const DAYS: usize = 3;
/// Most megabytes that the server may hold.
const MOST_MB: f64 = 300.0;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<()> {
    let rows: usize = arguments()
        .first()
        .map_or(Ok(1_000_000), |rows| rows.parse())
        .context("ROWS")?;
    let database = Database::sqlite()?;
    let seeding = ServerProcess::start(database.url())?;
    let client = Client::connect(&seeding.url).await?;
    client.create_study(cohort::study()).await?;
    for first in (0..PERSONS).step_by(200) {
        let samples = cohort::SAMPLES_PER_PERSON;
        client
            .submit_batch(cohort::batch(
                "bench",
                first * samples,
                (first + 200) * samples,
            ))
            .await?;
    }
    drop(seeding);
    let copied = copy(database.url(), rows).await?;
    // A server of its own, whose memory has seen nothing but the reading.
    let server = ServerProcess::start(database.url())?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let python = std::env::var_os("DIEL_PYTHON")
        .map_or_else(|| root.join("target/python/venv/bin/python"), Into::into);
    let address = server.url.trim_start_matches("http://");
    let read = Command::new(&python)
        .arg(root.join("benches/peers/frames.py"))
        .args([address, &server.console.to_string(), &copied.to_string()])
        .status()
        .with_context(|| format!("{}: run checks/python first", python.display()))?;
    ensure!(read.success(), "the frames were not read");
    let peak = server.peak_memory_mb()?;
    println!("server memory, peak {peak:.0} MB");
    ensure!(peak < MOST_MB, "more than {MOST_MB} MB");
    Ok(())
}

/// Copies the days under other codes until there are about so many, and returns how many there are. Each copy has numbers of its
/// own, by parts in a million: the same ones over and over would make a Parquet file that no study has.
async fn copy(url: &str, rows: usize) -> Result<i64> {
    let mut database = sqlx::SqliteConnection::connect(url).await?;
    let columns = database
        .fetch_all("select name, type from pragma_table_info('profiles') where name not in ('study_no', 'participant')")
        .await?;
    let (mut names, mut copied) = (Vec::new(), Vec::new());
    for column in &columns {
        let (name, kind): (String, String) = (column.try_get(0)?, column.try_get(1)?);
        let is_number = kind.eq_ignore_ascii_case("double precision");
        let factor = if is_number { " * (1 + n * 1e-6)" } else { "" };
        copied.push(format!("{name}{factor}"));
        names.push(name);
    }
    let (names, copied) = (names.join(", "), copied.join(", "));
    let copies = (rows / (PERSONS * DAYS)).saturating_sub(1);
    let statement = format!(
        "with recursive copies (n) as (select 1 union all select n + 1 from copies where n < {copies}) \
         insert into profiles (study_no, participant, {names}) \
         select study_no, participant || '-' || n, {copied} from profiles, copies"
    );
    database.execute(AssertSqlSafe(statement)).await?;
    let count = database.fetch_one("select count(*) from profiles").await?;
    database.close().await?;
    Ok(count.try_get(0)?)
}
