//! A change of policy whose server is killed half-way ends with the flags of one that was left alone.

use diel_client::Client;
use diel_tests::database::Database;
use diel_tests::process::ServerProcess;
use diel_tests::rejudging::{
    STUDY, StandingFlag, change, finish, kill_half_way, load, preview, standing,
};
use diel_tests::rows::{person, submission};

/// Enough that the job is not over before it is killed: it judges 200 at a time.
const PERSONS: u32 = 1_200;
/// Persons in one batch.
const BATCH: u32 = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_killed_half_way_ends_alike_on_sqlite() {
    undisturbed_and_killed([Database::sqlite().unwrap(), Database::sqlite().unwrap()]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_killed_half_way_ends_alike_on_postgres() {
    let one = Database::postgres().await.unwrap();
    undisturbed_and_killed([one, Database::postgres().await.unwrap()]).await;
}

/// Slopes from flat to steep on few days and on many, so that the other policy raises flags and withdraws others.
fn batches() -> impl Iterator<Item = diel_client::v1::SubmitBatchRequest> {
    (0..PERSONS / BATCH).map(|batch| {
        let persons = batch * BATCH..(batch + 1) * BATCH;
        let rows = persons.flat_map(|number| {
            let slope = 0.08 - 0.003 * f64::from(number % 60);
            let days = if number % 120 < 60 { 3 } else { 6 };
            person(&format!("P{number:05}"), days, 1.6, slope)
        });
        submission(STUDY, rows.collect())
    })
}

async fn start(database: &Database) -> (ServerProcess, Client) {
    let server = ServerProcess::start(database.url()).unwrap();
    let client = Client::connect(server.url.clone()).await.unwrap();
    (server, client)
}

fn waiting(flags: &[StandingFlag]) -> usize {
    let open = diel_client::v1::FlagState::Open;
    flags.iter().filter(|flag| flag.state == open).count()
}

async fn undisturbed_and_killed([one, other]: [Database; 2]) {
    let (_server, client) = start(&one).await;
    load(&client, batches()).await.unwrap();
    let before = standing(&client).await.unwrap();
    let said = preview(&client).await.unwrap();
    assert_eq!(
        standing(&client).await.unwrap(),
        before,
        "a preview changes nothing"
    );
    let job = change(&client).await.unwrap();
    finish(&client, &job).await.unwrap();
    let undisturbed = standing(&client).await.unwrap();
    let (new, cleared) = (said.new_flag_count, said.cleared_flag_count);
    assert!(new > 0 && cleared > 0, "{new} new, {cleared} cleared");
    let after = i64::try_from(waiting(&before)).unwrap() + new - cleared;
    assert_eq!(after, i64::try_from(waiting(&undisturbed)).unwrap());

    let (server, client) = start(&other).await;
    load(&client, batches()).await.unwrap();
    let job = change(&client).await.unwrap();
    let seen = kill_half_way(server, &client, &job).await.unwrap();
    let (_server, client) = start(&other).await;
    // The lease of the killed server runs out first.
    let ended = finish(&client, &job).await.unwrap();
    let resumed = standing(&client).await.unwrap();
    assert_eq!(resumed.len(), undisturbed.len());
    for (found, expected) in resumed.iter().zip(&undisturbed) {
        assert_eq!(found, expected);
    }
    println!(
        "killed after {seen} of {}, resumed; {} flags, {new} new, {cleared} cleared",
        ended.done_count,
        resumed.len()
    );
}
