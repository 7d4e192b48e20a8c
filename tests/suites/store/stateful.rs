//! Sequences of changes that nobody wrote down, against a model that keeps everything in memory. After each step the lists are
//! those of the model, whatever the size of pages; what was refused, repeated or only checked has changed nothing; the trail is
//! a chain that grew by what was done; and each rhythm is what its samples give.
//!
//! `PROPTEST_CASES=2000` tries more sequences than the suite has time for.

#[path = "stateful/change.rs"]
pub(crate) mod change;
#[path = "stateful/lists.rs"]
mod lists;
#[path = "stateful/model.rs"]
mod model;

use std::sync::atomic::{AtomicU32, Ordering};

use diel_core::audit::Walk;
use diel_store::{
    AuditFilter, FlagFilter, FlagState, PageRequest, RhythmFilter, RhythmNumbers, Store,
};
use proptest::collection::vec;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use crate::TestStore;
use crate::cohort::{call, new_study};
use crate::state;
use change::{Change, change};
use model::Model;

/// Sequences in the suite, on each engine.
const CASES: u32 = 12;
/// The most changes in one.
const CHANGES: usize = 24;

pub(crate) async fn any_sequence_ends_as_in_the_model(store: TestStore) {
    let cases = std::env::var("PROPTEST_CASES").map_or(CASES, |text| text.parse().unwrap());
    let config = Config {
        cases,
        max_shrink_iters: 400,
        failure_persistence: None,
        ..Config::default()
    };
    let (studies, steps) = (AtomicU32::new(0), AtomicU32::new(0));
    let handle = tokio::runtime::Handle::current();
    let outcome = tokio::task::block_in_place(|| {
        TestRunner::new(config).run(&vec(change(), 1..=CHANGES), |changes| {
            let study = format!("s{:06}", studies.fetch_add(1, Ordering::Relaxed));
            steps.fetch_add(u32::try_from(changes.len()).unwrap(), Ordering::Relaxed);
            handle.block_on(follow(&store, &study, &changes))
        })
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    println!("{cases} sequences of {} changes in all", steps.into_inner());
}

/// Each sequence has a study of its own.
async fn follow(store: &Store, study: &str, changes: &[Change]) -> Result<(), TestCaseError> {
    store.create_study(new_study(study), &call()).await.unwrap();
    let mut model = Model::default();
    for (number, change) in changes.iter().enumerate() {
        let before = state::of(store, study).await.unwrap();
        let done = change::make(store, study, &mut model, number, change).await;
        let after = state::of(store, study).await.unwrap();
        if done {
            assert!(after.entries > before.entries, "{change:?} left no entry");
        } else {
            assert_eq!(after, before, "{change:?} was to change nothing");
        }
        compare(&mut model, &after);
        check_rhythms(store, study, &mut model).await;
        check_trail(store, study, after.entries).await;
        lists::check(store, study, &after, u32::try_from(number % 5 + 1).unwrap()).await;
    }
    Ok(())
}

fn compare(model: &mut Model, found: &state::State) {
    assert_eq!(found.versions, model.versions);
    assert_eq!(found.batches, model.batches());
    assert_eq!(found.specimens, model.specimens());
    assert_eq!(found.results, model.results());
    assert_eq!(found.participants, model.participants());
}

/// Each rhythm rests on the samples that the model knows, is what they give, and its flag stands where it may.
async fn check_rhythms(store: &Store, study: &str, model: &mut Model) {
    let page = PageRequest {
        after: None,
        limit: 1000,
    };
    let rhythms = store.rhythms(study, &RhythmFilter::default(), &page).await;
    let rhythms = rhythms.unwrap().items;
    let any = FlagFilter::default();
    let flags = store.flags(study, &any, &page_of_flags()).await;
    let mut flags: std::collections::BTreeMap<_, _> = (flags.unwrap().items.into_iter())
        .map(|flag| (flag.participant.clone(), flag))
        .collect();
    for stored in rhythms {
        let history = store.history(study, &stored.participant).await.unwrap();
        let samples: Vec<_> = (history.samples.iter())
            .map(|sample| (sample.specimen.clone(), sample.measurement))
            .collect();
        assert_eq!(samples, model.samples(&stored.participant));
        let again = RhythmNumbers::from(&history.analysis().rhythm);
        assert_eq!(stored.rhythm, again, "{}", stored.participant);
        let flag = flags.remove(&stored.participant);
        let stands = flag.as_ref().map(|flag| (flag.id.clone(), flag.state));
        assert_eq!(stored.flag, stands);
        model.follow_flag(&stored.participant, stored.rhythm.verdict, flag);
    }
    assert!(flags.is_empty(), "flags of nobody: {flags:?}");
    for state in [FlagState::AwaitingSecond, FlagState::Disputed] {
        let odd = model.flags.values().find(|flag| flag.state == state);
        assert!(odd.is_none(), "nobody asked for a second decision: {odd:?}");
    }
}

fn page_of_flags() -> PageRequest<(f64, String)> {
    PageRequest {
        after: None,
        limit: 1000,
    }
}

async fn check_trail(store: &Store, study: &str, entries: i64) {
    let page = PageRequest {
        after: None,
        limit: 1000,
    };
    let any = AuditFilter::default();
    let chain = store.audit_entries(Some(study), &any, &page);
    let mut walk = Walk::new(study);
    for entry in chain.await.unwrap().items {
        walk.step(&entry).unwrap();
    }
    let head = store.audit_head(Some(study)).await.unwrap();
    assert_eq!(walk.finish_at(head).unwrap().sequence, entries);
}
