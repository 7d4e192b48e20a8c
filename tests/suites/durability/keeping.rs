//! Copies of a database, what is found in one that was tampered with, and schemas of other versions.

use std::path::Path;
use std::process::{Command, Output};

use diel_client::{Client, v1};
use diel_store::{Engine, schema};
use diel_tests::process::{ServerProcess, diel};
use diel_tests::rejudging::{STUDY, load, standing};
use diel_tests::rows::{nmol, person, submission};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, SqliteConnection};
use tempfile::TempDir;

/// 40 persons, from flat to steep.
fn batches() -> impl Iterator<Item = v1::SubmitBatchRequest> {
    (0..4).map(|batch| {
        let rows = (batch * 10..(batch + 1) * 10).flat_map(|number| {
            let slope = 0.06 - 0.006 * f64::from(number);
            person(&format!("P{number:03}"), 3, 1.6, slope)
        });
        submission(STUDY, rows.collect())
    })
}

fn url(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

fn run(arguments: &[&str]) -> Output {
    Command::new(diel().unwrap())
        .args(arguments)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

async fn loaded() -> (TempDir, ServerProcess, Client) {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(&url(&folder.path().join("diel.db"))).unwrap();
    let client = Client::connect(server.url.clone()).await.unwrap();
    load(&client, batches()).await.unwrap();
    (folder, server, client)
}

/// Changes a database behind the back of the program.
async fn tamper(path: &Path, statement: &str) -> u64 {
    let mut conn = SqliteConnection::connect(&url(path)).await.unwrap();
    let done = conn
        .execute(AssertSqlSafe(statement.to_owned()))
        .await
        .unwrap();
    conn.close().await.unwrap();
    done.rows_affected()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_made_under_load_is_whole_and_can_be_served() {
    let (folder, server, client) = loaded().await;
    let database = url(&folder.path().join("diel.db"));
    let copy = folder.path().join("copy.db");
    let before = standing(&client).await.unwrap();
    let writing = {
        let client = client.clone();
        tokio::spawn(async move {
            for number in 0..60 {
                let rows = person(&format!("W{number:03}"), 3, 1.6, -0.09);
                client.submit_batch(submission(STUDY, rows)).await.unwrap();
            }
        })
    };
    let out = copy.display().to_string();
    let made = {
        let (database, out) = (database.clone(), out.clone());
        tokio::task::spawn_blocking(move || {
            run(&["backup", "--database", &database, "--out", &out])
        })
    };
    let made = made.await.unwrap();
    assert!(made.status.success(), "{}", said(&made));
    writing.await.unwrap();
    let again = run(&["backup", "--database", &database, "--out", &out]);
    assert_eq!(again.status.code(), Some(1), "a copy overwrites nothing");
    let verified = run(&["verify", "--database", &url(&copy)]);
    assert!(verified.status.success(), "{}", said(&verified));
    assert!(said(&verified).contains("all is as it was stored"));
    // And the database at work itself.
    let verified = run(&["verify", "--database", &database]);
    assert!(verified.status.success(), "{}", said(&verified));
    server.kill();
    let occupied = run(&["restore", &out, "--database", &database]);
    assert!(said(&occupied).contains("exists"), "{}", said(&occupied));
    let place = url(&folder.path().join("restored.db"));
    let restored = run(&["restore", &out, "--database", &place]);
    assert!(restored.status.success(), "{}", said(&restored));
    let server = ServerProcess::start(&place).unwrap();
    let client = Client::connect(server.url.clone()).await.unwrap();
    let flags = standing(&client).await.unwrap();
    assert_eq!(
        before.iter().filter(|flag| flags.contains(flag)).count(),
        before.len(),
        "what stood before the copy is in it"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_was_changed_behind_its_back_is_named() {
    let (folder, server, client) = loaded().await;
    let amendment = v1::AmendResultRequest {
        name: format!("studies/{STUDY}/specimens/P013-1-0"),
        result: Some(v1::Result {
            concentration: Some(nmol(9.0)),
            ..v1::Result::default()
        }),
        reason: "dilution not applied".to_owned(),
        replaced_revision: 1,
        ..v1::AmendResultRequest::default()
    };
    client.amend_result(amendment).await.unwrap();
    server
        .stop_within(std::time::Duration::from_secs(15))
        .await
        .unwrap();
    let database = folder.path().join("diel.db");
    for (statement, resource, what) in [
        (
            "update results set amount = amount * 1.0001 where specimen like 'P007-%'",
            "participants/P007/rhythm",
            "is not what it was computed from",
        ),
        (
            "update specimens set collected_us = collected_us + 60000000 where specimen like 'P008-1-%'",
            "participants/P008/rhythm",
            "is not what it was computed from",
        ),
        (
            "update participants set age_years = 12 where participant = 'P009'",
            "participants/P009/rhythm",
            "is not what it was computed from",
        ),
        (
            "update rhythms set probability_flat = 0.01 where participant = 'P010'",
            "participants/P010/rhythm",
            "its numbers are not those",
        ),
        (
            "update results set amount = amount * 1.0001 where specimen = 'P013-1-0' and revision = 1",
            "specimens/P013-1-0/results/1",
            "is not what the audit trail says of it",
        ),
        (
            "update results set amount = -1 where specimen = 'P013-1-0' and revision = 1",
            "specimens/P013-1-0/results/1",
            "its digest is that of another row",
        ),
        (
            "delete from results where specimen like 'P011-2-%'",
            "specimens/P011-2-",
            "its result in force is missing",
        ),
        (
            "delete from specimens where specimen like 'P012-2-%'",
            "specimens/P012-2-",
            "no specimen knows of",
        ),
        (
            "drop trigger audit_entries_are_not_updated; update audit_entries set actor = 'nobody' where sequence = 3",
            "the audit trail of studies/",
            "entry 3",
        ),
    ] {
        let copy = folder.path().join("tampered.db");
        let _ = std::fs::remove_file(&copy);
        std::fs::copy(&database, &copy).unwrap();
        assert!(tamper(&copy, statement).await > 0, "{statement}");
        let verified = run(&["verify", "--database", &url(&copy)]);
        assert_eq!(
            verified.status.code(),
            Some(1),
            "{statement}: {}",
            said(&verified)
        );
        let said = said(&verified);
        let line = said.lines().find(|line| line.contains(resource));
        let line = line.unwrap_or_else(|| panic!("{statement}: {said}"));
        assert!(line.contains(what), "{statement}: {line}");
    }
    // Bytes of the file itself: a page that is overwritten.
    let copy = folder.path().join("torn.db");
    let mut bytes = std::fs::read(&database).unwrap();
    let middle = bytes.len() / 2 / 8192 * 8192;
    bytes[middle..middle + 512].fill(0xa5);
    std::fs::write(&copy, bytes).unwrap();
    let verified = run(&["verify", "--database", &url(&copy)]);
    assert_eq!(verified.status.code(), Some(1), "{}", said(&verified));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_later_schema_is_not_opened_and_an_earlier_one_is_copied_first() {
    let (folder, server, _client) = loaded().await;
    server
        .stop_within(std::time::Duration::from_secs(15))
        .await
        .unwrap();
    let later = folder.path().join("later.db");
    std::fs::copy(folder.path().join("diel.db"), &later).unwrap();
    let next = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
        values (9999, 'of tomorrow', true, x'00', 0)";
    tamper(&later, next).await;
    let refused = run(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--database",
        &url(&later),
    ]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        said(&refused).contains("schema 9999") && said(&refused).contains("later version"),
        "{}",
        said(&refused)
    );
    let missing = url(&folder.path().join("missing.db"));
    let refused = run(&["verify", "--database", &missing]);
    assert_eq!(refused.status.code(), Some(1), "verify makes no database");
    assert!(!folder.path().join("missing.db").exists());

    // A database of the first version, as its program left it.
    let earlier = folder.path().join("earlier.db");
    let mut conn = SqliteConnection::connect(&format!("{}?mode=rwc", url(&earlier)))
        .await
        .unwrap();
    let files = schema(Engine::Sqlite);
    let migrations = "create table _sqlx_migrations (version bigint primary key, description text not null, \
        installed_on timestamp not null default current_timestamp, success boolean not null, \
        checksum blob not null, execution_time bigint not null)";
    conn.execute(migrations).await.unwrap();
    for file in &files[..7] {
        conn.execute(AssertSqlSafe(file.text.clone()))
            .await
            .unwrap();
        let checksum = sqlx::migrate::Migration::new(
            file.version,
            file.name.into(),
            sqlx::migrate::MigrationType::Simple,
            sqlx::SqlSafeStr::into_sql_str(AssertSqlSafe(file.text.clone())),
            false,
        )
        .checksum;
        sqlx::query("insert into _sqlx_migrations (version, description, success, checksum, execution_time) values ($1, $2, true, $3, 0)")
            .bind(file.version)
            .bind(file.name)
            .bind(checksum.into_owned())
            .execute(&mut conn)
            .await
            .unwrap();
    }
    conn.close().await.unwrap();
    let refused = run(&["verify", "--database", &url(&earlier)]);
    assert!(
        said(&refused).contains("start the service on it once"),
        "{}",
        said(&refused)
    );
    let server = ServerProcess::start(&url(&earlier)).unwrap();
    server
        .stop_within(std::time::Duration::from_secs(15))
        .await
        .unwrap();
    let kept = folder.path().join("earlier.db.before-schema-8");
    assert!(kept.exists(), "no copy was made");
    let mut conn = SqliteConnection::connect(&url(&kept)).await.unwrap();
    let version: i64 = sqlx::query_scalar("select max(version) from _sqlx_migrations")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert_eq!(version, 7);
    let verified = run(&["verify", "--database", &url(&earlier)]);
    assert!(verified.status.success(), "{}", said(&verified));
}
