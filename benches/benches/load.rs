//! 64 clients that submit, 64 that query and 16 that watch, for a while; then the same beside 10 slow readers and 10 half-open
//! connections. Asserts that no call fails and that memory after the warm-up (a quarter of the time) grows by less than 1 MB
//! a minute; prints times by kind of call.
//!
//! `cargo bench -p diel-benches --bench load -- [--seconds 600] [sqlite|postgres]`, after
//! `cargo build --release -p diel-cli`. PostgreSQL must be installed.
#![expect(clippy::print_stdout, reason = "a bench reports")]

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use diel_benches::arguments::arguments;
use diel_tests::database::Database;
use diel_tests::load::{Plan, measure};
use diel_tests::process::ServerProcess;

/// The most that memory may grow by, in MB a minute.
const MOST_GROWTH: f64 = 1.0;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = arguments();
    let seconds = match arguments
        .iter()
        .position(|argument| argument == "--seconds")
    {
        Some(place) => arguments
            .get(place + 1)
            .context("--seconds SECONDS")?
            .parse()?,
        None => 600,
    };
    let on_postgres = arguments.iter().any(|argument| argument == "postgres");
    let plan = Plan::of(Duration::from_secs(seconds));
    for (name, plan) in [
        ("alone", plan),
        ("beside bad peers", plan.beside_bad_peers()),
    ] {
        let database = match on_postgres {
            true => Database::postgres().await?,
            false => Database::sqlite()?,
        };
        let server = ServerProcess::start(database.url())?;
        let measured = measure(&server, plan).await?;
        println!("{name}, {seconds} s:");
        for (kind, times) in &measured.times {
            let [median, rare, rarest] = [0.5, 0.99, 0.999].map(|share| times.quantile(share));
            println!(
                "  {kind}: {} calls, median {median:.1?}, 99 % {rare:.1?}, 99.9 % {rarest:.1?}",
                times.count()
            );
        }
        let ((least, most), growth) = (measured.memory_mb(), measured.growth_mb_per_min());
        println!("  memory {least:.1} to {most:.1} MB, {growth:+.2} MB a minute");
        ensure!(
            growth < MOST_GROWTH,
            "memory grows by {growth:.2} MB a minute"
        );
    }
    Ok(())
}
