//! Servers of one version beside a schema that a later version has added to.

use diel_client::{Client, v1};
use diel_store::{Engine, OpenOptions, Store, StoreError, schema};
use diel_tests::database::Database;
use diel_tests::process::ServerProcess;
use diel_tests::rejudging::{STUDY, load};
use diel_tests::rows::{person, submission};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection};

/// What a later version might do: a table, and columns of tables that every submission writes to.
const ADDS: [&str; 4] = [
    "create table freezers (freezer bigint primary key, name text not null)",
    "alter table results add column freezer bigint",
    "alter table rhythms add column freezer text not null default ''",
    "create index results_by_freezer on results (freezer)",
];

fn known() -> i64 {
    schema(Engine::Sqlite).last().unwrap().version
}

/// Changes a database behind the back of the program.
async fn execute(database: &Database, statement: &str) {
    let (url, statement) = (database.url(), AssertSqlSafe(statement.to_owned()));
    if url.starts_with("sqlite:") {
        let mut conn = SqliteConnection::connect(url).await.unwrap();
        conn.execute(statement).await.unwrap();
        conn.close().await.unwrap();
    } else {
        let mut conn = PgConnection::connect(url).await.unwrap();
        conn.execute(statement).await.unwrap();
        conn.close().await.unwrap();
    }
}

/// Takes the step behind the last one, as a later version would.
async fn step(database: &Database, statements: &[&str]) -> i64 {
    let version = known() + 1;
    for statement in statements {
        execute(database, statement).await;
    }
    let recorded = format!(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
         select {version}, 'later', success, checksum, 0 from _sqlx_migrations where version = 1"
    );
    execute(database, &recorded).await;
    version
}

async fn say(database: &Database, version: i64, serves_from: i64) {
    let row = format!(
        "insert into schema_steps (version, serves_from) values ({version}, {serves_from})"
    );
    execute(database, &row).await;
}

async fn opened(database: &Database) -> Result<(), StoreError> {
    let store = Store::open(database.url(), &OpenOptions::default()).await?;
    store.close().await;
    Ok(())
}

async fn submit(client: &Client, code: &str) -> v1::SubmitBatchResponse {
    let batch = submission(STUDY, person(code, 6, 1.6, 0.02));
    client.submit_batch(batch).await.unwrap()
}

/// A server at work goes on while the step is taken, one that is started afterwards serves too.
async fn a_step_that_only_adds(database: Database) {
    let before = ServerProcess::start(database.url()).unwrap();
    let old = Client::connect(before.url.clone()).await.unwrap();
    load(&old, []).await.unwrap();
    assert_eq!(submit(&old, "A").await.raised_flags.len(), 1);
    let version = step(&database, &ADDS).await;
    say(&database, version, known()).await;
    assert_eq!(submit(&old, "B").await.raised_flags.len(), 1);
    let after = ServerProcess::start(database.url()).unwrap();
    let again = Client::connect(after.url.clone()).await.unwrap();
    assert_eq!(submit(&again, "C").await.raised_flags.len(), 1);
    for client in [old, again] {
        let rhythms = client.stream(v1::StreamRhythmsRequest {
            parent: format!("studies/{STUDY}"),
            ..Default::default()
        });
        assert_eq!(rhythms.collect(usize::MAX).await.unwrap().len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_only_adds_is_served_on_sqlite() {
    a_step_that_only_adds(Database::sqlite().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_only_adds_is_served_on_postgres() {
    a_step_that_only_adds(Database::postgres().await.unwrap()).await;
}

async fn a_step_that_breaks(database: Database) {
    opened(&database).await.unwrap();
    let version = step(&database, &[]).await;
    let refused = |error: &StoreError| matches!(error, StoreError::SchemaNewer { found, known: k } if *found == version && *k == known());
    let error = opened(&database).await.unwrap_err();
    assert!(refused(&error), "silence is no: {error:?}");
    say(&database, version, version).await;
    let error = opened(&database).await.unwrap_err();
    assert!(refused(&error), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_breaks_is_refused_on_sqlite() {
    a_step_that_breaks(Database::sqlite().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_breaks_is_refused_on_postgres() {
    a_step_that_breaks(Database::postgres().await.unwrap()).await;
}
