//! What was acknowledged is there after the server was killed at any moment, once, with its profile; what was not is
//! there whole or not at all.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

#[path = "durability/deleting.rs"]
mod deleting;
#[path = "durability/disk.rs"]
mod disk;
#[path = "durability/importing.rs"]
mod importing;
#[path = "durability/keeping.rs"]
mod keeping;
#[path = "durability/killing.rs"]
mod killing;
#[path = "durability/log.rs"]
mod log;
#[path = "durability/ordering.rs"]
mod ordering;
#[path = "durability/rejudging.rs"]
mod rejudging;
#[path = "durability/simulation.rs"]
mod simulation;

use std::collections::BTreeSet;
use std::time::Duration;

use diel_proto::v1 as pb;
use diel_proto::v1::rhythms_client::RhythmsClient;
use diel_proto::v1::studies_client::StudiesClient;
use diel_proto::v1::submissions_client::SubmissionsClient;
use diel_tests::database::Database;
use diel_tests::process::ServerProcess;
use diel_tests::rows::{person, submission};
use diel_tests::trail;
use tonic::transport::Channel;

/// How often the server is killed.
const KILLS: u32 = 50;
/// Samples of each person, who is one batch.
const ROWS: usize = 15;
const DAYS: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_fifty_times_on_sqlite() {
    kill_and_check(Database::sqlite().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_fifty_times_on_postgres() {
    kill_and_check(Database::postgres().await.unwrap()).await;
}

async fn connect(server: &ServerProcess) -> Channel {
    Channel::from_shared(server.url.clone())
        .unwrap()
        .connect()
        .await
        .unwrap()
}

async fn kill_and_check(database: Database) {
    let server = ServerProcess::start(database.url()).unwrap();
    let study = pb::Study {
        display_name: "Killed".into(),
        time_zone: "Europe/Berlin".into(),
        ..Default::default()
    };
    let request = pb::CreateStudyRequest {
        study_id: "killed".into(),
        study: Some(study),
        ..Default::default()
    };
    StudiesClient::new(connect(&server).await)
        .create_study(request)
        .await
        .unwrap();
    drop(server);
    let (mut acknowledged, mut sent) = (BTreeSet::new(), 0);
    for kill in 0..KILLS {
        let server = ServerProcess::start(database.url()).unwrap();
        let channel = connect(&server).await;
        // A different moment each time, from before the first write to far into a pipeline of them.
        let moment = Duration::from_micros(u64::from(kill) * 5_311 % 150_000 + 200);
        let submitting = tokio::spawn(submit_until_broken(channel, sent));
        tokio::time::sleep(moment).await;
        server.kill();
        let (answered, now_sent) = submitting.await.unwrap();
        acknowledged.extend(answered);
        sent = now_sent;
    }
    assert!(
        !acknowledged.is_empty(),
        "no batch was ever acknowledged: nothing was tested"
    );
    let server = ServerProcess::start(database.url()).unwrap();
    let channel = connect(&server).await;
    let specimens = specimens_a_person(&channel).await;
    let profiles = profiles_a_person(&channel).await;
    for person in &acknowledged {
        assert_eq!(specimens.get(person), Some(&ROWS), "acknowledged {person}");
    }
    for (person, count) in &specimens {
        assert_eq!(*count, ROWS, "{person} is half-written");
        assert_eq!(
            profiles.get(person),
            Some(&DAYS),
            "{person} has no profiles"
        );
    }
    // One entry for the study and one for each batch, in a chain that no kill has torn.
    let head = trail::verify(&channel, "killed").await.unwrap();
    assert_eq!(usize::try_from(head.sequence), Ok(1 + specimens.len()));
    println!(
        "{} batches acknowledged, {} stored, {sent} sent, {KILLS} kills",
        acknowledged.len(),
        specimens.len()
    );
}

/// Streams one person after the other; returns who was acknowledged and how many were sent when it broke.
async fn submit_until_broken(channel: Channel, first: u32) -> (Vec<String>, u32) {
    let (sender, receiver) = tokio::sync::mpsc::channel(8);
    let stream = tokio_stream::wrappers::ReceiverStream::new(receiver);
    let sending = tokio::spawn(async move {
        let mut next = first;
        loop {
            let code = format!("P{next:06}");
            let request = pb::SubmitBatchRequest {
                request_id: code.clone(),
                ..submission("killed", person(&code, 3, 1.6, -0.09))
            };
            next += 1;
            if sender
                .send(pb::SubmitBatchesRequest {
                    submission: Some(request),
                })
                .await
                .is_err()
            {
                return next;
            }
        }
    });
    let mut acknowledged = Vec::new();
    if let Ok(answers) = SubmissionsClient::new(channel).submit_batches(stream).await {
        let mut answers = answers.into_inner();
        while let Ok(Some(answer)) = answers.message().await {
            match answer.result {
                Some(pb::submit_batches_response::Result::Response(_)) => {
                    acknowledged.push(answer.request_id)
                }
                other => panic!("{other:?}"),
            }
        }
    }
    let sent = sending.await.unwrap();
    (acknowledged, sent)
}

type Counts = std::collections::BTreeMap<String, usize>;

async fn specimens_a_person(channel: &Channel) -> Counts {
    let (mut counts, mut seen, mut page_token) = (Counts::new(), BTreeSet::new(), String::new());
    loop {
        let request = pb::ListSpecimensRequest {
            parent: "studies/killed".into(),
            page_size: 1000,
            page_token,
            ..Default::default()
        };
        let page = SubmissionsClient::new(channel.clone())
            .list_specimens(request)
            .await
            .unwrap()
            .into_inner();
        for specimen in page.specimens {
            assert!(specimen.result.is_some(), "{} has no result", specimen.name);
            *counts
                .entry(specimen.collection.expect("facts").participant)
                .or_default() += 1;
            assert!(seen.insert(specimen.name), "listed twice");
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return counts;
        }
    }
}

async fn profiles_a_person(channel: &Channel) -> Counts {
    let mut counts = Counts::new();
    let request = pb::StreamProfilesRequest {
        parent: "studies/killed".into(),
        ..Default::default()
    };
    let mut messages = RhythmsClient::new(channel.clone())
        .stream_profiles(request)
        .await
        .unwrap()
        .into_inner();
    while let Some(message) = messages.message().await.unwrap() {
        for profile in message.profiles {
            *counts.entry(profile.participant).or_default() += 1;
        }
    }
    counts
}
