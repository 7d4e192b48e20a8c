//! /metrics: what stands there, what it counts, and who may look.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use diel_proto::v1 as pb;
use diel_server::{AccessMode, Settings};
use diel_store::Role;
use diel_tests::database::Database;
use diel_tests::http;
use diel_tests::rows::{person, submission};
use diel_tests::service::TestService;
use diel_tests::token::token;

use crate::{promtool, raw};

/// The table of all metrics.
const OPERATIONS: &str = include_str!("../../../docs/operations.md");

/// The numbers of a server as text.
pub(crate) async fn scrape(console: SocketAddr) -> String {
    let answer = http::get(console, "/metrics").await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    let kind = answer.header("content-type").unwrap();
    assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
    answer.text()
}

/// The numbers of a server that has been called once and has shown a page: every metric has a series.
pub(crate) async fn scrape_in_use(service: &TestService) -> String {
    let console = service.console().unwrap();
    service.create_study("pilot").await.unwrap();
    assert_eq!(http::get(console, "/studies").await.unwrap().status, 200);
    scrape(console).await
}

/// Names of metrics with their types.
pub(crate) fn families(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .map(|line| line.split_once(' ').unwrap())
        .map(|(name, kind)| (name.to_owned(), kind.to_owned()))
        .collect()
}

/// The value of a series by its name and labels as they are written.
fn value(text: &str, series: &str) -> Option<f64> {
    let line = text.lines().find(|line| {
        line.strip_prefix(series)
            .is_some_and(|rest| rest.starts_with(' '))
    })?;
    line.rsplit_once(' ').unwrap().1.parse().ok()
}

async fn submit(service: &TestService, code: &str) {
    let request = submission("pilot", person(code, 3, 1.6, -0.09));
    service.submissions().submit_batch(request).await.unwrap();
}

async fn calls_are_counted(service: TestService) {
    let console = service.console().unwrap();
    service.create_study("pilot").await.unwrap();
    submit(&service, "P1").await;
    submit(&service, "P2").await;
    let unknown = pb::GetStudyRequest {
        name: "studies/nowhere".to_owned(),
    };
    service.studies().get_study(unknown).await.unwrap_err();
    let made_up = raw::call(&service.channel, "diel.v1.Studies/P1", None, Vec::new());
    made_up.await.unwrap_err();

    let text = scrape(console).await;
    let counted = |method: &str, code: &str| {
        let series = format!("diel_grpc_calls_total{{method=\"{method}\",code=\"{code}\"}}");
        value(&text, &series)
    };
    assert_eq!(counted("diel.v1.Studies/CreateStudy", "OK"), Some(1.0));
    assert_eq!(counted("diel.v1.Submissions/SubmitBatch", "OK"), Some(2.0));
    assert_eq!(counted("diel.v1.Studies/GetStudy", "NOT_FOUND"), Some(1.0));
    assert_eq!(counted("other", "UNIMPLEMENTED"), Some(1.0));
    let seconds = "diel_grpc_call_seconds_count{method=\"diel.v1.Submissions/SubmitBatch\"}";
    assert_eq!(value(&text, seconds), Some(2.0));
    let in_flight = "diel_grpc_calls_in_flight{method=\"diel.v1.Submissions/SubmitBatch\"}";
    assert_eq!(value(&text, in_flight), Some(0.0));
    // A study and two batches at least; workers that look for jobs write too.
    assert!(value(&text, "diel_store_write_seconds_count").unwrap() >= 3.0);
    assert!(value(&text, "diel_store_read_seconds_count").unwrap() >= 1.0);
    assert_eq!(value(&text, "diel_store_up"), Some(1.0));
    assert_eq!(value(&text, "diel_store_read_only"), Some(0.0));
    assert_eq!(value(&text, "diel_ready"), Some(1.0));
    assert_eq!(
        value(&text, "diel_limit_taken{limit=\"connections\"}"),
        Some(1.0)
    );
    assert_eq!(
        value(&text, "diel_limit_max{limit=\"heavy_calls\"}"),
        Some(256.0)
    );
    assert_eq!(
        value(&text, "diel_limit_taken{limit=\"heavy_calls\"}"),
        Some(0.0)
    );
    assert!(value(&text, "process_resident_memory_bytes").unwrap() > 1e6);
    assert!(value(&text, "process_open_fds").unwrap() > 3.0);
    assert_eq!(promtool::check_metrics(&text), "");

    let pages = http::get(console, "/studies/pilot/participants/P1");
    assert_eq!(pages.await.unwrap().status, 200);
    let text = scrape(console).await;
    let route = "/studies/{study}/participants/{participant}";
    let page = format!("diel_console_requests_total{{route=\"{route}\",status=\"200\"}}");
    assert_eq!(value(&text, &page), Some(1.0));
    assert!(!text.contains("pilot") && !text.contains("P1"), "{text}");
}

crate::on_both_engines!(calls_are_counted);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_limit_turns_away_is_counted() {
    let mut settings = Settings::default();
    settings.limits.heavy_calls = 0;
    let database = Database::sqlite().unwrap();
    let service = TestService::start_with(database, settings).await.unwrap();
    service.create_study("pilot").await.unwrap();
    let request = submission("pilot", person("P1", 1, 1.6, -0.09));
    service
        .submissions()
        .submit_batch(request)
        .await
        .unwrap_err();
    let text = scrape(service.console().unwrap()).await;
    let shed = |limit| {
        value(
            &text,
            &format!("diel_limit_shed_total{{limit=\"{limit}\"}}"),
        )
    };
    assert_eq!(shed("heavy_calls"), Some(1.0));
    assert_eq!(shed("open_streams"), Some(0.0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_table_in_the_documentation_has_every_metric_and_no_other() {
    let service = TestService::start(Database::sqlite().unwrap())
        .await
        .unwrap();
    let served = families(&scrape_in_use(&service).await);
    let documented: BTreeMap<String, String> = OPERATIONS
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let name = cells[0].strip_prefix('`')?.strip_suffix('`')?;
            let is_metric = name.starts_with("diel_") || name.starts_with("process_");
            is_metric.then(|| (name.to_owned(), cells[1].to_owned()))
        })
        .collect();
    assert_eq!(documented, served);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_tokens_the_numbers_are_for_admins_and_readers_on_this_machine() {
    let behind_a_proxy = Settings {
        access: AccessMode::Tokens,
        behind_tls_proxy: true,
        ..Settings::default()
    };
    let service = TestService::start_with(Database::sqlite().unwrap(), behind_a_proxy)
        .await
        .unwrap();
    let console = service.console().unwrap();
    let admin = token(&service.database, "root", &[(Role::Admin, None)]);
    let reader = token(&service.database, "carol", &[(Role::Researcher, None)]);
    let (admin, reader) = (admin.await.unwrap(), reader.await.unwrap());
    let with = async |token: &str| {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        http::send(console, "GET", "/metrics", &headers, "").await
    };
    assert_eq!(http::get(console, "/metrics").await.unwrap().status, 401);
    assert_eq!(with("diel_0123").await.unwrap().status, 401);
    assert_eq!(with(&reader).await.unwrap().status, 403);
    let answer = with(&admin).await.unwrap();
    assert_eq!(answer.status, 200);
    let text = answer.text();
    let refused = |reason| format!("diel_refused_callers_total{{reason=\"{reason}\"}}");
    assert_eq!(value(&text, &refused("TOKEN_MISSING")), Some(1.0));
    assert_eq!(value(&text, &refused("TOKEN_UNKNOWN")), Some(1.0));

    let alone = Settings {
        access: AccessMode::Tokens,
        ..Settings::default()
    };
    let service = TestService::start_with(service.stop().await, alone)
        .await
        .unwrap();
    let console = service.console().unwrap();
    assert_eq!(http::get(console, "/metrics").await.unwrap().status, 200);
    let elsewhere = [("host", "example.org")];
    let led_here = http::send(console, "GET", "/metrics", &elsewhere, "");
    assert_eq!(led_here.await.unwrap().status, 401);
}
