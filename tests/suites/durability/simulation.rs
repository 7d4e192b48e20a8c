//! A whole service from a seed: clients that submit, amend, recall, review and watch, on lines that are cut, with a server
//! that is stopped and started and a clock that jumps. What they do and what befalls them is chosen by the seed; which of
//! two calls made at once comes first is the scheduler's to say, so a seed repeats the plan and nearly always the outcome.
//!
//! `DIEL_SEED=7 cargo test -p diel-tests --test durability simulated -- --nocapture` repeats one seed,
//! `DIEL_SEEDS=500` runs the first 500.

#[path = "simulation/caller.rs"]
mod caller;
#[path = "simulation/watching.rs"]
mod watching;
#[path = "simulation/world.rs"]
mod world;

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use diel_client::v1;
use diel_tests::database::Database;
use diel_tests::random::Random;
use diel_tests::trail;
use futures_util::FutureExt as _;

use caller::Caller;
use watching::Watching;
use world::World;

const STUDY: &str = "simulated";
/// Clients at work at once.
const CALLERS: u64 = 4;
/// What each of them does, one call after the other.
const ROUNDS: u64 = 30;
/// Seeds that every run of the suite takes.
const SEEDS: u64 = 3;
/// Once nothing befalls it any more, a service serves within this time, and all that waited is answered.
const WELL_AGAIN: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn simulated_on_sqlite() {
    for seed in seeds() {
        simulate(seed, Database::sqlite().unwrap()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn simulated_on_postgres() {
    for seed in seeds() {
        simulate(seed, Database::postgres().await.unwrap()).await;
    }
}

fn seeds() -> Vec<u64> {
    let number = |name| std::env::var(name).ok().map(|text| text.parse().unwrap());
    match number("DIEL_SEED") {
        Some(seed) => vec![seed],
        None => (0..number("DIEL_SEEDS").unwrap_or(SEEDS)).collect(),
    }
}

async fn simulate(number: u64, database: Database) {
    let run = AssertUnwindSafe(run(Random::new(number), database)).catch_unwind();
    match run.await {
        Ok(tally) => println!("seed {number}: {tally}"),
        Err(panic) => {
            println!("DIEL_SEED={number} repeats this");
            std::panic::resume_unwind(panic);
        }
    }
}

/// Runs a seed and holds what is left against what was acknowledged; says how much that was.
async fn run(mut seed: Random, database: Database) -> String {
    let mut world = World::begin(database).await;
    let study = v1::CreateStudyRequest {
        study_id: STUDY.into(),
        study: Some(v1::Study {
            display_name: "Simulated".into(),
            time_zone: "Europe/Berlin".into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    world.client().await.create_study(study).await.unwrap();
    let watching = Watching::begin(&world).await;
    let mut callers = Vec::new();
    for number in 0..CALLERS {
        callers.push(Caller::new(
            number,
            world.client().await,
            Random::new(seed.bits()),
        ));
    }
    let mut faults = 0;
    for _ in 0..ROUNDS {
        let fault = world.choose(&mut seed);
        faults += u64::from(fault.is_some());
        let acting = callers.iter_mut().map(Caller::act);
        let acting = futures_util::future::join_all(acting);
        tokio::join!(acting, world.befall(fault));
    }
    // Nothing more befalls it.
    world.restart().await;
    let well = Instant::now();
    world.wait_until_serving(WELL_AGAIN).await;
    for caller in &mut callers {
        caller.finish().await;
    }
    assert!(
        well.elapsed() < WELL_AGAIN,
        "well after {:?}",
        well.elapsed()
    );
    for caller in &callers {
        caller.check().await;
    }
    let batches: usize = callers.iter().map(Caller::batches).sum();
    let request = v1::ListBatchesRequest {
        parent: format!("studies/{STUDY}"),
        ..Default::default()
    };
    let stored = world
        .client()
        .await
        .list(request)
        .collect(10_000)
        .await
        .unwrap();
    assert_eq!(stored.len(), batches, "each batch is stored once");
    let steps = watching.check(&world.client().await, WELL_AGAIN).await;
    let head = trail::verify(&world.channel().await, STUDY).await.unwrap();
    let acknowledged: u64 = callers.iter().map(|caller| caller.acknowledged).sum();
    let repeated: u64 = callers.iter().map(|caller| caller.repeated).sum();
    let database = world.end().await;
    let verified = diel_server::verify(database.url(), |_, _| ())
        .await
        .unwrap();
    assert!(verified.flaws.is_empty(), "{:?}", verified.flaws);
    assert!(verified.persons > 0, "nobody was judged again");
    format!(
        "{acknowledged} steps acknowledged, {repeated} sent again, {faults} faults, {batches} batches, {} persons \
         computed again, {steps} steps of flags watched, {} entries of the trail",
        verified.persons, head.sequence
    )
}
