//! A disk that fails, and one that is full, under a server at work.

use std::time::Duration;

use diel_client::{Client, ClientOptions, RetryPolicy, v1};
use diel_tests::faults::{EIO, ENOSPC, Faults, SYNCS, WRITES};
use diel_tests::process::{ServerProcess, diel};
use diel_tests::rejudging::{STUDY, load};
use diel_tests::rows::{person, submission};
use std::process::Command;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

fn batch(code: &str) -> v1::SubmitBatchRequest {
    submission(STUDY, person(code, 3, 1.6, -0.09))
}

async fn start(faults: &Faults, database: &str) -> (ServerProcess, Client) {
    let server = ServerProcess::start_with(faults.command().unwrap(), database, &[]).unwrap();
    let options = ClientOptions::new(server.url.clone()).retry(RetryPolicy::default().max_tries(1));
    let client = Client::with_options(options).await.unwrap();
    (server, client)
}

async fn health(server: &ServerProcess) -> ServingStatus {
    let mut health = HealthClient::new(crate::connect(server).await);
    let request = HealthCheckRequest {
        service: String::new(),
    };
    health.check(request).await.unwrap().into_inner().status()
}

async fn is_stored(client: &Client, code: &str) -> bool {
    let name = format!("studies/{STUDY}/participants/{code}/rhythm");
    client.get_rhythm(name).await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_failed_sync_nothing_is_answered_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", folder.path().join("diel.db").display());
    let faults = Faults::new().unwrap();
    let (server, client) = start(&faults, &database).await;
    load(&client, [batch("BEFORE")]).await.unwrap();
    assert_eq!(health(&server).await, ServingStatus::Serving);
    faults.fail_all(&SYNCS, EIO).unwrap();
    let error = client.submit_batch(batch("DURING")).await.unwrap_err();
    assert!(
        error.to_string().contains("may have been stored"),
        "{error}"
    );
    faults.mend_all(&SYNCS).unwrap();
    // The disk says that all is well again. What it lost it does not say.
    let error = client.submit_batch(batch("AFTER")).await.unwrap_err();
    assert!(error.to_string().contains("disk"), "{error}");
    assert!(is_stored(&client, "BEFORE").await, "reading goes on");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(health(&server).await, ServingStatus::NotServing);
    let asked = Command::new(diel().unwrap())
        .args(["health", "--server", &server.url])
        .output()
        .unwrap();
    assert_eq!(asked.status.code(), Some(1), "{asked:?}");
    assert!(String::from_utf8_lossy(&asked.stderr).contains("not serving"));
    server.kill();

    let server = ServerProcess::start(&database).unwrap();
    let client = Client::connect(server.url.clone()).await.unwrap();
    assert!(is_stored(&client, "BEFORE").await);
    assert!(!is_stored(&client, "AFTER").await);
    let verified = Command::new(diel().unwrap())
        .args(["verify", "--database", &database])
        .output()
        .unwrap();
    assert!(verified.status.success(), "{verified:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_writes_and_recovers_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", folder.path().join("diel.db").display());
    let faults = Faults::new().unwrap();
    let (server, client) = start(&faults, &database).await;
    load(&client, [batch("BEFORE")]).await.unwrap();
    faults.fail_all(&WRITES, ENOSPC).unwrap();
    let error = client.submit_batch(batch("DURING")).await.unwrap_err();
    assert!(error.to_string().contains("nothing was stored"), "{error}");
    faults.mend_all(&WRITES).unwrap();
    assert!(is_stored(&client, "BEFORE").await);
    client.submit_batch(batch("AFTER")).await.unwrap();
    assert!(is_stored(&client, "AFTER").await);
    assert_eq!(health(&server).await, ServingStatus::Serving);
}
