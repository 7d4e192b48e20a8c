//! Ten seconds of load beside bad peers: nobody is answered an error.

use std::time::Duration;

use diel_tests::database::Database;
use diel_tests::load::{Plan, measure};
use diel_tests::process::ServerProcess;

/// What a server of this load holds at most, in MB; a debug build of it holds more than a release build.
const MOST_MB: f64 = 400.0;

async fn ten_seconds(database: Database) {
    let server = ServerProcess::start(database.url()).unwrap();
    let plan = Plan::of(Duration::from_secs(10)).beside_bad_peers();
    let measured = measure(&server, plan).await.unwrap();
    for (kind, times) in &measured.times {
        println!(
            "{kind}: median {:?}, 99th {:?}",
            times.quantile(0.5),
            times.quantile(0.99)
        );
    }
    let kinds = [
        "page of flags",
        "page of rhythms",
        "rhythm",
        "submit",
        "watch",
    ];
    assert!(
        measured.times.keys().eq(&kinds),
        "{:?}",
        measured.times.keys()
    );
    let (_, most) = measured.memory_mb();
    println!("most memory {most:.0} MB");
    assert!(most < MOST_MB, "{most} MB");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_clients_and_bad_peers_are_served_on_sqlite() {
    ten_seconds(Database::sqlite().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_clients_and_bad_peers_are_served_on_postgres() {
    ten_seconds(Database::postgres().await.unwrap()).await;
}
