//! A deletion whose server is killed half-way is ended by the next one, and another study is as it was.

use diel_client::{Client, v1};
use diel_tests::database::Database;
use diel_tests::process::ServerProcess;
use diel_tests::rejudging::{STUDY, finish, kill_half_way, load};
use diel_tests::rows::{person, submission};
use diel_tests::traces::holds;

/// Enough that the job is not over before it is killed: it takes a thousand rows at a time.
const PERSONS: u32 = 2_000;
/// Persons in one batch.
const BATCH: u32 = 100;
/// Stands in every code of the study that is deleted.
const CANARY: &str = "Kanarienvogel";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_killed_half_way_is_ended_on_sqlite() {
    killed_half_way(Database::sqlite().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_killed_half_way_is_ended_on_postgres() {
    killed_half_way(Database::postgres().await.unwrap()).await;
}

async fn start(database: &Database) -> (ServerProcess, Client) {
    let lease = [("DIEL_LIMITS_JOB_LEASE_SECONDS", "5")];
    let binary = std::process::Command::new(diel_tests::process::diel().unwrap());
    let server = ServerProcess::start_with(binary, database.url(), &lease).unwrap();
    let client = Client::connect(server.url.clone()).await.unwrap();
    (server, client)
}

fn batches() -> impl Iterator<Item = v1::SubmitBatchRequest> {
    (0..PERSONS / BATCH).map(|batch| {
        let persons = batch * BATCH..(batch + 1) * BATCH;
        let rows = persons.flat_map(|number| {
            // Beside each other in the order of submission, far from each other in that of codes.
            let code = format!("{}-{CANARY}", number.wrapping_mul(2_654_435_761));
            person(&code, 3, 1.6, -0.002 * f64::from(number % 60))
        });
        submission(STUDY, rows.collect())
    })
}

async fn rhythms_of_the_other(client: &Client) -> Vec<v1::Rhythm> {
    let request = v1::ListRhythmsRequest {
        parent: "studies/other".to_owned(),
        ..Default::default()
    };
    client.list(request).collect(usize::MAX).await.unwrap()
}

async fn other_study(client: &Client) {
    let request = v1::CreateStudyRequest {
        study_id: "other".to_owned(),
        study: Some(v1::Study {
            display_name: "Other".to_owned(),
            time_zone: "Europe/Berlin".to_owned(),
            ..v1::Study::default()
        }),
        ..Default::default()
    };
    client.create_study(request).await.unwrap();
    let rows = (0..50).flat_map(|number| person(&format!("{}", number * 79), 3, 1.6, -0.05));
    let batch = submission("other", rows.collect());
    client.submit_batch(batch).await.unwrap();
}

async fn killed_half_way(database: Database) {
    let (server, client) = start(&database).await;
    load(&client, batches()).await.unwrap();
    other_study(&client).await;
    let before = rhythms_of_the_other(&client).await;
    let study = client.get_study(format!("studies/{STUDY}")).await.unwrap();
    let begun = client
        .delete_study(v1::DeleteStudyRequest {
            name: study.name,
            etag: study.etag,
            reason: "the study has ended".to_owned(),
            ..Default::default()
        })
        .await
        .unwrap();
    let job = begun.job.unwrap();
    let seen = kill_half_way(server, &client, &job).await.unwrap();

    let (server, client) = start(&database).await;
    let refused = client.get_study(format!("studies/{STUDY}")).await;
    let refused = refused.unwrap_err();
    assert!(refused.is(v1::ErrorReason::StudyDeleted), "{refused}");
    let ended = finish(&client, &job).await.unwrap();
    println!("killed after {seen} of {} rows", ended.done_count);
    assert_eq!(rhythms_of_the_other(&client).await, before);
    server
        .stop_within(std::time::Duration::from_secs(10))
        .await
        .unwrap();

    let verified = diel_server::verify(database.url(), |_, _| {})
        .await
        .unwrap();
    assert_eq!(verified.flaws, []);
    let chains: Vec<_> = verified
        .heads
        .iter()
        .map(|(study, _)| study.as_str())
        .collect();
    assert_eq!(chains, ["", "other", STUDY]);
    if let Some(file) = database.url().strip_prefix("sqlite://") {
        let bytes = std::fs::read(file).unwrap();
        assert!(!std::path::Path::new(&format!("{file}-wal")).exists());
        assert!(holds(&bytes, "other"), "the search finds what there is");
        assert!(!holds(&bytes, CANARY), "a code is in the file");
    }
}
