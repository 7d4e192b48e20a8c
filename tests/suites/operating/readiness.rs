//! /readyz in each of its states, and /healthz beside it.

use std::process::Command;
use std::time::Duration;

use diel_proto::FILE_DESCRIPTOR_SET;
use diel_server::Settings;
use diel_tests::database::Database;
use diel_tests::faults::{EIO, Faults, SYNCS};
use diel_tests::frames::Peer;
use diel_tests::http;
use diel_tests::process::ServerProcess;
use diel_tests::service::TestService;
use prost::Message as _;
use prost_types::FileDescriptorSet;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

async fn ready(console: std::net::SocketAddr) -> (u16, String) {
    let answer = http::get(console, "/readyz").await.unwrap();
    (answer.status, answer.text())
}

async fn a_schema_that_went_on_is_seen(service: TestService) {
    let console = service.console().unwrap();
    assert_eq!(ready(console).await, (200, "ok\n".to_owned()));
    let further = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
        select 9999, description, success, checksum, execution_time from _sqlx_migrations where version = 1";
    let url = service.database.url();
    if url.starts_with("sqlite") {
        let mut database = sqlx::SqliteConnection::connect(url).await.unwrap();
        database.execute(further).await.unwrap();
    } else {
        let mut database = sqlx::PgConnection::connect(url).await.unwrap();
        database.execute(further).await.unwrap();
    }
    let (status, text) = ready(console).await;
    assert_eq!(status, 503);
    assert!(text.contains("schema"), "{text}");
    assert_eq!(http::get(console, "/healthz").await.unwrap().status, 200);
}

crate::on_both_engines!(a_schema_that_went_on_is_seen);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_gone_is_seen() {
    let database = Database::postgres().await.unwrap();
    let url = database.url().to_owned();
    let service = TestService::start(database).await.unwrap();
    let console = service.console().unwrap();
    assert_eq!(ready(console).await.0, 200);
    let (server, rest) = url.split_once("localhost/").unwrap();
    let (name, query) = rest.split_once('?').unwrap();
    let admin = format!("{server}localhost/postgres?{query}");
    let mut admin = sqlx::PgConnection::connect(&admin).await.unwrap();
    for statement in [
        format!("alter database {name} allow_connections false"),
        format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"),
    ] {
        admin.execute(AssertSqlSafe(statement)).await.unwrap();
    }
    let (status, text) = ready(console).await;
    assert_eq!(
        (status, text.as_str()),
        (503, "the database does not answer\n")
    );
    assert_eq!(http::get(console, "/healthz").await.unwrap().status, 200);
    let numbers = http::get(console, "/metrics").await.unwrap().text();
    assert!(numbers.contains("\ndiel_store_up 0\n"), "{numbers}");
    assert!(numbers.contains("\ndiel_ready 0\n"), "{numbers}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_failed_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", folder.path().join("diel.db").display());
    let faults = Faults::new().unwrap();
    let server = ServerProcess::start_with(faults.command().unwrap(), &database, &[]).unwrap();
    assert_eq!(ready(server.console).await.0, 200);
    faults.fail_all(&SYNCS, EIO).unwrap();
    let created = Command::new(diel_tests::process::diel().unwrap())
        .args([
            "study",
            "create",
            "pilot",
            "--name",
            "Pilot",
            "--time-zone",
            "UTC",
        ])
        .args(["--server", &server.url])
        .output()
        .unwrap();
    assert!(!created.status.success());
    let (status, text) = ready(server.console).await;
    assert_eq!(status, 503);
    assert!(text.contains("disk"), "{text}");
    assert_eq!(
        http::get(server.console, "/healthz").await.unwrap().status,
        200
    );
    let numbers = http::get(server.console, "/metrics").await.unwrap().text();
    assert!(numbers.contains("\ndiel_store_read_only 1\n"), "{numbers}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_takes_no_more() {
    let mut settings = Settings::default();
    settings.limits.drain_seconds = 3;
    let service = TestService::start_with(Database::sqlite().unwrap(), settings)
        .await
        .unwrap();
    let console = service.console().unwrap();
    let address = service.url().trim_start_matches("http://").parse().unwrap();
    // A call whose request does not come keeps the server from its end.
    let mut waiting = Peer::connect(address, &[]).await.unwrap();
    let _ = waiting.open(1, "diel.v1.Studies/ListStudies").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let stopping = tokio::spawn(service.stop());
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!stopping.is_finished());
    assert!(http::get(console, "/readyz").await.is_err());
    stopping.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_health_of_every_service_is_told() {
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
    let own = set.file.iter().filter(|file| file.package() == "diel.v1");
    let mut names: Vec<String> = own
        .flat_map(|file| &file.service)
        .map(|service| format!("diel.v1.{}", service.name()))
        .collect();
    assert!(names.len() >= 10, "{names:?}");
    names.push("arrow.flight.protocol.FlightService".to_owned());
    names.push(String::new());
    let service = TestService::start(Database::sqlite().unwrap())
        .await
        .unwrap();
    for name in names {
        let mut health = HealthClient::new(service.channel.clone());
        let request = HealthCheckRequest {
            service: name.clone(),
        };
        let answer = health.check(request).await;
        let status = answer.map(|answer| answer.into_inner().status());
        assert!(
            matches!(status, Ok(ServingStatus::Serving)),
            "{name:?}: {status:?}"
        );
    }
}
