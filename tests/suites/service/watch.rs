//! Watching flags: each step once and in order, whatever breaks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use diel_proto::v1 as pb;
use diel_proto::v1::audits_client::AuditsClient;
use diel_proto::v1::reviews_client::ReviewsClient;
use diel_proto::v1::studies_client::StudiesClient;
use diel_proto::v1::submissions_client::SubmissionsClient;
use diel_server::{Limits, Running, Settings, SystemClock};
use diel_tests::database::Database;
use diel_tests::rows::{nmol, submission};
use diel_tests::service::TestService;
use tonic::transport::Channel;
use tonic::{Code, Request, Streaming};

use crate::on_both_engines;
use crate::path::{flags, flat, submit};

on_both_engines!(
    a_watch_begins_with_what_stands_if_it_is_asked_to,
    a_watch_goes_on_behind_any_change_with_another_filter,
    a_watch_ends_at_its_deadline_and_with_its_server,
    watches_are_counted_and_hold_nothing_while_they_wait,
);

fn watch_request(token: &str, include_present: bool) -> pb::WatchFlagsRequest {
    pb::WatchFlagsRequest {
        parent: "studies/s".into(),
        resume_token: token.to_owned(),
        include_present,
        ..Default::default()
    }
}

async fn watch(
    service: &TestService,
    request: pb::WatchFlagsRequest,
) -> Streaming<pb::WatchFlagsResponse> {
    service
        .reviews()
        .watch_flags(request)
        .await
        .unwrap()
        .into_inner()
}

/// The next message, which must come soon.
async fn message(stream: &mut Streaming<pb::WatchFlagsResponse>) -> pb::WatchFlagsResponse {
    tokio::time::timeout(Duration::from_secs(5), stream.message())
        .await
        .expect("a message in time")
        .unwrap()
        .expect("a message")
}

fn said(changes: &[pb::FlagChange]) -> Vec<(&str, pb::FlagState, bool)> {
    let said = |change: &pb::FlagChange| (change.state(), change.present);
    changes
        .iter()
        .map(|change| (change.participant.as_str(), said(change).0, said(change).1))
        .collect()
}

async fn resolve(service: &TestService, participant: &str) {
    let all = flags(service, "s").await;
    let flag = all
        .into_iter()
        .find(|flag| flag.participant == participant)
        .unwrap();
    let request = pb::ResolveFlagRequest {
        name: flag.name,
        decision: pb::FlagDecision::Dismissed as i32,
        reason: "seen".into(),
        etag: flag.etag,
        ..Default::default()
    };
    service.reviews().resolve_flag(request).await.unwrap();
}

async fn a_watch_begins_with_what_stands_if_it_is_asked_to(service: TestService) {
    service.create_study("s").await.unwrap();
    submit(&service, "s", flat("P")).await;
    submit(&service, "s", flat("Q")).await;
    resolve(&service, "P").await;
    let mut news = watch(&service, watch_request("", false)).await;
    assert!(message(&mut news).await.changes.is_empty());
    let mut all = watch(&service, watch_request("", true)).await;
    let standing = message(&mut all).await;
    assert_eq!(
        said(&standing.changes),
        [
            ("P", pb::FlagState::Resolved, true),
            ("Q", pb::FlagState::Open, true)
        ]
    );
    assert_eq!(
        standing.changes[0].event.as_ref().unwrap().actor,
        "local",
        "the last step"
    );
    let begun = Instant::now();
    submit(&service, "s", flat("R")).await;
    for stream in [&mut news, &mut all] {
        let change = message(stream).await.changes;
        assert_eq!(said(&change), [("R", pb::FlagState::Open, false)]);
        let event = change[0].event.clone().unwrap();
        assert_eq!(
            (event.kind(), event.sequence),
            (pb::FlagEventKind::Raised, 1)
        );
        assert!(event.evidence.unwrap().probability_flat > 0.8);
    }
    assert!(
        begun.elapsed() < Duration::from_millis(1500),
        "{:?}",
        begun.elapsed()
    );
    // Only what is asked for.
    let mut open = watch_request("", true);
    open.filter = Some(pb::FlagFilter {
        states: vec![pb::FlagState::Open as i32],
        min_probability: Some(0.5),
        ..Default::default()
    });
    let mut open = watch(&service, open).await;
    let standing = message(&mut open).await.changes;
    let standing: Vec<_> = standing.iter().map(|change| &change.participant).collect();
    assert_eq!(standing, ["Q", "R"]);
    resolve(&service, "Q").await;
    submit(&service, "s", flat("S")).await;
    let next = message(&mut open).await.changes;
    assert_eq!(said(&next), [("S", pb::FlagState::Open, false)]);
}

async fn a_watch_goes_on_behind_any_change_with_another_filter(service: TestService) {
    service.create_study("s").await.unwrap();
    let mut begun = watch(&service, watch_request("", true)).await;
    let token = message(&mut begun).await.resume_token;
    for code in ["A", "B", "C", "D"] {
        submit(&service, "s", flat(code)).await;
    }
    resolve(&service, "B").await;
    let mut seen = watch(&service, watch_request(&token, false)).await;
    let first = message(&mut seen).await.changes;
    assert_eq!(first.len(), 5);
    let mut rest = watch_request(&first[1].resume_token, false);
    rest.filter = Some(pb::FlagFilter {
        participant: "B".into(),
        ..Default::default()
    });
    let mut rest = watch(&service, rest).await;
    let rest = message(&mut rest).await.changes;
    assert_eq!(said(&rest), [("B", pb::FlagState::Resolved, false)]);
    // A token of another study is none of this one's.
    service.create_study("t").await.unwrap();
    let mut other = watch_request(&token, false);
    other.parent = "studies/t".into();
    let refused = service.reviews().watch_flags(other).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let mut nowhere = watch_request("", false);
    nowhere.parent = "studies/nowhere".into();
    let refused = service.reviews().watch_flags(nowhere).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
}

async fn a_watch_ends_at_its_deadline_and_with_its_server(service: TestService) {
    service.create_study("s").await.unwrap();
    let mut request = Request::new(watch_request("", false));
    request.set_timeout(Duration::from_millis(400));
    let begun = Instant::now();
    let mut stream = service
        .reviews()
        .watch_flags(request)
        .await
        .unwrap()
        .into_inner();
    message(&mut stream).await;
    let ended = stream.message().await.unwrap_err();
    assert_eq!(ended.code(), Code::DeadlineExceeded);
    let lasted = begun.elapsed();
    assert!(
        (400..2_000).contains(&lasted.as_millis()),
        "lasted {lasted:?}"
    );
    let mut stream = watch(&service, watch_request("", false)).await;
    message(&mut stream).await;
    let begun = Instant::now();
    let reading = tokio::spawn(async move { stream.message().await });
    service.stop().await;
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "a watch must not hold a server up"
    );
    let ended = reading.await.unwrap();
    if let Err(status) = ended {
        assert_eq!(status.code(), Code::Unavailable, "{status}");
    }
}

async fn watches_are_counted_and_hold_nothing_while_they_wait(service: TestService) {
    let database = service.stop().await;
    let limits = Limits {
        open_streams: 3,
        readers: 1,
        ..Limits::default()
    };
    let settings = Settings {
        limits,
        ..Settings::default()
    };
    let service = TestService::start_with(database, settings).await.unwrap();
    service.create_study("s").await.unwrap();
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(watch(&service, watch_request("", true)).await);
    }
    // Nobody reads, and there is one connection to read with.
    for code in ["A", "B", "C"] {
        submit(&service, "s", flat(code)).await;
        assert!(!flags(&service, "s").await.is_empty());
    }
    let fourth = service
        .reviews()
        .watch_flags(watch_request("", false))
        .await
        .unwrap_err();
    assert_eq!(fourth.code(), Code::Unavailable);
    // One that is left makes room, though nothing happens that it could have been told.
    drop(open.pop());
    let deadline = Instant::now() + Duration::from_secs(5);
    while service
        .reviews()
        .watch_flags(watch_request("", false))
        .await
        .is_err()
    {
        assert!(Instant::now() < deadline, "a watch that was left is held");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Servers on one database, some of which stop and come back elsewhere.
struct Servers {
    database: Database,
    running: Vec<Option<Running>>,
    addresses: Arc<Mutex<Vec<String>>>,
}

impl Servers {
    async fn start(database: Database, count: usize) -> Self {
        let addresses = Arc::new(Mutex::new(vec![String::new(); count]));
        let mut servers = Self {
            database,
            running: Vec::new(),
            addresses,
        };
        for place in 0..count {
            servers.running.push(None);
            servers.begin(place).await;
        }
        servers
    }

    async fn begin(&mut self, place: usize) {
        let settings = Settings {
            listen: "127.0.0.1:0".parse().unwrap(),
            database: self.database.url().to_owned(),
            ..Settings::default()
        };
        let running = diel_server::start(settings, Arc::new(SystemClock))
            .await
            .unwrap();
        self.addresses.lock().unwrap()[place] = format!("http://{}", running.address());
        self.running[place] = Some(running);
    }

    async fn restart(&mut self, place: usize) {
        self.running[place].take().unwrap().stop().await;
        self.begin(place).await;
    }
}

async fn connect(addresses: &Mutex<Vec<String>>, turn: usize) -> Option<Channel> {
    let url = {
        let addresses = addresses.lock().unwrap();
        addresses[turn % addresses.len()].clone()
    };
    Channel::from_shared(url).unwrap().connect().await.ok()
}

type Steps = Vec<(String, i64)>;

/// Connects now here, now there, takes a few messages, leaves, some in the middle of a message, and comes back.
async fn restless(
    addresses: Arc<Mutex<Vec<String>>>,
    number: usize,
    total: usize,
    mut token: String,
) -> Steps {
    let (mut seen, mut turn) = (Steps::new(), number);
    while seen.len() < total {
        turn += 1;
        let request = watch_request(&token, token.is_empty());
        let Some(channel) = connect(&addresses, turn).await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let Ok(stream) = ReviewsClient::new(channel).watch_flags(request).await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let mut stream = stream.into_inner();
        for _ in 0..1 + turn % 5 {
            let next = tokio::time::timeout(Duration::from_millis(700), stream.message()).await;
            let Ok(Ok(Some(message))) = next else { break };
            let leaves_early = number % 2 == 1 && message.changes.len() > 1;
            let taken = if leaves_early {
                message.changes.len() / 2
            } else {
                message.changes.len()
            };
            for change in &message.changes[..taken] {
                let event = change.event.as_ref().unwrap().sequence;
                seen.push((change.flag.clone(), event));
                token.clone_from(&change.resume_token);
            }
            if leaves_early {
                break;
            }
            token = message.resume_token;
        }
    }
    seen
}

/// Raises a flag and then takes its ground away by amending its evenings, whichever servers answer.
async fn writer(addresses: Arc<Mutex<Vec<String>>>, number: usize) {
    let rows = flat(&format!("P{number:03}"));
    let evenings: Vec<String> = rows
        .iter()
        .filter(|row| row.specimen.ends_with("-54000"))
        .map(|row| row.specimen.clone())
        .collect();
    let request = pb::SubmitBatchRequest {
        request_id: format!("r{number}"),
        ..submission("s", rows)
    };
    let mut turn = number;
    loop {
        turn += 1;
        if let Some(channel) = connect(&addresses, turn).await
            && SubmissionsClient::new(channel)
                .submit_batch(request.clone())
                .await
                .is_ok()
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    if !number.is_multiple_of(4) {
        return;
    }
    for evening in evenings {
        let request = pb::AmendResultRequest {
            name: format!("studies/s/specimens/{evening}"),
            result: Some(pb::Result {
                concentration: Some(nmol(0.3)),
                ..Default::default()
            }),
            reason: "dilution not applied".into(),
            replaced_revision: 1,
            request_id: format!("amend {evening}"),
            ..Default::default()
        };
        loop {
            turn += 1;
            if let Some(channel) = connect(&addresses, turn).await
                && SubmissionsClient::new(channel)
                    .amend_result(request.clone())
                    .await
                    .is_ok()
            {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// The steps in the order of the audit trail.
async fn truth(channel: Channel) -> Steps {
    let (mut steps, mut page_token) = (Steps::new(), String::new());
    loop {
        let request = pb::ListAuditEntriesRequest {
            parent: "studies/s".into(),
            page_size: 100,
            page_token,
            ..Default::default()
        };
        let page = AuditsClient::new(channel.clone())
            .list_audit_entries(request)
            .await
            .unwrap()
            .into_inner();
        for entry in page.entries {
            if entry.resource.contains("/flags/") {
                let after: serde_json::Value = serde_json::from_str(&entry.after_json).unwrap();
                steps.push((entry.resource, after["event"].as_i64().unwrap()));
            }
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return steps;
        }
    }
}

const WRITERS: usize = 40;
const WATCHERS: usize = 6;

async fn nothing_is_missed_or_doubled(database: Database, count: usize) {
    let mut servers = Servers::start(database, count).await;
    let channel = connect(&servers.addresses, 0).await.unwrap();
    let study = pb::Study {
        display_name: "S".into(),
        time_zone: "UTC".into(),
        ..Default::default()
    };
    let request = pb::CreateStudyRequest {
        study_id: "s".into(),
        study: Some(study),
        ..Default::default()
    };
    StudiesClient::new(channel.clone())
        .create_study(request)
        .await
        .unwrap();
    let mut before = ReviewsClient::new(channel)
        .watch_flags(watch_request("", false))
        .await
        .unwrap()
        .into_inner();
    let token = message(&mut before).await.resume_token;
    // Every flag is raised; of a quarter the evidence changes with each amendment until the ground is gone.
    let writers: Vec<_> = (0..WRITERS)
        .map(|number| tokio::spawn(writer(Arc::clone(&servers.addresses), number)))
        .collect();
    let least = WRITERS + WRITERS / 4;
    let watchers: Vec<_> = (0..WATCHERS)
        .map(|number| {
            let addresses = Arc::clone(&servers.addresses);
            tokio::spawn(restless(addresses, number, least, token.clone()))
        })
        .collect();
    for round in 0..3 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        servers.restart(round % count).await;
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let channel = connect(&servers.addresses, count).await.unwrap();
    let truth = truth(channel).await;
    assert!(truth.len() >= least, "{} steps", truth.len());
    for (number, watcher) in watchers.into_iter().enumerate() {
        let seen = tokio::time::timeout(Duration::from_secs(30), watcher)
            .await
            .expect("a watcher waits for a step that never comes")
            .unwrap();
        assert_eq!(
            seen[..least],
            truth[..least],
            "watcher {number}: each step once and in order"
        );
    }
    // Whoever comes late and asks for what stands sees each flag once, on its last step.
    let late = restless(Arc::clone(&servers.addresses), 1, WRITERS, String::new());
    let late = tokio::time::timeout(Duration::from_secs(30), late)
        .await
        .expect("all that stands");
    let last: BTreeMap<String, i64> = truth.into_iter().collect();
    assert_eq!(late.len(), WRITERS);
    assert_eq!(BTreeMap::from_iter(late), last);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_missed_or_doubled_on_sqlite() {
    nothing_is_missed_or_doubled(Database::sqlite().unwrap(), 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_missed_or_doubled_by_two_servers_on_postgres() {
    nothing_is_missed_or_doubled(Database::postgres().await.unwrap(), 2).await;
}
