//! Three servers, one of which is killed every two seconds: callers notice nothing but time.

use std::time::Duration;

use diel_client::Client;
use diel_tests::database::Database;
use diel_tests::rejudging::{STUDY, change, finish, kill_half_way, load};
use diel_tests::replicas::Replicas;
use diel_tests::rows::{person, submission};
use diel_tests::traffic::{Traffic, client, patient, verify};

/// Kills while everybody works.
const KILLS: usize = 7;
/// Enough that the job is not over before its server is killed: it judges 200 at a time.
const PERSONS: u32 = 1_200;
/// Persons in one batch.
const BATCH: u32 = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_killed_one_after_the_other_are_not_noticed() {
    let database = Database::postgres().await.unwrap();
    let mut replicas = Replicas::start(database.url(), 3).unwrap();
    let urls = replicas.urls();
    let traffic = Traffic::begin(&urls, 6, &patient()).await.unwrap();
    replicas
        .kill_in_turn(KILLS, Duration::from_secs(2))
        .await
        .unwrap();
    let (log, watched) = traffic.end().await.unwrap();
    let found = verify(&urls[0], &log, watched).await.unwrap();
    assert!(found.batches > 100, "{found:?}");
    println!(
        "{KILLS} kills; {} batches acknowledged and stored, {} answered again after a lost answer; {} decisions, {} steps \
         watched, {} entries",
        found.batches,
        log.answered_before,
        log.decided.len(),
        found.steps,
        found.entries,
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_job_of_a_killed_server_is_taken_over_by_another() {
    let database = Database::postgres().await.unwrap();
    let mut replicas = Replicas::start(database.url(), 3).unwrap();
    let urls = replicas.urls();
    // The server that is told of the job claims it at once; the others look every few seconds.
    let first = Client::connect(urls[0].clone()).await.unwrap();
    let batches = (0..PERSONS / BATCH).map(|batch| {
        let persons = batch * BATCH..(batch + 1) * BATCH;
        let rows = persons.flat_map(|number| {
            let slope = 0.08 - 0.003 * f64::from(number % 60);
            person(&format!("P{number:05}"), 3, 1.6, slope)
        });
        submission(STUDY, rows.collect())
    });
    load(&first, batches).await.unwrap();
    let job = change(&first).await.unwrap();
    let seen = kill_half_way(replicas.take(0).unwrap(), &first, &job)
        .await
        .unwrap();
    let others = client(&urls[1..]).await.unwrap();
    let begun = std::time::Instant::now();
    let ended = finish(&others, &job).await.unwrap();
    assert!(seen < ended.done_count, "{seen} of {}", ended.done_count);
    println!(
        "killed after {seen} of {}, finished by another server {:?} later",
        ended.done_count,
        begun.elapsed()
    );
}
