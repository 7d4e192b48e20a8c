use diel_core::{MissingReason, Outcome, Verdict};
use diel_store::{
    AuditFilter, Call, FlagEventKind, FlagState, Mode, PageRequest, Recall, ResultFilter, Revised,
    RevisionCause, StoreError, StoredResult, StoredRhythm,
};

use crate::TestStore;
use crate::amendments::amendments;
use crate::cohort::{
    FLAT, STEEP, STUDY, call, call_with, create_study, days, nmol, result, submission, tube,
};

fn recall(batch: &str) -> Recall {
    Recall {
        study: STUDY.to_owned(),
        batch: batch.to_owned(),
        version: None,
        reason: "standards swapped".to_owned(),
        call: call(),
    }
}

fn page<K>() -> PageRequest<K> {
    PageRequest {
        after: None,
        limit: 100,
    }
}

async fn results_of(store: &TestStore, specimen: &str) -> Vec<StoredResult> {
    let filter = ResultFilter {
        specimen: Some(specimen.to_owned()),
        batch: None,
    };
    store.results(STUDY, &filter, &page()).await.unwrap().items
}

async fn rhythm(store: &TestStore, participant: &str) -> StoredRhythm {
    store.rhythm(STUDY, participant).await.unwrap()
}

/// p1 has a flat day on the bad plate and three on the good one, p2 all its days on the bad one, p3 none.
struct Plates {
    bad: String,
    flag: String,
}

async fn plates(store: &TestStore) -> Plates {
    create_study(store).await;
    let mut rows = days("p1", 0..1, FLAT);
    rows.extend(days("p2", 0..4, STEEP));
    let bad = store.submit(submission(rows)).await.unwrap();
    let mut rows = days("p1", 1..3, FLAT);
    rows.extend(days("p3", 0..4, STEEP));
    let good = store.submit(submission(rows)).await.unwrap();
    Plates {
        bad: bad.batch.unwrap().id,
        flag: good.raised_flags[0].clone(),
    }
}

pub(crate) async fn a_recalled_plate_takes_its_days_and_flags_along(store: TestStore) {
    let Plates { bad, flag } = plates(&store).await;
    let untouched = rhythm(&store, "p3").await;
    let (batch, revised) = store.recall_batch(recall(&bad)).await.unwrap();
    let mark = batch.recall.clone().unwrap();
    assert_eq!(
        (mark.at, mark.actor.as_str(), mark.reason.as_str()),
        (call().now, "lab", "standards swapped")
    );
    assert_eq!(store.batch(STUDY, &bad).await.unwrap(), batch);
    assert_eq!(revised.results, 25);
    let told: Vec<_> = revised
        .persons
        .iter()
        .map(|person| {
            (
                person.participant.as_str(),
                person.verdict_after,
                person.days_lost.len(),
                person.days_gained.len(),
                person.flag.clone(),
            )
        })
        .collect();
    let withdrawn = Some((flag.clone(), FlagEventKind::Withdrawn));
    let insufficient = Some(Verdict::InsufficientData);
    assert_eq!(told[0].0, "p1");
    assert_eq!((told[0].2, told[0].3, &told[0].4), (1, 0, &withdrawn));
    assert_eq!(told[1], ("p2", insufficient, 4, 0, None));
    assert_eq!(
        revised.persons[0].verdict_before,
        Some(Verdict::FlatForReview)
    );
    assert_eq!(revised.persons[0].days_lost[0].to_string(), "2026-03-02");

    // Nothing is deleted: each result has what it said, and why it does not say it any more.
    let revisions = results_of(&store, &tube("p2", 0, 4)).await;
    assert_eq!(revisions.len(), 2);
    assert_eq!(revisions[0].cause, RevisionCause::Sent);
    assert!(matches!(
        revisions[0].measurement.outcome(),
        Outcome::Value(_)
    ));
    assert_eq!(
        revisions[1].measurement.outcome(),
        Outcome::Missing(MissingReason::RejectedByLab)
    );
    assert_eq!(
        (revisions[1].cause, revisions[1].amendment_reason.as_str()),
        (RevisionCause::Recalled, "batch recalled: standards swapped")
    );
    assert_eq!(
        (&revisions[1].batch, revisions[1].well.as_str()),
        (&bad, "B7")
    );

    // What is answered can be read: rhythm, flag, and why.
    let after = rhythm(&store, "p1").await;
    assert_eq!(after.flag, Some((flag.clone(), FlagState::Withdrawn)));
    assert_eq!(after.rhythm.valid_day_count, 2);
    let steps = store
        .flag_events(STUDY, &flag, &page())
        .await
        .unwrap()
        .items;
    let reason = &steps.last().unwrap().reason;
    let expected = format!("; studies/{STUDY}/batches/{bad} recalled: standards swapped");
    assert!(reason.ends_with(&expected), "{reason}");
    assert_eq!(rhythm(&store, "p3").await, untouched);
    let filter = AuditFilter {
        action: Some("recall_batch".to_owned()),
        ..AuditFilter::default()
    };
    let entries = store
        .audit_entries(Some(STUDY), &filter, &page())
        .await
        .unwrap();
    assert_eq!(entries.items.len(), 1);
}

pub(crate) async fn what_a_dry_run_says_is_what_happens(store: TestStore) {
    let Plates { bad, .. } = plates(&store).await;
    let trial = Recall {
        call: Call {
            validate_only: true,
            ..call()
        },
        ..recall(&bad)
    };
    let before = (rhythm(&store, "p1").await, rhythm(&store, "p2").await);
    let (_, said) = store.recall_batch(trial).await.unwrap();
    assert_eq!(store.batch(STUDY, &bad).await.unwrap().recall, None);
    assert_eq!(results_of(&store, &tube("p2", 0, 4)).await.len(), 1);
    assert_eq!(
        (rhythm(&store, "p1").await, rhythm(&store, "p2").await),
        before
    );
    let (_, done) = store.recall_batch(recall(&bad)).await.unwrap();
    assert_eq!(said, done);
}

pub(crate) async fn a_recall_is_taken_back(store: TestStore) {
    let Plates { bad, flag } = plates(&store).await;
    let before = (rhythm(&store, "p1").await, rhythm(&store, "p2").await);
    store.recall_batch(recall(&bad)).await.unwrap();
    // One tube was measured again meanwhile: it keeps its new value.
    let again = tube("p2", 3, 4);
    let row = diel_store::AmendmentRow {
        row: 0,
        result: result(&again, nmol(1.25)),
        collection: None,
    };
    let amended = diel_store::Amendments {
        rows: vec![row],
        mode: Mode::Atomic,
        ..amendments(Vec::new())
    };
    store.amend_together(amended).await.unwrap();
    let (batch, revised) = store.restore_batch(recall(&bad)).await.unwrap();
    assert_eq!((batch.recall, revised.results), (None, 24));
    assert_eq!(
        revised.persons[0].flag,
        Some((flag.clone(), FlagEventKind::Reopened))
    );
    assert_eq!(revised.persons[0].days_gained.len(), 1);
    let revisions = results_of(&store, &tube("p2", 0, 4)).await;
    assert_eq!(revisions.len(), 3);
    assert_eq!(revisions[2].measurement, revisions[0].measurement);
    assert_eq!(
        (
            revisions[2].replicate_count,
            revisions[2].replicate_cv_percent
        ),
        (Some(2), Some(4.5))
    );
    assert_eq!(
        (revisions[2].cause, revisions[2].amendment_reason.as_str()),
        (RevisionCause::Restored, "batch restored: standards swapped")
    );
    let kept = results_of(&store, &again).await;
    assert_eq!(kept.last().unwrap().measurement, nmol(1.25));
    let after = rhythm(&store, "p1").await;
    assert_eq!(after.rhythm, before.0.rhythm);
    assert_eq!(after.flag, Some((flag, FlagState::Open)));
}

pub(crate) async fn recalls_are_guarded(store: TestStore) {
    let Plates { bad, .. } = plates(&store).await;
    let unknown = store.recall_batch(recall("0000000000000001")).await;
    assert!(
        matches!(unknown, Err(StoreError::NotFound { .. })),
        "{unknown:?}"
    );
    let not_recalled = store.restore_batch(recall(&bad)).await;
    assert!(matches!(not_recalled, Err(StoreError::StateForbids { .. })));
    let stale = Recall {
        version: Some(7),
        ..recall(&bad)
    };
    let stale = store.recall_batch(stale).await;
    assert!(matches!(stale, Err(StoreError::EtagMismatch { .. })));
    let once = Recall {
        version: Some(1),
        call: call_with("recall", 1),
        ..recall(&bad)
    };
    let first: (_, Revised) = store.recall_batch(once.clone()).await.unwrap();
    assert_eq!(
        store.recall_batch(once).await.unwrap(),
        first,
        "asked again"
    );
    let twice = store.recall_batch(recall(&bad)).await;
    assert!(matches!(twice, Err(StoreError::StateForbids { .. })));
    // A result that never said a concentration went on saying why.
    assert_eq!(first.1.results, 25);
}

pub(crate) async fn a_whole_plate_of_strangers_is_recalled_at_once(store: TestStore) {
    create_study(&store).await;
    let rows = (0..1_000).flat_map(|person| days(&format!("p{person:04}"), 0..1, STEEP));
    let submitted = store.submit(submission(rows.collect())).await.unwrap();
    let bad = submitted.batch.unwrap().id;
    let began = std::time::Instant::now();
    let (_, revised) = store.recall_batch(recall(&bad)).await.unwrap();
    let took = began.elapsed();
    assert_eq!((revised.results, revised.persons.len()), (5_000, 1_000));
    assert!(
        revised
            .persons
            .iter()
            .all(|person| person.days_lost.len() == 1)
    );
    assert!(took.as_secs() < 60, "{took:?}");
}
