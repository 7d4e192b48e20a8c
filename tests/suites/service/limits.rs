//! Limits, shutdown, health and reflection.

use diel_proto::v1 as pb;
use diel_server::{Limits, Settings};
use diel_tests::database::Database;
use diel_tests::rows::{person, row, submission};
use diel_tests::service::TestService;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

async fn limited(limits: Limits) -> TestService {
    let settings = Settings {
        limits,
        ..Settings::default()
    };
    TestService::start_with(Database::sqlite().unwrap(), settings)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_batch_ten_times_too_large_is_refused_with_its_size() {
    let service = limited(Limits {
        batch_rows: 100,
        ..Limits::default()
    })
    .await;
    service.create_study("s").await.unwrap();
    let rows: Vec<_> = (0..1000)
        .map(|i| row(&format!("P{i}"), 0, 0.0, 4.0))
        .collect();
    let status = service
        .submissions()
        .submit_batch(submission("s", rows))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(
        status.get_error_details().error_info().unwrap().reason,
        "BATCH_TOO_LARGE"
    );
    assert!(
        status.message().contains("1000") && status.message().contains("100 "),
        "{}",
        status.message()
    );
}

#[tokio::test]
async fn a_message_above_the_byte_limit_is_refused_before_it_is_decoded() {
    let service = limited(Limits {
        message_bytes: 10_000,
        ..Limits::default()
    })
    .await;
    service.create_study("s").await.unwrap();
    let rows: Vec<_> = (0..500)
        .map(|i| row(&format!("P{i}"), 0, 0.0, 4.0))
        .collect();
    let status = service
        .submissions()
        .submit_batch(submission("s", rows))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange, "{status:?}");
    service
        .submissions()
        .submit_batch(submission("s", vec![row("P", 0, 0.0, 4.0)]))
        .await
        .expect("the server goes on");
}

#[tokio::test]
async fn one_call_too_many_is_told_when_to_come_back() {
    let service = limited(Limits {
        heavy_calls: 0,
        ..Limits::default()
    })
    .await;
    service.create_study("s").await.unwrap();
    let status = service
        .submissions()
        .submit_batch(submission("s", person("P", 1, 1.0, -0.1)))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    let details = status.get_error_details();
    assert_eq!(details.error_info().unwrap().reason, "OVERLOADED");
    assert!(details.retry_info().unwrap().retry_delay.is_some());
}

#[tokio::test]
async fn only_loopback_is_served() {
    let settings = Settings {
        listen: "0.0.0.0:0".parse().unwrap(),
        database: Database::sqlite().unwrap().url().to_owned(),
        ..Settings::default()
    };
    let error = diel_server::start(settings, std::sync::Arc::new(diel_server::SystemClock))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("loopback"), "{error}");
}

#[tokio::test]
async fn health_is_served_for_the_server_and_each_service() {
    let service = limited(Limits::default()).await;
    for name in [
        "",
        "diel.v1.Studies",
        "diel.v1.Submissions",
        "diel.v1.Rhythms",
        "diel.v1.Reviews",
    ] {
        let answer = HealthClient::new(service.channel.clone())
            .check(HealthCheckRequest {
                service: name.into(),
            })
            .await
            .unwrap();
        assert_eq!(answer.into_inner().status, 1, "{name:?} serves");
    }
}

#[tokio::test]
async fn stopping_waits_for_no_idle_connection_longer_than_the_drain_time() {
    let service = limited(Limits {
        drain_seconds: 1,
        ..Limits::default()
    })
    .await;
    let address = service.url().replace("http://", "");
    let _idle = std::net::TcpStream::connect(address).unwrap();
    let begun = std::time::Instant::now();
    service.stop().await;
    assert!(begun.elapsed() < std::time::Duration::from_secs(5));
}

#[tokio::test]
async fn what_a_stream_sent_before_the_stop_is_stored_and_answered() {
    let service = limited(Limits::default()).await;
    service.create_study("s").await.unwrap();
    let (sender, receiver) = tokio::sync::mpsc::channel(4);
    let mut answers = service
        .submissions()
        .submit_batches(tokio_stream::wrappers::ReceiverStream::new(receiver))
        .await
        .unwrap()
        .into_inner();
    let one = pb::SubmitBatchRequest {
        request_id: "r1".into(),
        ..submission("s", person("P", 3, 1.0, -0.1))
    };
    sender
        .send(pb::SubmitBatchesRequest {
            submission: Some(one),
        })
        .await
        .unwrap();
    let answer = answers.message().await.unwrap().unwrap();
    assert_eq!(answer.request_id, "r1");
    let database = service.stop().await;
    let ended = answers.message().await.unwrap_err();
    assert_eq!(ended.code(), Code::Unavailable, "{ended:?}");
    let service = TestService::start(database).await.unwrap();
    let list = pb::ListProfilesRequest {
        parent: "studies/s".into(),
        ..Default::default()
    };
    assert_eq!(
        service
            .rhythms()
            .list_profiles(list)
            .await
            .unwrap()
            .into_inner()
            .profiles
            .len(),
        3
    );
}
