//! Kills the service, and on PostgreSQL the database too, under eight writers for as many rounds as asked for, and prints what
//! was kept. Ends with an error at the first thing that is lost, doubled or half.
//!
//! `cargo run -p diel-tests --example kill_loop -- --rounds 500 --engine sqlite`, after `cargo build -p diel-cli`.
#![expect(clippy::print_stdout, reason = "it reports")]

use std::time::Instant;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use diel_tests::killing;

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Engine {
    Sqlite,
    Postgres,
}

/// Kills a service under eight writers and counts what it kept.
#[derive(Debug, Parser)]
struct Arguments {
    /// How often something is killed.
    #[arg(long, default_value_t = 500)]
    rounds: u32,
    /// Where the service keeps its data.
    #[arg(long)]
    engine: Engine,
    /// Chooses what is killed and when.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Arguments {
        rounds,
        engine,
        seed,
    } = Arguments::parse();
    let began = Instant::now();
    let tally = match engine {
        Engine::Sqlite => killing::on_sqlite(rounds, seed).await?,
        Engine::Postgres => killing::on_postgres(rounds, seed).await?,
    };
    let seconds = began.elapsed().as_secs();
    println!("{engine:?}, {rounds} rounds, seed {seed}, {seconds} s: {tally}");
    Ok(())
}
