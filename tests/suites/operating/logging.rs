//! The log as JSON, and the id that leads from an answer to its lines.

use diel_proto::v1 as pb;
use diel_proto::v1::studies_client::StudiesClient;
use diel_tests::database::Database;
use serde_json::Value;
use sqlx::{Connection as _, Executor as _};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use crate::Logging;

const HEADER: &str = "x-request-id";

fn request(id: Option<&str>) -> Request<pb::GetStudyRequest> {
    let mut request = Request::new(pb::GetStudyRequest {
        name: "studies/nowhere".to_owned(),
    });
    if let Some(id) = id {
        let id = id.parse().unwrap();
        request.metadata_mut().insert(HEADER, id);
    }
    request
}

fn id_of(status: &Status) -> String {
    let id = status.metadata().get(HEADER).unwrap();
    id.to_str().unwrap().to_owned()
}

/// The lines of a call, each of which is an object.
fn lines_of(log: &str, id: &str) -> Vec<Value> {
    log.lines()
        .map(|line| serde_json::from_str::<Value>(line).expect(line))
        .filter(|line| line["span"]["id"] == id)
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_call_has_an_id_and_a_line() {
    let database = Database::sqlite().unwrap();
    let logging = Logging::start(database.url(), &[]);
    let mut studies = StudiesClient::new(logging.channel().await);
    let given = studies.get_study(request(Some("ci-7.A_b"))).await;
    assert_eq!(id_of(&given.unwrap_err()), "ci-7.A_b");
    let too_long = "x".repeat(65);
    let replaced = studies.get_study(request(Some(&too_long))).await;
    let replaced = id_of(&replaced.unwrap_err());
    assert_eq!(replaced.len(), 32, "{replaced}");
    let made = id_of(&studies.get_study(request(None)).await.unwrap_err());
    assert_ne!(made, replaced);

    let log = logging.log();
    for id in ["ci-7.A_b", &replaced, &made] {
        let lines = lines_of(&log, id);
        let ended: Vec<_> = lines
            .iter()
            .filter(|line| line["fields"]["message"] == "ended")
            .collect();
        assert_eq!(ended.len(), 1, "{id}: {lines:?}");
        assert_eq!(ended[0]["fields"]["code"], "NOT_FOUND");
        assert_eq!(ended[0]["span"]["method"], "diel.v1.Studies/GetStudy");
        assert!(ended[0]["fields"]["seconds"].as_f64().unwrap() < 60.0);
    }
    assert!(!log.contains(&too_long));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_defect_says_where_its_cause_is() {
    let database = Database::sqlite().unwrap();
    let logging = Logging::start(database.url(), &[]);
    let mut studies = StudiesClient::new(logging.channel().await);
    let mut broken = sqlx::SqliteConnection::connect(database.url())
        .await
        .unwrap();
    broken
        .execute("alter table studies rename to stolen")
        .await
        .unwrap();
    let status = studies.get_study(request(None)).await.unwrap_err();
    assert_eq!(status.code(), Code::Internal);
    let id = id_of(&status);
    assert!(
        status.message().ends_with(&format!("under {id}")),
        "{status}"
    );
    let details = status.get_error_details();
    assert_eq!(details.request_info().unwrap().request_id, id);
    let log = logging.log();
    let lines = lines_of(&log, &id);
    let cause = lines.iter().find(|line| line["level"] == "ERROR").unwrap();
    let text = cause["fields"]["error"].as_str().unwrap();
    assert!(text.contains("no such table"), "{text}");
    assert!(!status.message().contains("table"));
}
