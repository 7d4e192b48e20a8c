//! One 40-specimen plate through gRPC into SQLite, in multiples of one fsync on the same disk.
//!
//! `cargo bench -p diel-benches --bench plate -- [PLATES]`
#![expect(clippy::print_stdout, reason = "a bench reports")]

use std::fs::File;
use std::io::Write as _;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use diel_benches::arguments::arguments;
use diel_benches::cohort;
use diel_benches::spread::Spread;
use diel_client::Client;
use diel_tests::process::ServerProcess;

/// Specimens on a plate.
const SPECIMENS: usize = 40;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = arguments();
    let plates: usize = arguments
        .first()
        .map_or(Ok(500), |n| n.parse())
        .context("PLATES")?;
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let server = ServerProcess::start(&format!(
        "sqlite://{}",
        folder.path().join("diel.db").display()
    ))?;
    let client = Client::connect(server.url.clone()).await?;
    client.create_study(cohort::study()).await?;
    let (mut plate_times, mut fsync_times) = (Spread::default(), Spread::default());
    let mut log = File::create(folder.path().join("floor"))?;
    for plate in 0..plates {
        let request = cohort::batch("bench", plate * SPECIMENS, (plate + 1) * SPECIMENS);
        let begun = Instant::now();
        let answer = client.submit_batch(request).await?;
        plate_times.add(begun.elapsed());
        ensure!(
            answer.stored_count == 40 && answer.profile_count >= 8,
            "{answer:?}"
        );
        fsync_times.add(one_fsync(&mut log)?);
    }
    let floor = fsync_times.quantile(0.5).as_secs_f64();
    println!("one fsync of 4 KiB, median   {:>9.3} ms", floor * 1e3);
    for (name, share) in [("median", 0.5), ("p99", 0.99)] {
        let time = plate_times.quantile(share).as_secs_f64();
        println!(
            "a plate of 40, {name:<13} {:>9.3} ms = {:.1} fsyncs",
            time * 1e3,
            time / floor
        );
    }
    Ok(())
}

fn one_fsync(log: &mut File) -> Result<std::time::Duration> {
    log.write_all(&[7; 4096])?;
    let begun = Instant::now();
    log.sync_data()?;
    Ok(begun.elapsed())
}
