//! Every write, sync, truncation, opening and removal of SQLite's files fails in turn, and the power goes at each of them,
//! under a script of changes. What was acknowledged is there when the files are opened again, the change that was under way
//! whole or not at all.
//!
//! `DIEL_TEST_SECONDS=3600` visits all points instead of as many as there is time for.

#[path = "fault_points/script.rs"]
pub(crate) mod script;

use std::path::Path;
use std::time::{Duration, Instant};

use diel_disk::{Disk, Fault, Loss, Operation};
use diel_store::{OpenOptions, Store};
use diel_tests::random::Random;
use tempfile::TempDir;

use crate::cohort::STUDY;
use crate::state::{self, State};
use script::{STEPS, Worked, finish, work};

/// How long points are visited, unless the environment says otherwise.
const SECONDS: u64 = 12;
const FAULTS: [Fault; 4] = [
    Fault::Error,
    Fault::ShortWrite,
    Fault::NoSpace,
    Fault::PowerLoss,
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_at_work_survives_a_fault_at_any_point() {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("diel.db");
    open(&plain(&made)).await.close().await;
    let disk = Disk::register("at-work").unwrap();
    visit(&disk, Some(&made)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_start_survives_a_fault_at_any_point() {
    visit(&Disk::register("first-start").unwrap(), None).await;
}

/// The promise about a log that was left, broken on purpose: were it not written again before anything is built on it, this
/// suite would see what was acknowledged go.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_is_not_written_again_is_seen_to_lose_what_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("diel.db");
    open(&plain(&made)).await.close().await;
    let disk = Disk::register("forgetful").unwrap();
    let states = states().await;
    let (mut at, mut syncs) = (0, 0);
    loop {
        at += 1;
        let folder = place(Some(&made));
        disk.fail(Fault::Error, at);
        let worked = work(&disk.url(&folder.path().join("diel.db")), &disk).await;
        match disk.struck() {
            Some(Operation::Sync) => {}
            Some(_) => continue,
            None => panic!("{syncs} failed syncs, and nothing was seen to be lost"),
        }
        syncs += 1;
        disk.forget_writes_past_sqlite();
        let about = format!("sync at {at}");
        let seen = look_started_again(&disk, &worked, &states, at, &about).await;
        if let Err(seen) = seen {
            let is_loss = seen.contains("instead of one of") || seen.contains("LogBroken");
            assert!(is_loss, "another thing was seen: {seen}");
            println!("seen at failed sync {syncs}, operation {at}");
            return;
        }
    }
}

/// How long a test goes on that could go on for hours.
pub(crate) fn seconds(usual: u64) -> u64 {
    std::env::var("DIEL_TEST_SECONDS").map_or(usual, |text| text.parse().unwrap())
}

pub(crate) fn plain(database: &Path) -> String {
    format!("sqlite://{}", database.display())
}

pub(crate) async fn open(url: &str) -> Store {
    Store::open(url, &OpenOptions::default()).await.unwrap()
}

/// A folder for one run: with a copy of the database that was made, or empty.
fn place(made: Option<&Path>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    if let Some(made) = made {
        std::fs::copy(made, folder.path().join("diel.db")).unwrap();
    }
    folder
}

/// The state after each number of steps, without faults.
async fn states() -> Vec<State> {
    let folder = place(None);
    let store = open(&plain(&folder.path().join("diel.db"))).await;
    let mut states = vec![state::of(&store, STUDY).await.unwrap()];
    for step in 0..STEPS {
        script::step(&store, step).await.unwrap();
        states.push(state::of(&store, STUDY).await.unwrap());
    }
    states
}

async fn visit(disk: &Disk, made: Option<&Path>) {
    let states = states().await;
    let folder = place(made);
    disk.fail(Fault::Error, 0);
    let worked = work(&disk.url(&folder.path().join("diel.db")), disk).await;
    assert_eq!((worked.done, disk.struck()), (STEPS, None));
    let operations = disk.operations();
    let mut points: Vec<_> = FAULTS
        .iter()
        .flat_map(|fault| (1..=operations).map(move |at| (*fault, at)))
        .collect();
    let (began, time) = (Instant::now(), Duration::from_secs(seconds(SECONDS)));
    let seed = u64::from(std::process::id());
    let mut random = Random::new(seed);
    let all = points.len();
    let (mut visited, mut struck) = (0, 0);
    while !points.is_empty() && began.elapsed() < time {
        let chosen = random.below(points.len() as u64);
        let (fault, at) = points.swap_remove(usize::try_from(chosen).unwrap());
        visited += 1;
        let reached = fault_at(disk, made, fault, at, &states).await;
        struck += u32::from(reached.unwrap_or_else(|seen| panic!("{seen}")));
    }
    println!(
        "{visited} of {all} fault points visited ({operations} operations), {struck} struck, seed {seed}"
    );
    assert!(struck > 0, "nothing was tested");
}

/// What is left, or what is wrong with it.
type Seen = Result<(), String>;

/// Runs the script with one fault and looks at what is left. Returns whether the fault was reached.
async fn fault_at(
    disk: &Disk,
    made: Option<&Path>,
    fault: Fault,
    at: u64,
    states: &[State],
) -> Result<bool, String> {
    let folder = place(made);
    let database = folder.path().join("diel.db");
    disk.fail(fault, at);
    let worked = work(&disk.url(&database), disk).await;
    let Some(operation) = disk.struck() else {
        assert_eq!(worked.done, STEPS);
        return Ok(false);
    };
    let about = format!("{fault:?} at {at}, {operation:?}, {worked:?}");
    // After a failed sync only a loss of power shows what never reached the disk.
    if fault == Fault::PowerLoss || operation == Operation::Sync {
        look_without_power(disk, &worked, states, at, &about).await?;
    }
    if fault != Fault::PowerLoss && operation == Operation::Sync {
        look_started_again(disk, &worked, states, at, &about).await?;
    }
    if fault != Fault::PowerLoss {
        look(&database, &worked, states, &about).await?;
    }
    Ok(true)
}

/// Starts again on what the system shows after a failed sync, goes on to the end of the script, and lets the power go.
async fn look_started_again(
    disk: &Disk,
    worked: &Worked,
    states: &[State],
    seed: u64,
    about: &str,
) -> Seen {
    let again = tempfile::tempdir().unwrap();
    disk.after_the_end(again.path()).unwrap();
    let store = finish(&disk.url(&again.path().join("diel.db")), worked).await;
    let worked = Worked { done: STEPS };
    let about = format!("{about}, started again");
    look_without_power(disk, &worked, states, seed, &about).await?;
    store.close().await;
    let about = format!("{about} and closed");
    look_without_power(disk, &worked, states, seed, &about).await
}

/// Lets the power go now, with more and with less of what was not synced, and looks at what the disk holds.
async fn look_without_power(
    disk: &Disk,
    worked: &Worked,
    states: &[State],
    seed: u64,
    about: &str,
) -> Seen {
    for loss in [Loss::Everything, Loss::Nothing, Loss::Some(seed)] {
        let after = tempfile::tempdir().unwrap();
        disk.after_power_loss(loss, after.path()).unwrap();
        let about = format!("{about}, lost: {loss:?}");
        look(&after.path().join("diel.db"), worked, states, &about).await?;
    }
    Ok(())
}

/// Opens what is left as the next start does, compares it with the states that it may have, verifies it, and goes on.
async fn look(database: &Path, worked: &Worked, states: &[State], about: &str) -> Seen {
    let store = Store::open(&plain(database), &OpenOptions::default())
        .await
        .map_err(|error| format!("{about}: {error:?}"))?;
    let found = state::of(&store, STUDY).await;
    store.close().await;
    let found = found.map_err(|error| format!("{about}: {error:?}"))?;
    let may_be = &states[worked.done..(worked.done + 2).min(states.len())];
    if !may_be.contains(&found) {
        return Err(format!("{about}: {found:#?} instead of one of {may_be:#?}"));
    }
    let verified = diel_server::verify(&plain(database), |_, _| {})
        .await
        .map_err(|error| format!("{about}: {error:?}"))?;
    if verified.flaws.is_empty() {
        Ok(())
    } else {
        Err(format!("{about}: {:?}", verified.flaws))
    }
}
