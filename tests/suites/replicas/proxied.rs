//! Behind Envoy, with the documented configuration: a server that stops is not noticed, one that is killed is made up for.

use std::path::Path;
use std::time::Duration;

use diel_client::RetryPolicy;
use diel_tests::database::Database;
use diel_tests::envoy::Envoy;
use diel_tests::replicas::Replicas;
use diel_tests::traffic::{Traffic, patient, verify};

/// How long a server that stops may take.
const PATIENCE: Duration = Duration::from_secs(15);

async fn behind_envoy() -> (Replicas, Envoy, Database) {
    let database = Database::postgres().await.unwrap();
    let replicas = Replicas::start(database.url(), 3).unwrap();
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let envoy = Envoy::start(kept, &replicas.urls()).unwrap();
    for _ in 0..200 {
        if diel_client::Client::connect(envoy.url.clone())
            .await
            .is_ok()
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // Everybody's health is known before anybody calls.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    (replicas, envoy, database)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_is_stopped_is_not_noticed_by_callers_that_never_try_again() {
    let (mut replicas, envoy, _database) = behind_envoy().await;
    let urls = [envoy.url.clone()];
    let traffic = Traffic::begin(&urls, 6, &RetryPolicy::never())
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let took = replicas
        .take(0)
        .unwrap()
        .stop_within(PATIENCE)
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (log, watched) = traffic.end().await.unwrap();
    let found = verify(&envoy.url, &log, watched).await.unwrap();
    assert!(found.batches > 50, "{found:?}");
    println!("stopped in {took:?}; {found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_is_killed_is_made_up_for() {
    let (mut replicas, envoy, _database) = behind_envoy().await;
    let urls = [envoy.url.clone()];
    let traffic = Traffic::begin(&urls, 6, &patient()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    replicas.kill(0).unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (log, watched) = traffic.end().await.unwrap();
    let found = verify(&envoy.url, &log, watched).await.unwrap();
    assert!(found.batches > 50, "{found:?}");
    println!("{} answered again; {found:?}", log.answered_before);
}
