//! A file of a million samples through `diel submit`, beside the raw streaming of the same samples, made beforehand, in
//! the same run: same server, same disk, an empty database each.
//!
//! `cargo bench -p diel-benches --bench import_million -- [SAMPLES] [postgres://RAW postgres://IMPORT]`
#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench reports"
)]

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use diel_benches::arguments::arguments;
use diel_benches::{cohort, streaming};
use diel_client::Client;
use diel_tests::process::{ServerProcess, diel, peak_memory_mb};

/// Rows a message of the raw stream: the most that the service takes.
const ROWS: usize = 5_000;
/// The import may hold no more.
const MOST_MB: f64 = 200.0;

fn main() -> Result<()> {
    let arguments = arguments();
    let samples = arguments
        .first()
        .map_or(Ok(1_000_000), |number| number.parse())
        .context("SAMPLES")?;
    let samples = samples / cohort::SAMPLES_PER_PERSON * cohort::SAMPLES_PER_PERSON;
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let database = |position: usize, name: &str| match arguments.get(position) {
        Some(url) => url.clone(),
        None => format!("sqlite://{}", folder.path().join(name).display()),
    };
    let file = folder.path().join("million.csv");
    cohort::write_csv(BufWriter::new(File::create(&file)?), samples)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;

    let raw = {
        let server = ServerProcess::start(&database(1, "raw.db"))?;
        let begins = (0..samples).step_by(ROWS);
        let batches = begins
            .map(|from| cohort::batch("bench", from, (from + ROWS).min(samples)))
            .collect();
        runtime.block_on(streaming::send(&server, batches, samples))?
    };
    let server = ServerProcess::start(&database(2, "import.db"))?;
    let client = runtime.block_on(Client::connect(server.url.clone()))?;
    runtime.block_on(client.create_study(cohort::study()))?;
    let (import, memory) = import(&file, &server, samples)?;
    runtime.block_on(streaming::check(&client, samples))?;

    let rate = |time: Duration| samples as f64 / time.as_secs_f64();
    println!("samples                 {samples}");
    println!("raw stream              {:>9.0} samples/s", rate(raw));
    println!("diel submit FILE        {:>9.0} samples/s", rate(import));
    println!("ratio                   {:>9.3}", rate(import) / rate(raw));
    println!("import memory, peak     {memory:>9.0} MB");
    println!(
        "server memory, peak     {:>9.0} MB",
        server.peak_memory_mb()?
    );
    ensure!(memory < MOST_MB, "the import held more than {MOST_MB} MB");
    Ok(())
}

/// Runs `diel submit`; returns how long it took and the most memory it held.
fn import(file: &Path, server: &ServerProcess, samples: usize) -> Result<(Duration, f64)> {
    let begun = Instant::now();
    let mut submitting = Command::new(diel()?)
        .arg("submit")
        .arg(file)
        .args(["--study", "bench", "--server", &server.url])
        .stdout(Stdio::piped())
        .spawn()?;
    let mut memory: f64 = 0.0;
    while submitting.try_wait()?.is_none() {
        // The process may end while its memory is read.
        memory = peak_memory_mb(submitting.id()).unwrap_or(memory);
        thread::sleep(Duration::from_millis(10));
    }
    let time = begun.elapsed();
    let output = submitting.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(
        said.contains(&format!("{samples} rows stored, 0 unchanged, 0 refused")),
        "{said}"
    );
    Ok((time, memory))
}
