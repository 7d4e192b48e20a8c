//! A file whose sending was interrupted, by a kill of the sender and of the server, and that is sent again, ends in the
//! state of one that was sent at once.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use diel_client::{Client, v1};
use diel_tests::database::Database;
use diel_tests::process::{ServerProcess, diel};
use diel_tests::rejudging::{STUDY, StandingFlag, load, standing};
use diel_tests::trail;

use super::connect;

const PERSONS: u32 = 800;
/// Three days of five.
const SAMPLES: u32 = 15;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_import_ends_alike_on_sqlite() {
    undisturbed_and_interrupted([Database::sqlite().unwrap(), Database::sqlite().unwrap()]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_import_ends_alike_on_postgres() {
    let one = Database::postgres().await.unwrap();
    undisturbed_and_interrupted([one, Database::postgres().await.unwrap()]).await;
}

/// Persons in order, from flat to steep. A time stands on every line, so that no two samples are one specimen.
fn text() -> String {
    let mut text = "participant,collected_at,awakening_at,cortisol_nmol_l\n".to_owned();
    for person in 0..PERSONS {
        let slope = 0.06 - 0.003 * f64::from(person % 60);
        for (sample, hours) in (0..SAMPLES).zip([0, 1, 4, 9, 14].into_iter().cycle()) {
            let day = 12 + sample / 5;
            let value = (1.6 + slope * f64::from(hours)).exp();
            text.push_str(&format!(
                "P{person:04},2026-01-{day}T{:02}:{:02}+01:00,2026-01-{day}T07:00+01:00,{value:.3}\n",
                7 + hours,
                person % 60
            ));
        }
    }
    text
}

/// What a study holds, without what differs between any two runs: ids and instants of storing.
#[derive(Debug, PartialEq)]
struct State {
    batches: Vec<i64>,
    results: Vec<(String, i32, Option<v1::Measurement>)>,
    rhythms: Vec<v1::Rhythm>,
    flags: Vec<StandingFlag>,
    entries: i64,
}

async fn state(server: &ServerProcess) -> State {
    let client = Client::connect(server.url.clone()).await.unwrap();
    let parent = format!("studies/{STUDY}");
    let results = client.list(v1::ListResultsRequest {
        parent: parent.clone(),
        page_size: 1000,
        ..Default::default()
    });
    let results = results.collect(usize::MAX).await.unwrap();
    let rhythms = client.stream(v1::StreamRhythmsRequest {
        parent,
        ..Default::default()
    });
    let rhythms = rhythms.collect(usize::MAX).await.unwrap();
    let mut batches: Vec<_> = (batches(&client).await.into_iter())
        .map(|batch| batch.result_count)
        .collect();
    batches.sort_unstable();
    let channel = connect(server).await;
    State {
        batches,
        results: results
            .into_iter()
            .map(|result| (result.name, result.revision, result.concentration))
            .collect(),
        rhythms: rhythms
            .into_iter()
            .map(|rhythm| v1::Rhythm {
                flag: String::new(),
                update_time: None,
                ..rhythm
            })
            .collect(),
        flags: standing(&client).await.unwrap(),
        entries: trail::verify(&channel, STUDY).await.unwrap().sequence,
    }
}

async fn batches(client: &Client) -> Vec<v1::Batch> {
    let batches = client.list(v1::ListBatchesRequest {
        parent: format!("studies/{STUDY}"),
        page_size: 1000,
        ..Default::default()
    });
    batches.collect(usize::MAX).await.unwrap()
}

async fn start(database: &Database) -> (ServerProcess, Client) {
    let server = ServerProcess::start(database.url()).unwrap();
    let client = Client::connect(server.url.clone()).await.unwrap();
    load(&client, []).await.unwrap();
    (server, client)
}

fn submit(file: &Path, server: &ServerProcess) -> Child {
    Command::new(diel().unwrap())
        .arg("submit")
        .arg(file)
        .args(["--study", STUDY, "--server", &server.url])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What a submission that goes through says.
fn finish(submitting: Child) -> String {
    let output = submitting.wait_with_output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{error}");
    String::from_utf8(output.stdout).unwrap()
}

/// Waits until so many batches are stored, while the submission that stores them is under way.
async fn until_stored(count: usize, client: &Client, submitting: &mut Child) {
    while batches(client).await.len() < count {
        let ended = submitting.try_wait().unwrap();
        assert_eq!(ended, None, "it was over before it was interrupted");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn undisturbed_and_interrupted([one, other]: [Database; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("samples.csv");
    fs::write(&file, text()).unwrap();
    let rows = PERSONS * SAMPLES;

    let (server, _client) = start(&one).await;
    let said = finish(submit(&file, &server));
    assert!(
        said.contains(&format!("{rows} rows stored, 0 unchanged")),
        "{said}"
    );
    let undisturbed = state(&server).await;
    drop(server);
    assert_eq!(undisturbed.results.len(), rows as usize);
    assert_eq!(undisturbed.rhythms.len(), PERSONS as usize);
    assert!(undisturbed.batches.len() > 5 && undisturbed.flags.len() > 10);

    let (server, client) = start(&other).await;
    for count in [1, 3] {
        let mut submitting = submit(&file, &server);
        until_stored(count, &client, &mut submitting).await;
        // SIGKILL: nothing is finished, nothing is said.
        submitting.kill().unwrap();
        submitting.wait().unwrap();
    }
    let mut submitting = submit(&file, &server);
    until_stored(5, &client, &mut submitting).await;
    let address = server.url.trim_start_matches("http://").to_owned();
    server.kill();
    let server = ServerProcess::start_at(other.url(), &address).unwrap();
    let said = finish(submitting);
    assert!(said.contains("rows had been sent before"), "{said}");
    assert_eq!(state(&server).await, undisturbed);

    let again = finish(submit(&file, &server));
    assert!(
        again.contains(&format!("0 rows stored, {rows} unchanged, 0 refused")),
        "{again}"
    );
    assert_eq!(state(&server).await, undisturbed);
}
