//! Changes of every kind, one after the other, as a server makes them that is started again after a failure.

use std::time::Duration;

use diel_core::PolicyTerms;
use diel_disk::{Disk, Operation};
use diel_store::{
    Amendment, Call, FlagDecision, FlagFilter, OpenOptions, PageRequest, ParticipantChange, Recall,
    Registration, Store, StoreError, Submission, SubmissionRow,
};

use crate::cohort::{
    FLAT, STEEP, STUDY, call_with, days, new_study, nmol, result, submission, tube,
};
use crate::orders::{registration, results_only};

/// Steps of the script.
pub(crate) const STEPS: usize = 11;
/// Before this step the store is closed, which copies its log into the database, and opened again.
const OPENED_AGAIN_BEFORE: usize = 7;
/// How often a store is opened at most, and a step tried on it.
const TRIES: u32 = 4;
/// More than the least time that a file system tells apart.
const A_TICK: Duration = Duration::from_millis(20);

/// How far the script came.
#[derive(Debug)]
pub(crate) struct Worked {
    /// Steps acknowledged.
    pub(crate) done: usize,
}

/// Runs the script to its end, past a fault where the store can be opened again, or until the power is gone.
pub(crate) async fn work(url: &str, disk: &Disk) -> Worked {
    let mut options = OpenOptions::default();
    options.readers = 1;
    let mut done = 0;
    for _ in 0..TRIES {
        let Ok(store) = Store::open(url, &options).await else {
            continue;
        };
        let until = if done < OPENED_AGAIN_BEFORE {
            OPENED_AGAIN_BEFORE
        } else {
            STEPS
        };
        let sync_failed = go_on(&store, disk, &mut done, until).await;
        store.close().await;
        // What a failed sync has lost nobody can say: an operator looks before anything is started again.
        if done == STEPS || sync_failed {
            break;
        }
    }
    Worked { done }
}

/// Starts again after a failed sync, as nobody should before the machine was, and runs what is left of the script. The store
/// is open.
pub(crate) async fn finish(url: &str, worked: &Worked) -> Store {
    // The disk tells by the time of the last write whether a file was written past SQLite.
    tokio::time::sleep(A_TICK).await;
    let store = Store::open(url, &OpenOptions::default()).await.unwrap();
    for number in worked.done..STEPS {
        step(&store, number).await.unwrap();
    }
    store
}

/// Returns whether a sync failed under a step, which then is not acknowledged, nor any other after it.
async fn go_on(store: &Store, disk: &Disk, done: &mut usize, until: usize) -> bool {
    let mut tries = 0;
    while *done < until && tries < TRIES {
        let struck_before = disk.struck();
        let ended = step(store, *done).await;
        if struck_before.is_none() && disk.struck() == Some(Operation::Sync) {
            assert!(
                ended.is_err(),
                "step {done} was acknowledged without a sync"
            );
            let next = step(store, *done).await;
            assert!(
                matches!(next, Err(StoreError::DiskFailed)),
                "after a failed sync: {next:?}"
            );
            return true;
        }
        match ended {
            Ok(()) => *done += 1,
            Err(StoreError::DiskFailed) => return false,
            Err(StoreError::Unavailable(_) | StoreError::InDoubt(_) | StoreError::Engine(_)) => {
                tries += 1
            }
            Err(other) => panic!("step {done}: {other:?}"),
        }
    }
    false
}

/// One change under a request id of its own, so that it can be asked for again.
pub(crate) async fn step(store: &Store, number: usize) -> Result<(), StoreError> {
    let call = call_with(&format!("step-{number}"), 1);
    match number {
        0 => drop(store.create_study(new_study(STUDY), &call).await?),
        1 => submit(store, days("p1", 0..4, FLAT), call).await?,
        2 => submit(store, days("p2", 0..3, STEEP), call).await?,
        3 => {
            let facts = registration(&days("p3", 0..2, STEEP));
            drop(store.register(Registration { call, ..facts }).await?);
        }
        4 => submit(store, results_only(&days("p3", 0..2, STEEP)), call).await?,
        5 => drop(store.amend(amendment(call)).await?),
        6 => {
            let page = PageRequest {
                after: None,
                limit: 10,
            };
            let flags = store.flags(STUDY, &FlagFilter::default(), &page).await?;
            let (id, reason) = (&flags.items[0].id, "late tube");
            let decision = FlagDecision::Dismissed;
            // The amendment before moved the flag on by one step.
            drop(
                store
                    .resolve_flag(STUDY, id, 2, decision, reason, &call)
                    .await?,
            );
        }
        7 => {
            let terms = PolicyTerms::default();
            drop(store.update_policy(STUDY, 1, terms, &call).await?);
        }
        8 => drop(store.recall_batch(first_batch(store, call).await?).await?),
        9 => drop(store.restore_batch(first_batch(store, call).await?).await?),
        _ => {
            let change = ParticipantChange {
                group: Some("case".to_owned()),
                ..ParticipantChange::default()
            };
            drop(
                store
                    .update_participant(STUDY, "p2", Some(1), change, false, &call)
                    .await?,
            );
        }
    }
    Ok(())
}

async fn submit(store: &Store, rows: Vec<SubmissionRow>, call: Call) -> Result<(), StoreError> {
    let sent = Submission {
        call,
        ..submission(rows)
    };
    store.submit(sent).await.map(drop)
}

fn amendment(call: Call) -> Amendment {
    let specimen = tube("p1", 0, 4);
    Amendment {
        study: STUDY.to_owned(),
        result: result(&specimen, nmol(22.0)),
        specimen,
        replaced_revision: 1,
        reason: "plate read again".to_owned(),
        call,
    }
}

async fn first_batch(store: &Store, call: Call) -> Result<Recall, StoreError> {
    let page = PageRequest {
        after: None,
        limit: 1,
    };
    let batches = store.batches(STUDY, &page).await?;
    Ok(Recall {
        study: STUDY.to_owned(),
        batch: batches.items[0].id.clone(),
        version: None,
        reason: "standards swapped".to_owned(),
        call,
    })
}
