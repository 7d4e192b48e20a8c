//! A million samples through gRPC into the database, judged and flagged, beside a bare bulk insert of the same rows
//! in the same run: same disk, same durability, same rows a commit. With an address of PostgreSQL, beside COPY.
//!
//! `cargo bench -p diel-benches --bench ingest -- [SAMPLES] [postgres://...]`
#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench reports"
)]

use std::time::Duration;

use anyhow::{Context as _, Result};
use diel_benches::{bare, cohort, streaming};
use diel_client::v1;
use diel_tests::process::ServerProcess;

/// Rows a message, and rows a commit of the bare insert.
const ROWS: usize = 5_000;

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
    let batches = |from: usize, to: usize| -> Vec<v1::SubmitBatchRequest> {
        let begins = (from..to).step_by(ROWS);
        begins
            .map(|from| cohort::batch("bench", from, (from + ROWS).min(to)))
            .collect()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let bare = |name: &str| {
        let same_rows = batches(0, samples);
        match postgres {
            Some(url) => runtime.block_on(bare::into_postgres(url, &same_rows)),
            None => bare::into_sqlite(&folder.path().join(name), &same_rows),
        }
    };
    let before = bare("before.db")?;
    let server = ServerProcess::start(&database)?;
    let through = runtime.block_on(streaming::send(&server, batches(0, samples), samples))?;
    let after = bare("after.db")?;
    let rate = |time: Duration| samples as f64 / time.as_secs_f64();
    let best = rate(before).max(rate(after));
    let kind = if postgres.is_some() {
        "bare COPY"
    } else {
        "bare bulk insert"
    };
    println!("samples                 {samples}");
    println!("through gRPC, judged    {:>9.0} samples/s", rate(through));
    println!("{kind:<23} {best:>9.0} rows/s (the better of one before and one after)");
    println!("ratio                   {:>9.3}", rate(through) / best);
    println!(
        "server memory, peak     {:>9.0} MB",
        server.peak_memory_mb()?
    );
    Ok(())
}
