//! The audit trail as a chain: whole whatever writes, refused to whoever would change it, and found out when somebody
//! did.

use std::sync::Arc;

use diel_core::AgeYears;
use diel_core::audit::{Broken, Entry, Head, Kept, Record, Walk};
use diel_store::{
    Amendment, AuditFilter, Engine, FlagDecision, PageRequest, ParticipantChange, Store,
};
use diel_tests::database::Database;
use serde_json::{Value, json};

use crate::TestStore;
use crate::cohort::{
    FLAT, STEEP, STUDY, call, create_study, days, new_study, nmol, now, result, submission, tube,
};

/// All entries of a chain as they are stored.
pub(crate) async fn entries(store: &Store, study: Option<&str>) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut page = PageRequest {
        after: None,
        limit: 7,
    };
    loop {
        let read = store
            .audit_entries(study, &AuditFilter::default(), &page)
            .await
            .unwrap();
        entries.extend(read.items);
        page.after = read.next;
        if page.after.is_none() {
            return entries;
        }
    }
}

/// Walks a chain to the head that the store states.
pub(crate) async fn verify(store: &Store, kept: Option<Kept>) -> Result<Head, Broken> {
    verify_chain(store, STUDY, kept).await
}

/// The same of a study's chain; of the one outside any study for no id.
pub(crate) async fn verify_chain(
    store: &Store,
    id: &str,
    kept: Option<Kept>,
) -> Result<Head, Broken> {
    let study = Some(id).filter(|id| !id.is_empty());
    let stated = store.audit_head(study).await.unwrap();
    let mut walk = Walk::new(id);
    if let Some(kept) = kept {
        walk = walk.expecting(kept);
    }
    for entry in entries(store, study).await {
        walk.step(&entry)?;
    }
    walk.finish_at(stated)
}

/// Runs a statement by hand.
pub(crate) async fn by_hand(database: &Database, statement: &str) -> Result<u64, sqlx::Error> {
    let (url, statement) = (database.url(), statement.to_owned());
    if url.starts_with("sqlite:") {
        let pool = sqlx::SqlitePool::connect(url).await?;
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
            .execute(&pool)
            .await?;
        pool.close().await;
        Ok(done.rows_affected())
    } else {
        let pool = sqlx::PgPool::connect(url).await?;
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
            .execute(&pool)
            .await?;
        pool.close().await;
        Ok(done.rows_affected())
    }
}

fn json_of(text: &str) -> Value {
    if text.is_empty() {
        Value::Null
    } else {
        serde_json::from_str(text).unwrap()
    }
}

pub(crate) async fn every_change_says_who_what_before_and_after_and_why(store: TestStore) {
    create_study(&store).await;
    let submitted = store
        .submit(submission(days("p1", 0..4, FLAT)))
        .await
        .unwrap();
    let flag = submitted.raised_flags[0].clone();
    let change = ParticipantChange {
        group: Some("case".to_owned()),
        age: Some(AgeYears::new(40.5).ok()),
        ..Default::default()
    };
    store
        .update_participant(STUDY, "p1", Some(1), change, false, &call())
        .await
        .unwrap();
    let seen = store.flag(STUDY, &flag).await.unwrap();
    let because = "the diary says so";
    store
        .resolve_flag(
            STUDY,
            &flag,
            seen.version,
            FlagDecision::Dismissed,
            because,
            &call(),
        )
        .await
        .unwrap();
    let specimen = tube("p1", 0, 0);
    store
        .amend(Amendment {
            study: STUDY.to_owned(),
            specimen: specimen.clone(),
            result: result(&specimen, nmol(11.0)),
            replaced_revision: 1,
            reason: "dilution".to_owned(),
            call: call(),
        })
        .await
        .unwrap();
    let head = verify(&store, None).await.unwrap();
    let entries = entries(&store, Some(STUDY)).await;
    assert_eq!(entries.last().unwrap().head(), head);
    let said: Vec<_> = entries
        .iter()
        .map(|entry| (entry.record.actor.as_str(), entry.record.action.as_str()))
        .collect();
    assert_eq!(
        said[..3],
        [
            ("lab", "create_study"),
            ("diel", "raise_flag"),
            ("lab", "submit")
        ]
    );
    let of = |action: &str| -> Record {
        let found = entries.iter().find(|entry| entry.record.action == action);
        found
            .unwrap_or_else(|| panic!("{action}: {said:?}"))
            .record
            .clone()
    };
    let raised = of("raise_flag");
    assert_eq!(raised.resource, format!("studies/{STUDY}/flags/{flag}"));
    assert_eq!(raised.before, "");
    let after = json_of(&raised.after);
    assert_eq!(
        (&after["state"], &after["event"], &after["participant"]),
        (&json!("open"), &json!(1), &json!("p1"))
    );
    let changed = of("update_participant");
    assert_eq!(
        json_of(&changed.before),
        json!({"group": "control", "age_years": 34.0, "version": 1})
    );
    assert_eq!(
        json_of(&changed.after),
        json!({"group": "case", "age_years": 40.5, "version": 2})
    );
    let resolved = of("resolve_flag");
    assert_eq!(
        (resolved.actor.as_str(), resolved.reason.as_str()),
        ("lab", because)
    );
    assert_eq!(
        json_of(&resolved.before),
        json!({"state": "open", "decision": null})
    );
    assert_eq!(json_of(&resolved.after)["decision"], json!("dismissed"));
    let amended = of("amend_result");
    assert_eq!(
        (
            json_of(&amended.before)["amount"].as_f64(),
            json_of(&amended.after)["amount"].as_f64()
        ),
        (Some(12.0), Some(11.0))
    );
    assert_eq!(
        (amended.at_us, amended.reason.as_str()),
        (now().as_microsecond(), "dilution")
    );
    // What was only tried leaves no trace.
    let mut tried = submission(days("p2", 0..1, STEEP));
    tried.call.validate_only = true;
    store.submit(tried).await.unwrap();
    assert_eq!(store.audit_head(Some(STUDY)).await.unwrap(), head);
    assert_eq!(store.audit_head(None).await.unwrap(), Head::EMPTY);
}

pub(crate) async fn entries_are_found_by_what_they_say(store: TestStore) {
    create_study(&store).await;
    for person in ["p1", "p2", "p3"] {
        let mut sent = submission(days(person, 0..4, FLAT));
        sent.call.actor = format!("lab of {person}");
        store.submit(sent).await.unwrap();
    }
    let page = PageRequest {
        after: None,
        limit: 100,
    };
    let count = async |filter: AuditFilter| {
        let found = store.audit_entries(Some(STUDY), &filter, &page).await;
        found.unwrap().items.len()
    };
    let flag = entries(&store, Some(STUDY)).await[1]
        .record
        .resource
        .clone();
    for (filter, expected) in [
        (AuditFilter::default(), 7),
        (
            AuditFilter {
                actor: Some("lab of p2".to_owned()),
                ..Default::default()
            },
            1,
        ),
        (
            AuditFilter {
                action: Some("raise_flag".to_owned()),
                ..Default::default()
            },
            3,
        ),
        (
            AuditFilter {
                resource: Some(flag),
                ..Default::default()
            },
            1,
        ),
        (
            AuditFilter {
                from: Some(now()),
                ..Default::default()
            },
            7,
        ),
        (
            AuditFilter {
                until: Some(now()),
                ..Default::default()
            },
            0,
        ),
    ] {
        let said = format!("{filter:?}");
        assert_eq!(count(filter).await, expected, "{said}");
    }
}

/// Writers of two replicas, and a reader that must never see a number appear behind one that it has seen.
pub(crate) async fn numbers_are_in_the_order_of_commits(store: TestStore) {
    create_study(&store).await;
    let stores = [
        Arc::new(store.replica().await),
        Arc::new(store.replica().await),
    ];
    let writers: Vec<_> = (0..60_usize)
        .map(|number| {
            let store = Arc::clone(&stores[number % 2]);
            tokio::spawn(async move {
                let slope = if number % 3 == 0 { FLAT } else { STEEP };
                let sent = submission(days(&format!("p{number}"), 0..3, slope));
                store.submit(sent).await.unwrap();
            })
        })
        .collect();
    let watching = tokio::spawn({
        let store = Arc::clone(&stores[0]);
        async move {
            let (mut seen, mut looks) = (0, 0_u32);
            while seen < 81 {
                let page = PageRequest {
                    after: Some(seen),
                    limit: 5,
                };
                let found = store
                    .audit_entries(Some(STUDY), &AuditFilter::default(), &page)
                    .await
                    .unwrap();
                for entry in found.items {
                    assert_eq!(entry.sequence, seen + 1, "a number appeared late");
                    seen = entry.sequence;
                }
                looks += 1;
                tokio::task::yield_now().await;
            }
            looks
        }
    });
    for writer in writers {
        writer.await.unwrap();
    }
    // One entry for the study, one for each submission, and one for each flag.
    assert!(watching.await.unwrap() > 10);
    assert_eq!(verify(&store, None).await.unwrap().sequence, 1 + 60 + 20);
}

pub(crate) async fn nobody_changes_an_entry_by_hand(store: TestStore) {
    create_study(&store).await;
    store
        .submit(submission(days("p1", 0..4, FLAT)))
        .await
        .unwrap();
    let head = verify(&store, None).await.unwrap();
    let again = "insert or replace into audit_entries (study_no, sequence, at_us, actor, action, resource, before_json, \
        after_json, reason, previous_hash, hash) select study_no, sequence, at_us, actor, 'x', resource, \
        before_json, after_json, reason, previous_hash, hash from audit_entries where sequence = 1";
    let mut attempts = vec![
        "update audit_entries set reason = 'x'",
        "update audit_entries set reason = 'x' where sequence = 2",
        "update audit_entries set erased_by = 9",
        "update audit_entries set resource = '', before_json = '', after_json = '', reason = '', erased_by = 1, actor = 'x'",
        "update audit_entries set resource = '', before_json = '', after_json = '', reason = '', erased_by = sequence",
        "delete from audit_entries",
        "delete from audit_entries where sequence = 3",
    ];
    attempts.push(match store.engine() {
        Engine::Sqlite => again,
        Engine::Postgres => "truncate audit_entries",
    });
    for attempt in attempts {
        let refused = by_hand(&store.database, attempt).await.unwrap_err();
        assert!(
            refused.to_string().contains("append only"),
            "{attempt}: {refused}"
        );
    }
    assert_eq!(verify(&store, None).await, Ok(head));
}

/// Whoever may change the schema can take the guards off. Then the chain tells.
pub(crate) async fn what_was_changed_nevertheless_is_found(store: TestStore) {
    create_study(&store).await;
    for person in ["p1", "p2", "p3", "p4"] {
        store
            .submit(submission(days(person, 0..4, FLAT)))
            .await
            .unwrap();
    }
    let head = verify(&store, None).await.unwrap();
    assert_eq!(head.sequence, 9);
    let unguard = match store.engine() {
        Engine::Sqlite => {
            "drop trigger audit_entries_are_not_updated; drop trigger audit_entries_are_not_deleted; \
            drop trigger audit_entries_are_not_replaced"
        }
        Engine::Postgres => "drop trigger audit_entries_stay on audit_entries",
    };
    let run = async |statement: &str| by_hand(&store.database, statement).await.unwrap();
    run(unguard).await;
    run("create table aside as select * from audit_entries").await;
    let restore = "delete from audit_entries; insert into audit_entries select * from aside";

    // One byte of each column.
    for (column, other) in [
        ("at_us", "at_us + 1"),
        ("actor", "actor || 'x'"),
        ("action", "action || 'x'"),
        ("resource", "replace(resource, 'flags', 'flagS')"),
        ("before_json", "before_json || ' '"),
        ("after_json", "replace(after_json, 'open', 'opeN')"),
        ("reason", "replace(reason, 'rhythm', 'Rhythm')"),
        (
            "previous_hash",
            "(select hash from aside where sequence = 2)",
        ),
        ("hash", "(select hash from aside where sequence = 3)"),
    ] {
        let change = format!("update audit_entries set {column} = {other} where sequence = 4");
        assert_eq!(run(&change).await, 1);
        assert_eq!(
            verify(&store, Some(head.into())).await,
            Err(Broken::Content { sequence: 4 }),
            "{column}"
        );
        run(restore).await;
    }
    // A row deleted.
    run("delete from audit_entries where sequence = 5").await;
    let missing = Broken::Missing {
        sequence: 5,
        found: 6,
    };
    assert_eq!(verify(&store, None).await, Err(missing));
    run(restore).await;
    // Two rows swapped.
    for (from, to) in [(3, -1), (6, 3), (-1, 6)] {
        run(&format!(
            "update audit_entries set sequence = {to} where sequence = {from}"
        ))
        .await;
    }
    assert_eq!(
        verify(&store, None).await,
        Err(Broken::Content { sequence: 3 })
    );
    run(restore).await;
    assert_eq!(verify(&store, Some(head.into())).await, Ok(head));
    // The tail cut: seen by the head in the database, and when that is cut along, by the one that was kept elsewhere.
    run("delete from audit_entries where sequence > 7").await;
    let cut = Broken::Cut { last: 7, head: 9 };
    assert_eq!(verify(&store, None).await, Err(cut));
    run("update audit_heads set sequence = 7, hash = (select hash from aside where sequence = 7) where sequence = 9").await;
    assert_eq!(verify(&store, None).await.unwrap().sequence, 7);
    assert_eq!(verify(&store, Some(head.into())).await, Err(cut));
}

/// The schema as it was before there was a chain, with rows of the trail in it.
async fn earlier(database: &Database) {
    let engine = if database.url().starts_with("sqlite:") {
        Engine::Sqlite
    } else {
        Engine::Postgres
    };
    let files = diel_store::schema(engine);
    let migrations = files
        .into_iter()
        .filter(|file| file.version <= 3)
        .map(|file| {
            let text = sqlx::SqlSafeStr::into_sql_str(sqlx::AssertSqlSafe(file.text));
            let kind = sqlx::migrate::MigrationType::Simple;
            sqlx::migrate::Migration::new(file.version, file.name.into(), kind, text, false)
        });
    let migrator = sqlx::migrate::Migrator::with_migrations(migrations.collect());
    if engine == Engine::Sqlite {
        let options = database
            .url()
            .parse::<sqlx::sqlite::SqliteConnectOptions>()
            .unwrap()
            .create_if_missing(true);
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        migrator.run(&pool).await.unwrap();
        pool.close().await;
    } else {
        let pool = sqlx::PgPool::connect(database.url()).await.unwrap();
        migrator.run(&pool).await.unwrap();
        pool.close().await;
    }
    let mut rows = String::from(
        "insert into studies (study_no, study_id, display_name, time_zone, policy_version, created_us, updated_us, version) \
        values (1, 'night', 'Night', 'UTC', 1, 0, 0, 1), (2, 'other', 'Other', 'UTC', 1, 0, 0, 1); \
        insert into policies (study_no, version, created_us) values (1, 1, 0), (2, 1, 0); \
        insert into audit (study_no, audit_id, at_us, actor, action, resource, detail) values ",
    );
    for number in 0..OLD_ROWS {
        // Two studies by turns, written in another order than that of their ids.
        let id = (number * 7_919) % OLD_ROWS;
        rows.push_str(&format!(
            "({}, 'id-{id:06}', {id}, 'local', 'submit', 'studies/s/batches/{id}', '{id} stored'),",
            1 + id % 2
        ));
    }
    rows.pop();
    by_hand(database, &rows).await.unwrap();
}

/// More than are brought over at a time.
const OLD_ROWS: i64 = 12_001;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_earlier_database_is_brought_over_on_sqlite() {
    an_earlier_database_is_brought_into_the_chain(Database::sqlite().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_earlier_database_is_brought_over_on_postgres() {
    an_earlier_database_is_brought_into_the_chain(Database::postgres().await.unwrap()).await;
}

async fn an_earlier_database_is_brought_into_the_chain(database: Database) {
    earlier(&database).await;
    let store;
    let other;
    if database.url().starts_with("sqlite:") {
        store = crate::open(&database).await;
        other = crate::open(&database).await;
    } else {
        // Two servers at once: one brings the rows over, the other waits for it.
        (store, other) = tokio::join!(crate::open(&database), crate::open(&database));
    }
    let rows = entries(&store, Some("night")).await;
    let others = entries(&other, Some("other")).await;
    assert_eq!((rows.len(), others.len()), (6_001, 6_000));
    for (row, id) in rows.iter().zip((0..).step_by(2)) {
        let Record {
            at_us,
            actor,
            action,
            resource,
            before,
            after,
            reason,
            study,
        } = row.record.clone();
        assert_eq!(at_us, id);
        assert_eq!(
            [actor, action, study, before],
            ["local", "submit", "night", ""]
        );
        assert_eq!(resource, format!("studies/s/batches/{id}"));
        assert_eq!(reason, format!("{id} stored"));
        assert_eq!(after, format!("{{\"audit_id\":\"id-{id:06}\"}}"));
    }
    let head = verify(&store, None).await.unwrap();
    assert_eq!(head.sequence, 6_001);
    let gone = by_hand(&database, "select * from audit").await;
    assert!(gone.is_err());
    // What comes after goes on where they end, and opening again changes nothing.
    store
        .submit(submission(days("p1", 0..1, STEEP)))
        .await
        .unwrap();
    let again = crate::open(&database).await;
    assert_eq!(
        verify(&again, Some(head.into())).await.unwrap().sequence,
        6_002
    );
    again
        .create_study(new_study("third"), &call())
        .await
        .unwrap();
}
