//! The primary of the database is killed under load and its standby promoted: the servers find it by themselves.

use std::time::{Duration, Instant};

use diel_tests::postgres::Pair;
use diel_tests::process::ServerProcess;
use diel_tests::traffic::{Traffic, patient, verify};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_promoted_standby_has_all_that_was_answered_and_is_found() {
    let pair = Pair::start().await.unwrap();
    let servers = [
        ServerProcess::start(&pair.url()).unwrap(),
        ServerProcess::start(&pair.url()).unwrap(),
    ];
    let urls = servers.each_ref().map(|server| server.url.clone());
    let traffic = Traffic::begin(&urls, 4, &patient()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let killed = Instant::now();
    pair.kill_primary().unwrap();
    let promotion = pair.promote_standby().unwrap();
    let promoted = Instant::now();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (log, watched) = traffic.end().await.unwrap();
    let answered: Vec<_> = log.acknowledged.values().map(|(at, _)| *at).collect();
    let before = answered.iter().filter(|at| **at <= killed).count();
    let first = answered.iter().filter(|at| **at > promoted).min().unwrap();
    let found = verify(&urls[1], &log, watched).await.unwrap();
    assert!(
        before > 10,
        "{before} batches before the primary was killed"
    );
    // Not only one server found it.
    let other = verify_reads(&urls[0]).await;
    assert_eq!(other, found.batches);
    println!(
        "{} batches acknowledged and stored, {before} of them before the kill, {} answered again after a lost answer; {} \
         decisions, {} steps watched, {} entries; promoted in {promotion:?}, first acknowledgement {:?} after the kill",
        found.batches,
        log.answered_before,
        log.decided.len(),
        found.steps,
        found.entries,
        *first - killed,
    );
}

/// How many persons have a rhythm, asked of one server.
async fn verify_reads(url: &str) -> usize {
    let client = diel_client::Client::connect(url).await.unwrap();
    let rhythms = client.stream(diel_client::v1::StreamRhythmsRequest {
        parent: format!("studies/{}", diel_tests::traffic::STUDY),
        ..Default::default()
    });
    rhythms.collect(usize::MAX).await.unwrap().len()
}
