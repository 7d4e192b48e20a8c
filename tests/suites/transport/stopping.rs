//! SIGTERM ends the server within its drain time, whatever a peer does, and what is under way is finished.

use std::time::Duration;

use diel_proto::v1 as pb;
use diel_proto::v1::studies_client::StudiesClient;
use diel_tests::frames::{END_HEADERS, PREFACE, Peer, head, kind, message};
use prost::Message as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::Victim;

const DRAIN: [(&str, &str); 1] = [("DIEL_LIMITS_DRAIN_SECONDS", "2")];
/// The drain time, and what a busy machine needs beside it.
const PATIENCE: Duration = Duration::from_secs(6);
/// A peer's first words have been read by then.
const SHORTLY: Duration = Duration::from_millis(300);

#[tokio::test]
async fn a_connection_that_says_nothing_does_not_keep_it() {
    let victim = Victim::start(&DRAIN);
    let _silent = TcpStream::connect(victim.server.address().unwrap())
        .await
        .unwrap();
    tokio::time::sleep(SHORTLY).await;
    victim.server.stop_within(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn half_a_preface_does_not_keep_it() {
    let victim = Victim::start(&DRAIN);
    let mut half = TcpStream::connect(victim.server.address().unwrap())
        .await
        .unwrap();
    half.write_all(&PREFACE[..10]).await.unwrap();
    tokio::time::sleep(SHORTLY).await;
    victim.server.stop_within(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn a_peer_that_answers_no_ping_does_not_keep_it() {
    let victim = Victim::start(&DRAIN);
    // It never reads: neither GOAWAY nor the ping before it are answered.
    let _deaf = Peer::connect(victim.server.address().unwrap(), &[])
        .await
        .unwrap();
    tokio::time::sleep(SHORTLY).await;
    victim.server.stop_within(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn a_body_that_never_ends_does_not_keep_it() {
    let victim = Victim::start(&DRAIN);
    let mut peer = Peer::connect(victim.server.address().unwrap(), &[])
        .await
        .unwrap();
    peer.open(1, "diel.v1.Submissions/SubmitBatch")
        .await
        .unwrap();
    // A message of 1,000 bytes is announced, and ten of them come.
    let message = message(&[0; 1_000]);
    peer.send(kind::DATA, 0, 1, &message[..15]).await.unwrap();
    tokio::time::sleep(SHORTLY).await;
    victim.server.stop_within(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn a_reader_that_does_not_read_does_not_keep_it() {
    let victim = Victim::start(&DRAIN);
    // No byte of an answer may be sent to it.
    let mut peer = Peer::connect(victim.server.address().unwrap(), &[(4, 0)])
        .await
        .unwrap();
    let request = pb::ListStudiesRequest::default().encode_to_vec();
    peer.open(1, "diel.v1.Studies/ListStudies").await.unwrap();
    peer.send(kind::DATA, 1, 1, &message(&request))
        .await
        .unwrap();
    tokio::time::sleep(SHORTLY).await;
    victim.server.stop_within(PATIENCE).await.unwrap();
}

#[tokio::test]
async fn half_a_head_does_not_keep_it() {
    let victim = Victim::start(&DRAIN);
    let mut peer = Peer::connect(victim.server.address().unwrap(), &[])
        .await
        .unwrap();
    let head = head("diel.v1.Studies/ListStudies", &[]);
    // Without END_HEADERS the server waits for a continuation.
    peer.send(kind::HEADERS, 0, 1, &head).await.unwrap();
    tokio::time::sleep(SHORTLY).await;
    victim.server.stop_within(PATIENCE).await.unwrap();
    assert_ne!(END_HEADERS, 0);
}

#[tokio::test]
async fn what_is_under_way_is_finished() {
    let victim = Victim::start(&[("DIEL_LIMITS_DRAIN_SECONDS", "10")]);
    let address = victim.server.address().unwrap();
    let mut studies = StudiesClient::connect(victim.server.url.clone())
        .await
        .unwrap();
    let study = pb::Study {
        display_name: "Last".to_owned(),
        time_zone: "UTC".to_owned(),
        ..pb::Study::default()
    };
    let request = pb::CreateStudyRequest {
        study_id: "last".to_owned(),
        study: Some(study),
        ..pb::CreateStudyRequest::default()
    };
    // Its head and half of its message have come when the server is told to stop.
    let mut peer = Peer::connect(address, &[]).await.unwrap();
    let body = message(&request.encode_to_vec());
    peer.open(1, "diel.v1.Studies/CreateStudy").await.unwrap();
    peer.send(kind::DATA, 0, 1, &body[..8]).await.unwrap();
    tokio::time::sleep(SHORTLY).await;
    let stopping = tokio::spawn(victim.server.stop_within(Duration::from_secs(15)));
    peer.until(kind::GOAWAY, PATIENCE).await.expect("no GOAWAY");
    peer.send(kind::DATA, 1, 1, &body[8..]).await.unwrap();
    let answer = peer.until(kind::DATA, PATIENCE).await.expect("no answer");
    let study = pb::Study::decode(&answer.payload[5..]).unwrap();
    assert_eq!(study.name, "studies/last");
    drop(peer);
    stopping.await.unwrap().unwrap();
    assert!(
        studies
            .list_studies(pb::ListStudiesRequest::default())
            .await
            .is_err(),
        "nobody listens any more"
    );
}
