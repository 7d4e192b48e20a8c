//! Codes of a study that keeps them keyed are where they were sent from and nowhere else: not in the log at its most talkative, the
//! numbers, a backup, an export, the console, nor what errors say.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use diel_client::{Client, v1};
use diel_server::CodeKey;
use diel_tests::database::Database;
use diel_tests::process::diel;
use diel_tests::rows::{nmol, person, submission};
use diel_tests::traces::{files_holding, holds};
use diel_tests::{http, postgres};

use crate::{Logging, metrics};

/// Codes as somebody remembers them, of persons and so also of tubes; nobody else is called that.
const CODES: [&str; 3] = ["Kanarienvogel7391", "Zaunkoenig2648", "Nachtigall5150"];
/// The code of somebody who is asked for and is not there.
const ABSENT: &str = "Rotkehlchen8086";

async fn create(client: &Client, id: &str, storage: v1::CodeStorage) {
    let study = v1::Study {
        display_name: "Birds".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        code_storage: storage as i32,
        ..Default::default()
    };
    let request = v1::CreateStudyRequest {
        study_id: id.to_owned(),
        study: Some(study),
        ..Default::default()
    };
    client.create_study(request).await.unwrap();
}

fn plate(study: &str, code: &str) -> v1::SubmitBatchRequest {
    let mut request = submission(study, person(code, 6, 1.6, 0.02));
    request.request_id = format!("{code} plate");
    request
}

/// What the service says of calls that it refuses.
async fn refusals(client: &Client) -> Vec<String> {
    let mut said = Vec::new();
    let mut other_content = plate("keyed", CODES[0]);
    for row in &mut other_content.results {
        row.concentration = Some(nmol(77.0));
    }
    said.push(client.submit_batch(other_content.clone()).await.map(drop));
    other_content.request_id = "another".to_owned();
    said.push(client.submit_batch(other_content).await.map(drop));
    let mut bad = plate("keyed", CODES[1]);
    bad.request_id = "bad".to_owned();
    bad.results[2].concentration = Some(nmol(-3.0));
    if let Some(facts) = bad.results[3].collection.as_mut() {
        facts.age_years = Some(200.0);
    }
    said.push(client.submit_batch(bad).await.map(drop));
    for code in [ABSENT, CODES[2]] {
        let name = format!("studies/keyed/participants/{code}");
        let change = v1::UpdateParticipantRequest {
            participant: Some(v1::Participant {
                name: name.clone(),
                etag: "77".to_owned(),
                ..Default::default()
            }),
            ..Default::default()
        };
        said.push(client.update_participant(change).await.map(drop));
        let erasure = v1::EraseParticipantRequest {
            name: name.clone(),
            reason: format!("{code} withdrew"),
            validate_only: true,
        };
        said.push(client.erase_participant(erasure).await.map(drop));
    }
    let name = format!("studies/keyed/participants/{ABSENT}");
    said.push(client.get_participant(name.as_str()).await.map(drop));
    said.push(client.get_rhythm(format!("{name}/rhythm")).await.map(drop));
    let tube = format!("studies/keyed/specimens/{ABSENT}-0-0");
    said.push(client.get_specimen(tube).await.map(drop));
    said.into_iter()
        .map(|answer| format!("{:?}", answer.unwrap_err()))
        .collect()
}

fn assert_none(bytes: &[u8], what: &str) {
    for code in CODES.iter().chain([&ABSENT]) {
        assert!(!holds(bytes, code), "{code} is in {what}");
    }
}

/// The whole database in one file, as an operator keeps it.
fn backup(database: &str, folder: &Path) -> Vec<u8> {
    if database.starts_with("postgres") {
        return postgres::dump(database).unwrap();
    }
    let copy = folder.join("backup.db");
    run(Command::new(diel().unwrap())
        .args(["backup", "--database", database, "--out"])
        .arg(&copy));
    fs::read(copy).unwrap()
}

fn export(url: &str, study: &str, out: &Path) {
    run(Command::new(diel().unwrap())
        .args(["study", "export", study, "--server", url, "--out"])
        .arg(out));
}

fn run(command: &mut Command) {
    let done = command.output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?}: {said}");
    assert_none(&done.stdout, "what a command prints");
}

async fn keyed_codes_are_nowhere(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("code.key");
    fs::write(&key, CodeKey::new_text().unwrap()).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let settings = [
        ("DIEL_CODES_KEY_FILE", key.to_str().unwrap()),
        ("DIEL_LOG", "trace"),
    ];
    let logging = Logging::start(database.url(), &settings);
    let client = Client::connect(logging.server.url.clone()).await.unwrap();
    create(&client, "keyed", v1::CodeStorage::Keyed).await;
    for code in CODES {
        let stored = client.submit_batch(plate("keyed", code)).await.unwrap();
        assert_eq!(stored.raised_flags.len(), 1);
        assert_none(format!("{stored:?}").as_bytes(), "an answer");
    }
    let refusals = refusals(&client).await;
    for said in &refusals {
        assert_none(said.as_bytes(), said);
    }
    for page in ["", "/participants", "/flags", "/batches"] {
        let page = format!("/studies/keyed{page}");
        let shown = http::get(logging.server.console, &page).await.unwrap();
        assert_eq!(shown.status, 200, "{page}");
        assert_none(shown.text().as_bytes(), &page);
    }
    let page = format!("/studies/keyed/participants/{}", CODES[0]);
    let _ = http::get(logging.server.console, &page).await.unwrap();
    let numbers = metrics::scrape(logging.server.console).await;
    assert_none(numbers.as_bytes(), "the metrics");

    let exported = folder.path().join("export");
    export(&logging.server.url, "keyed", &exported);
    for code in CODES.iter().chain([&ABSENT]) {
        let (found, seen) = files_holding(&exported, code).unwrap();
        assert!(seen > 15, "{seen} files");
        assert!(found.is_empty(), "{code} is in {found:?}");
    }
    assert_none(&backup(database.url(), folder.path()), "a backup");
    let log = logging.log();
    assert!(log.contains("\"level\":\"TRACE\""), "the log is talkative");
    assert_none(log.as_bytes(), "the log");

    // A study as sent shows that the search finds.
    create(&client, "open", v1::CodeStorage::AsSent).await;
    client.submit_batch(plate("open", CODES[0])).await.unwrap();
    let exported = folder.path().join("open");
    export(&logging.server.url, "open", &exported);
    let (found, _) = files_holding(&exported, CODES[0]).unwrap();
    assert!(found.len() > 3, "{found:?}");
    let again = tempfile::tempdir().unwrap();
    assert!(holds(&backup(database.url(), again.path()), CODES[0]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keyed_codes_are_nowhere_on_sqlite() {
    keyed_codes_are_nowhere(Database::sqlite().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keyed_codes_are_nowhere_on_postgres() {
    keyed_codes_are_nowhere(Database::postgres().await.unwrap()).await;
}
