//! A connection of some age is asked to come again; who has a client that reconnects sees nothing of it.

use std::time::{Duration, Instant};

use diel_client::Client;
use diel_tests::frames::{Peer, kind};

use crate::Victim;

#[tokio::test]
async fn an_old_connection_is_told_to_go_and_calls_go_on() {
    let victim = Victim::start(&[
        ("DIEL_LIMITS_CONNECTION_AGE_SECONDS", "1"),
        ("DIEL_LIMITS_CONNECTION_GRACE_SECONDS", "1"),
    ]);
    let mut peer = Peer::connect(victim.server.address().unwrap(), &[])
        .await
        .unwrap();
    assert!(
        peer.until(kind::GOAWAY, Duration::from_secs(5))
            .await
            .is_some(),
        "no GOAWAY"
    );
    // This peer answers no ping, and is cut at the end of its grace.
    assert!(
        peer.is_closed_within(Duration::from_secs(5)).await,
        "it stays"
    );
    let client = Client::connect(&victim.server.url).await.unwrap();
    let began = Instant::now();
    let mut calls = 0;
    while began.elapsed() < Duration::from_secs(4) {
        let error = client.get_study("studies/nowhere").await.unwrap_err();
        assert!(
            error.to_string().contains("nowhere"),
            "after {calls} calls: {error}"
        );
        calls += 1;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(calls > 50, "{calls}");
}
