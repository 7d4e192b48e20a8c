//! The deletion of a study: nothing of it is left but its chain, other studies are as they were, and whoever takes it over goes on.

use std::time::Duration;

use diel_core::{PolicyTerms, audit::Entry};
use diel_store::{
    Deletion, Job, JobKind, JobState, ParticipantChange, Store, StoreError, StudyChange,
};
use diel_tests::database::Database;
use jiff::SignedDuration;
use sqlx::AssertSqlSafe;

use crate::TestStore;
use crate::audit::{entries, verify_chain};
use crate::cohort::{
    FLAT, STEEP, STUDY, call, call_with, create_study, days, new_study, now, submission,
};
use crate::references::{against, stratum, table};

const LEASE: Duration = Duration::from_secs(30);
/// A code that nothing else contains.
const CANARY: &str = "canary-4711";
const OTHER: &str = "other";
/// What is kept of a deleted study: its row, its chain, who may read it, and the job.
const KEPT: [&str; 5] = ["studies", "audit_entries", "audit_heads", "grants", "jobs"];

fn deletion(version: i64) -> Deletion {
    Deletion {
        study: STUDY.to_owned(),
        version,
        head: None,
        reason: "the study has ended".to_owned(),
        call: diel_store::Call {
            actor: "alice".to_owned(),
            ..call()
        },
    }
}

fn is_deleted<T: std::fmt::Debug>(answer: Result<T, StoreError>, done: bool) -> bool {
    matches!(answer, Err(StoreError::StudyDeleted { is_done, ref by, .. }) if is_done == done && by == "alice")
}

/// A study with something in as many tables as a few calls fill, and another one beside it.
async fn two_studies(store: &TestStore) {
    create_study(store).await;
    store.create_study(new_study(OTHER), &call()).await.unwrap();
    for study in [STUDY, OTHER] {
        let mut rows = days(CANARY, 0..4, FLAT);
        rows.extend(days(&format!("{CANARY}-b"), 0..4, STEEP));
        let mut both = submission(rows);
        both.study = study.to_owned();
        both.call = call_with("first", 1);
        assert_eq!(store.submit(both).await.unwrap().raised_flags.len(), 1);
        let change = ParticipantChange {
            group: Some("case".to_owned()),
            ..ParticipantChange::default()
        };
        store
            .update_participant(study, CANARY, None, change, true, &call())
            .await
            .unwrap();
        store
            .update_policy(study, 1, PolicyTerms::default(), &call())
            .await
            .unwrap();
        let women = table(vec![stratum(18.0, Some(60.0), None)]);
        store.create_reference(study, women, &call()).await.unwrap();
    }
}

async fn claim(store: &Store, worker: &str) -> Option<Job> {
    store
        .claim_job_of(JobKind::Delete, worker, now(), LEASE)
        .await
        .unwrap()
}

/// Takes slices until nothing is left; returns how many it took.
async fn finish(store: &Store, worker: &str, mut job: Job) -> (usize, Job) {
    let mut slices = 0;
    while job.state == JobState::Running {
        job = store
            .delete_next(&job, worker, 7, now(), LEASE)
            .await
            .unwrap();
        slices += 1;
    }
    (slices, job)
}

/// Every table that has a study's number, and each of its rows with that number, as a text.
async fn rows_of(database: &Database, study: &str) -> Vec<(String, Vec<String>)> {
    let id = format!("(select study_no from studies where study_id = '{study}')");
    let mut found = Vec::new();
    if database.url().starts_with("sqlite:") {
        let pool = sqlx::SqlitePool::connect(database.url()).await.unwrap();
        let tables: Vec<(String, String)> = sqlx::query_as(
            "select m.name, (select group_concat('quote(' || name || ')', ' || '','' || ') from pragma_table_info(m.name)) \
             from sqlite_schema m where m.type = 'table' \
             and exists (select 1 from pragma_table_info(m.name) where name = 'study_no') order by m.name",
        )
        .fetch_all(&pool)
        .await
        .unwrap();
        for (table, columns) in tables {
            let select = format!("select {columns} from {table} where study_no = {id} order by 1");
            let rows = sqlx::query_scalar(AssertSqlSafe(select));
            found.push((table, rows.fetch_all(&pool).await.unwrap()));
        }
        pool.close().await;
    } else {
        let pool = sqlx::PgPool::connect(database.url()).await.unwrap();
        let tables: Vec<String> = sqlx::query_scalar(
            "select table_name::text from information_schema.columns \
             where table_schema = 'public' and column_name = 'study_no' order by 1",
        )
        .fetch_all(&pool)
        .await
        .unwrap();
        for table in tables {
            let select = format!("select t::text from {table} t where study_no = {id} order by 1");
            let rows = sqlx::query_scalar(AssertSqlSafe(select));
            found.push((table, rows.fetch_all(&pool).await.unwrap()));
        }
        pool.close().await;
    }
    assert!(found.len() > 25, "{} tables", found.len());
    found
}

/// Nothing reads or writes the study, and its name is spent.
async fn the_study_is_closed(store: &TestStore, done: bool) {
    assert!(is_deleted(store.study(STUDY).await, done));
    assert!(is_deleted(store.rhythm(STUDY, CANARY).await, done));
    let late = store.submit(submission(days("late", 0..1, STEEP))).await;
    assert!(is_deleted(late, done));
    let change = StudyChange {
        display_name: Some("Another".to_owned()),
        ..StudyChange::default()
    };
    let changed = store.update_study(STUDY, 3, change, &call()).await;
    assert!(is_deleted(changed, done));
    let again = store.create_study(new_study(STUDY), &call()).await;
    assert!(matches!(again, Err(StoreError::NameSpent { .. })));
}

pub(crate) async fn a_deleted_study_leaves_its_chain_and_nothing_else(store: TestStore) {
    two_studies(&store).await;
    let other = rows_of(&store.database, OTHER).await;
    let before: Vec<Entry> = entries(&store, Some(STUDY)).await;
    let version = store.study(STUDY).await.unwrap().version;

    let begun = store.delete_study(deletion(version)).await.unwrap();
    let contents = begun.contents;
    assert_eq!(
        (
            contents.participants,
            contents.specimens,
            contents.results,
            contents.profiles
        ),
        (2, 40, 40, 8)
    );
    assert_eq!(
        (contents.flags, contents.batches, contents.answers),
        (1, 1, 1)
    );
    assert_eq!(contents.entries, before.len() as u64);
    the_study_is_closed(&store, false).await;
    let job = claim(&store, "w1").await.unwrap();
    let (slices, job) = finish(&store, "w1", job).await;
    assert!(slices > 15, "{slices} slices of 7");
    assert_eq!(job.done.unsigned_abs(), contents.total());
    assert_eq!(job.state, JobState::Succeeded);
    the_study_is_closed(&store, true).await;
    assert!(is_deleted(
        store.delete_study(deletion(version)).await,
        true
    ));
    assert_eq!(store.job(STUDY, &job.id).await.unwrap(), job);

    for (table, rows) in rows_of(&store.database, STUDY).await {
        let left = rows.iter().any(|row| row.contains(CANARY));
        assert!(!left, "{table} names a person");
        let kept = KEPT.contains(&table.as_str());
        assert!(rows.is_empty() || kept, "{table} has {} rows", rows.len());
        assert!(table != "jobs" || rows.len() == 1, "{rows:?}");
    }
    assert_eq!(rows_of(&store.database, OTHER).await, other, "to the row");
    assert!(store.remains(STUDY).await.unwrap().is_empty());
    assert!(store.orphans(OTHER).await.unwrap().is_empty());

    let kept = before.last().unwrap().head();
    verify_chain(&store, STUDY, Some(kept.into()))
        .await
        .unwrap();
    verify_chain(&store, OTHER, None).await.unwrap();
    verify_chain(&store, "", None).await.unwrap();
    let after = entries(&store, Some(STUDY)).await;
    let emptied = after.iter().filter(|entry| entry.erased_by.is_some());
    assert_eq!(emptied.count(), before.len());
    let deleted = &after[before.len()].record;
    assert_eq!(
        (
            deleted.action.as_str(),
            deleted.actor.as_str(),
            deleted.reason.as_str()
        ),
        ("delete_study", "alice", "the study has ended")
    );
    assert!(
        deleted.after.contains("\"results\":40"),
        "{}",
        deleted.after
    );
    assert_eq!(after.last().unwrap().record.action, "finish_deletion");
    let outside = entries(&store, None).await;
    let said: Vec<_> = outside
        .iter()
        .map(|entry| entry.record.action.as_str())
        .collect();
    assert_eq!(said, ["delete_study", "finish_deletion"]);

    // Its number is not given again either.
    store
        .create_study(new_study("third"), &call())
        .await
        .unwrap();
    verify_chain(&store, "third", None).await.unwrap();
    let tombstones = store.tombstones().await.unwrap();
    assert_eq!(tombstones.len(), 1);
    assert_eq!(tombstones[0].study, STUDY);
    assert!(tombstones[0].done.is_some());
}

pub(crate) async fn another_worker_goes_on_with_a_deletion(store: TestStore) {
    two_studies(&store).await;
    let version = store.study(STUDY).await.unwrap().version;
    store.delete_study(deletion(version)).await.unwrap();
    let replica = store.replica().await;
    let (one, other) = tokio::join!(claim(&store, "w1"), claim(&replica, "w1"));
    let claimed: Vec<_> = [one, other].into_iter().flatten().collect();
    assert_eq!(claimed.len(), 1, "one of two replicas has it");
    let mut job = claimed[0].clone();
    // Through the trail and into the tables; then this worker is gone.
    for _ in 0..9 {
        job = store
            .delete_next(&job, "w1", 7, now(), LEASE)
            .await
            .unwrap();
    }
    assert_eq!(claim(&replica, "w2").await, None, "the lease holds");
    let again = replica.delete_study(deletion(version)).await.unwrap();
    assert_eq!(
        again.job.unwrap().id,
        job.id,
        "asked for again, it is the same"
    );
    let left = i64::try_from(again.contents.total()).unwrap();
    assert_eq!(left + job.done, job.total);
    verify_chain(&replica, STUDY, None).await.unwrap();

    let later = now() + SignedDuration::from_secs(31);
    let taken = replica
        .claim_job_of(JobKind::Delete, "w2", later, LEASE)
        .await
        .unwrap()
        .unwrap();
    let lost = store.delete_next(&job, "w1", 7, later, LEASE).await;
    assert!(matches!(lost, Err(StoreError::StateForbids { .. })));
    let (_, done) = finish(&replica, "w2", taken).await;
    assert_eq!((done.state, done.done), (JobState::Succeeded, done.total));
    assert!(replica.remains(STUDY).await.unwrap().is_empty());
    verify_chain(&replica, STUDY, None).await.unwrap();
    the_study_is_closed(&store, true).await;
}

pub(crate) async fn a_deletion_is_guarded(store: TestStore) {
    two_studies(&store).await;
    let version = store.study(STUDY).await.unwrap().version;
    let before = rows_of(&store.database, STUDY).await;
    let stale = store.delete_study(deletion(version - 1)).await;
    assert!(matches!(stale, Err(StoreError::EtagMismatch { .. })));
    let mut old = deletion(version);
    let trail = entries(&store, Some(STUDY)).await;
    old.head = Some(trail[trail.len() - 2].head());
    let moved = store.delete_study(old).await;
    assert!(
        matches!(moved, Err(StoreError::HeadMoved { found, .. }) if found == trail.last().unwrap().head())
    );
    let mut counting = deletion(version);
    counting.call.validate_only = true;
    let counted = store.delete_study(counting).await.unwrap();
    assert_eq!(counted.job, None);
    assert_eq!(counted.contents.results, 40);

    let name = format!("studies/{STUDY}/references/adults@1");
    store
        .update_policy(OTHER, 2, against(&name), &call())
        .await
        .unwrap();
    let needed = store.delete_study(deletion(version)).await;
    assert!(
        matches!(&needed, Err(StoreError::ReferenceInUse { by, reference, .. })
            if by == "studies/other" && *reference == name),
        "{needed:?}"
    );
    assert_eq!(rows_of(&store.database, STUDY).await, before);
    store
        .update_policy(OTHER, 3, PolicyTerms::default(), &call())
        .await
        .unwrap();
    let mut exact = deletion(version);
    exact.head = Some(trail.last().unwrap().head());
    store.delete_study(exact).await.unwrap();
    let judged = store.update_policy(OTHER, 4, against(&name), &call()).await;
    assert!(matches!(judged, Err(StoreError::Policy(_))), "it is gone");
}

pub(crate) async fn whoever_writes_meanwhile_is_refused_or_taken_along(store: TestStore) {
    two_studies(&store).await;
    let version = store.study(STUDY).await.unwrap().version;
    let writers = (0..12).map(|writer: u8| {
        let store = store.store.clone();
        tokio::spawn(async move {
            let mut stored = 0;
            loop {
                let code = format!("w{writer}-{stored}");
                let answers = [
                    store
                        .submit(submission(days(&code, 0..1, STEEP)))
                        .await
                        .map(drop),
                    store
                        .create_reference(
                            STUDY,
                            diel_store::NewReference {
                                name: code.clone(),
                                ..table(vec![stratum(18.0, None, None)])
                            },
                            &call(),
                        )
                        .await
                        .map(drop),
                ];
                for answer in answers {
                    match answer {
                        Ok(()) => stored += 1,
                        refused => {
                            assert!(is_deleted(refused, false));
                            return stored;
                        }
                    }
                }
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    tokio::time::sleep(Duration::from_millis(150)).await;
    store.delete_study(deletion(version)).await.unwrap();
    let mut stored = 0;
    for writer in writers {
        stored += writer.await.unwrap();
    }
    assert!(stored > 12, "{stored} were stored before");
    let job = claim(&store, "w1").await.unwrap();
    let (_, job) = finish(&store, "w1", job).await;
    assert_eq!(job.done, job.total, "what was counted is what there was");
    assert!(store.remains(STUDY).await.unwrap().is_empty());
    verify_chain(&store, STUDY, None).await.unwrap();
}
