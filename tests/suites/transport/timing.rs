//! Deadlines: before the answer, inside its stream, and of bodies that come drop by drop.

use std::time::{Duration, Instant};

use diel_proto::v1 as pb;
use diel_proto::v1::reviews_client::ReviewsClient;
use diel_proto::v1::studies_client::StudiesClient;
use diel_tests::frames::{Peer, kind, message};
use tonic::{Code, Request};

use crate::Victim;

async fn study(victim: &Victim) {
    let mut studies = StudiesClient::connect(victim.server.url.clone())
        .await
        .unwrap();
    let study = pb::Study {
        display_name: "Watched".to_owned(),
        time_zone: "UTC".to_owned(),
        ..pb::Study::default()
    };
    let request = pb::CreateStudyRequest {
        study_id: "watched".to_owned(),
        study: Some(study),
        ..pb::CreateStudyRequest::default()
    };
    studies.create_study(request).await.unwrap();
}

#[tokio::test]
async fn a_deadline_ends_a_stream_that_says_nothing() {
    let victim = Victim::start(&[]);
    study(&victim).await;
    let channel = tonic::transport::Channel::from_shared(victim.server.url.clone()).unwrap();
    let mut reviews = ReviewsClient::new(channel.connect().await.unwrap());
    let mut request = Request::new(pb::WatchFlagsRequest {
        parent: "studies/watched".to_owned(),
        ..pb::WatchFlagsRequest::default()
    });
    // Set by hand: tonic's own client would end the call by itself.
    request
        .metadata_mut()
        .insert("grpc-timeout", "700m".parse().unwrap());
    let began = Instant::now();
    let mut stream = reviews.watch_flags(request).await.unwrap().into_inner();
    // The first message comes at once, with the token to go on from.
    let status = loop {
        if let Err(status) = stream.message().await {
            break status;
        }
    };
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status}");
    let took = began.elapsed();
    assert!(
        took > Duration::from_millis(600) && took < Duration::from_secs(3),
        "{took:?}"
    );
}

#[tokio::test]
async fn a_body_that_comes_drop_by_drop_is_not_waited_for() {
    let victim = Victim::start(&[("DIEL_LIMITS_CALL_SECONDS", "1")]);
    let mut peer = Peer::connect(victim.server.address().unwrap(), &[])
        .await
        .unwrap();
    peer.open(1, "diel.v1.Studies/ListStudies").await.unwrap();
    let body = message(&[0; 100]);
    let began = Instant::now();
    for byte in &body[..20] {
        peer.send(kind::DATA, 0, 1, &[*byte]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let answer = peer.until(kind::HEADERS, Duration::from_secs(5)).await;
    assert!(answer.is_some(), "no answer");
    assert!(began.elapsed() < Duration::from_secs(5));
    victim.answers_others().await;
}

#[tokio::test]
async fn odd_deadlines_are_taken_for_none_or_kept() {
    let victim = Victim::start(&[]);
    let mut studies = StudiesClient::connect(victim.server.url.clone())
        .await
        .unwrap();
    for (text, expected) in [
        ("99999999H", Code::NotFound),
        ("soon", Code::NotFound),
        ("123456789S", Code::NotFound),
    ] {
        let mut request = Request::new(pb::GetStudyRequest {
            name: "studies/nowhere".to_owned(),
        });
        request
            .metadata_mut()
            .insert("grpc-timeout", text.parse().unwrap());
        let status = studies.get_study(request).await.unwrap_err();
        assert_eq!(status.code(), expected, "{text}: {status}");
    }
}
