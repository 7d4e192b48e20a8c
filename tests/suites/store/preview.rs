//! What another policy would change, said before and done after.

use std::collections::BTreeMap;
use std::time::Duration;

use diel_core::{PolicyTerms, Threshold, Verdict};
use diel_store::{
    Flag, FlagDecision, FlagEffect, FlagFilter, FlagState, JobState, PageRequest, PreviewedPerson,
    StoreError,
};

use crate::TestStore;
use crate::cohort::{FLAT, STEEP, STUDY, call, create_study, days, now, submission};

const LEASE: Duration = Duration::from_secs(30);

/// Every fifth person is flat, of every third the days are few.
async fn people(store: &TestStore, persons: u32) {
    create_study(store).await;
    let rows = (0..persons).flat_map(|person| {
        let number = if person % 3 == 0 { 2 } else { 4 };
        let slope = if person % 5 == 0 { FLAT } else { STEEP };
        days(&format!("p{person:03}"), 0..number, slope)
    });
    store.submit(submission(rows.collect())).await.unwrap();
}

/// By this policy two days suffice and hardly a slope is steep enough.
fn strict() -> PolicyTerms {
    PolicyTerms {
        threshold: Some(Threshold::LnPerHour(-0.2)),
        min_days: Some(2),
        ..PolicyTerms::default()
    }
}

async fn preview(store: &TestStore, terms: &PolicyTerms, slice: u32) -> Vec<PreviewedPerson> {
    let mut persons = Vec::new();
    let mut page = PageRequest {
        after: None,
        limit: slice,
    };
    loop {
        let slice = store.preview_policy(STUDY, terms, &page).await.unwrap();
        persons.extend(slice.persons);
        page.after = slice.next;
        if page.after.is_none() {
            return persons;
        }
    }
}

async fn flags(store: &TestStore) -> BTreeMap<String, Flag> {
    let page = PageRequest {
        after: None,
        limit: 1000,
    };
    let flags = store.flags(STUDY, &FlagFilter::default(), &page).await;
    let flags = flags.unwrap().items.into_iter();
    flags.map(|flag| (flag.participant.clone(), flag)).collect()
}

async fn apply(store: &TestStore, version: i64, terms: PolicyTerms) {
    store
        .update_policy(STUDY, version, terms, &call())
        .await
        .unwrap();
    let mut job = store.claim_job("w", now(), LEASE).await.unwrap().unwrap();
    while job.state == JobState::Running {
        job = store
            .rejudge_next(&job, "w", 7, now(), LEASE)
            .await
            .unwrap();
    }
}

pub(crate) async fn what_is_previewed_is_what_happens(store: TestStore) {
    people(&store, 40).await;
    assert_eq!(store.participant_count(STUDY).await.unwrap(), 40);
    let before = flags(&store).await;
    let decided = before.values().next().unwrap();
    store
        .resolve_flag(
            STUDY,
            &decided.id,
            1,
            FlagDecision::Dismissed,
            "seen",
            &call(),
        )
        .await
        .unwrap();
    for (version, terms) in [(1, strict()), (2, PolicyTerms::default())] {
        let before = flags(&store).await;
        let said = preview(&store, &terms, 7).await;
        assert_eq!(said, preview(&store, &terms, 100).await);
        assert_eq!(said.len(), 40);
        assert_eq!(flags(&store).await, before, "a preview changes nothing");
        apply(&store, version, terms).await;
        let after = flags(&store).await;
        for person in &said {
            let (was, is) = (
                before.get(&person.participant),
                after.get(&person.participant),
            );
            let waits =
                |flag: Option<&Flag>| flag.is_some_and(|flag| flag.state == FlagState::Open);
            let effect = match (waits(was), waits(is)) {
                (false, true) => FlagEffect::New,
                (true, false) => FlagEffect::Cleared,
                (true, true) => FlagEffect::Unchanged,
                (false, false) if is.is_some_and(|flag| flag.state == FlagState::Resolved) => {
                    FlagEffect::Decided
                }
                (false, false) => FlagEffect::None,
            };
            assert_eq!(person.effect, effect, "{person:?}");
            let rhythm = store.rhythm(STUDY, &person.participant).await.unwrap();
            assert_eq!(rhythm.rhythm, person.after);
        }
        let count = |effect| said.iter().filter(|person| person.effect == effect).count();
        // By hand: persons 0, 5, 10 ... 35 are flat, of whom 0, 15 and 30 have two days only and one is decided.
        let expected = if version == 1 {
            (40 - 8 + 3, 0, 4)
        } else {
            (0, 40 - 8 + 3, 4)
        };
        assert_eq!(
            (
                count(FlagEffect::New),
                count(FlagEffect::Cleared),
                count(FlagEffect::Unchanged)
            ),
            expected
        );
        assert_eq!(count(FlagEffect::Decided), 1);
    }
}

pub(crate) async fn a_preview_of_a_policy_that_breaks_a_rule_is_refused(store: TestStore) {
    people(&store, 1).await;
    let broken = PolicyTerms {
        evening_limit_share: Some(2.0),
        ..PolicyTerms::default()
    };
    let page = PageRequest {
        after: None,
        limit: 10,
    };
    let refused = store.preview_policy(STUDY, &broken, &page).await;
    assert!(matches!(refused, Err(StoreError::Policy(_))));
    let (terms, in_force) = store.check_policy(STUDY, &strict()).await.unwrap();
    assert_eq!((terms.min_days, terms.min_samples), (Some(2), Some(0)));
    assert_eq!((in_force.version, in_force.terms.min_days), (1, Some(3)));
    let one = preview(&store, &strict(), 10).await.remove(0);
    assert_eq!(
        (one.verdict_before, one.after.verdict),
        (Some(Verdict::Indeterminate), Verdict::FlatForReview)
    );
}
