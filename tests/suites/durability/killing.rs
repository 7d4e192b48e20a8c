//! Eight writers with ids of their own for each request, killed under: a few dozen rounds of what
//! `cargo run -p diel-tests --example kill_loop` does for hours.

use std::hash::{BuildHasher as _, RandomState};

use diel_tests::killing;

const ROUNDS: u32 = 20;

/// Another seed each time; it is printed, and a failure names it.
fn seed() -> u64 {
    RandomState::new().hash_one(0) % 1_000_000
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_outlives_kills_on_sqlite() {
    let tally = killing::on_sqlite(ROUNDS, seed()).await.unwrap();
    println!("{tally}");
    assert!(tally.acknowledged > 0, "nothing was tested");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_outlives_kills_on_postgres() {
    let tally = killing::on_postgres(ROUNDS, seed()).await.unwrap();
    println!("{tally}");
    assert!(tally.acknowledged > 0, "nothing was tested");
}
