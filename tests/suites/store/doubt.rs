//! A commit whose answer does not come: nobody is told that nothing was stored, and sent again it is stored once.

use std::time::Duration;

use diel_store::StoreError;
use diel_tests::database::Database;
use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::TestStore;
use crate::cohort::{STEEP, call_with, create_study, days, submission};

/// Lets every commit with a new batch take longer than any test waits.
const SLOWLY: &str = "create function slowly() returns trigger language plpgsql as \
    'begin perform pg_sleep(600); return null; end'; \
    create constraint trigger slowly after insert on batches deferrable initially deferred \
    for each row execute function slowly()";
/// Ends the connection that is in such a commit; how many there were.
const END: &str = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
    where datname = current_database() and wait_event = 'PgSleep'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_lost_its_connection_is_in_doubt() {
    let store = TestStore::on(Database::postgres().await.unwrap()).await;
    create_study(&store).await;
    let mut conn = PgConnection::connect(store.database.url()).await.unwrap();
    conn.execute(SLOWLY).await.unwrap();
    let mut sent = submission(days("p1", 0..1, STEEP));
    sent.call = call_with("doubt", 1);
    let submitting = {
        let (store, sent) = (store.store.clone(), sent.clone());
        tokio::spawn(async move { store.submit(sent).await })
    };
    let ended = async {
        while sqlx::query_scalar::<_, i64>(END)
            .fetch_one(&mut conn)
            .await
            .unwrap()
            == 0
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), ended)
        .await
        .unwrap();
    let answer = submitting.await.unwrap();
    assert!(matches!(answer, Err(StoreError::InDoubt(_))), "{answer:?}");
    conn.execute("drop trigger slowly on batches")
        .await
        .unwrap();
    let again = store.submit(sent.clone()).await.unwrap();
    assert_eq!((again.stored, again.answered_before), (5, false));
    assert!(store.submit(sent).await.unwrap().answered_before);
}
