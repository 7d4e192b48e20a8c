//! A bit of the files is not what was written: the database is not opened, `diel verify` names it, or nobody is told anything else
//! than before.
//!
//! `DIEL_TEST_SECONDS=3600` flips more bits than the suite has time for.

#[path = "flips/content.rs"]
mod content;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use diel_store::{OpenOptions, Store};
use diel_tests::random::Random;
use sqlx::{Connection as _, Executor as _, SqliteConnection};

use crate::cohort::STUDY;
use crate::fault_points::{open, plain, script, seconds};
use crate::state::{self, State};
use crate::stateful::change::judge_everybody;
use content::Content;

/// How long bits are flipped, unless the environment says otherwise.
const SECONDS: u64 = 8;

/// What a wrong bit came to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// The database was not opened.
    Refused,
    /// It was opened, and `diel verify` named something.
    Named,
    /// Nobody is told anything else.
    Nothing,
    /// Something else is told: the columns.
    Silent(Vec<String>),
}

/// Tables of which every column is vouched for: by a digest, by a chain, or by what it is computed from.
const GUARDED: [&str; 4] = ["results", "audit_entries", "profiles", "rhythms"];
/// But for these: when a rhythm was judged, and by which policy.
const UNGUARDED: [&str; 2] = ["rhythms.updated_us", "rhythms.policy_version"];

/// Whether `diel verify` promises to name this: a column, or else rows or a whole table that cannot be read as before.
fn is_guarded(difference: &str) -> bool {
    let Some((table, column)) = difference.split_once('.') else {
        return true;
    };
    let is_column = column
        .chars()
        .all(|one| one.is_ascii_lowercase() || one == '_');
    !is_column || (GUARDED.contains(&table) && !UNGUARDED.contains(&difference))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flipped_bit_of_the_file_is_found_or_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let written = folder.path().join("diel.db");
    let state = make(&written).await.0;
    leave_free_pages(&written).await;
    let content = Content::of(&written).await.unwrap();
    let pages = content::pages(&written).await;
    let bytes = std::fs::read(&written).unwrap();
    let page_bytes = bytes.len() / pages.len();
    let seed = u64::from(std::process::id());
    let mut random = Random::new(seed);
    let mut found: BTreeMap<(&str, Outcome), u32> = BTreeMap::new();
    let mut silent: BTreeMap<String, String> = BTreeMap::new();
    let (began, time) = (Instant::now(), Duration::from_secs(seconds(SECONDS)));
    while began.elapsed() < time {
        let page = usize::try_from(random.below(pages.len() as u64)).unwrap();
        let at = usize::try_from(random.below(page_bytes as u64)).unwrap() + page * page_bytes;
        let mask = 1 << random.below(8);
        let copy = folder.path().join("flipped.db");
        std::fs::write(&copy, flipped(&bytes, at, mask)).unwrap();
        let outcome = outcome(&copy, &content, &state).await;
        remove(&copy);
        if let Outcome::Silent(columns) = &outcome {
            for column in columns.iter().filter(|column| is_guarded(column)) {
                let place = format!("byte {at} with {mask:#04x}, {}", pages[page].0);
                silent.entry(column.clone()).or_insert(place);
            }
        }
        *found.entry((pages[page].1, outcome)).or_default() += 1;
    }
    println!("seed {seed}, {} pages", pages.len());
    for ((kind, outcome), count) in &found {
        println!("{kind}: {outcome:?}: {count}");
    }
    assert!(
        silent.is_empty(),
        "told otherwise, and not named: {silent:#?}"
    );
    assert!(found.keys().any(|(_, outcome)| *outcome == Outcome::Named));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flipped_bit_of_the_log_loses_nothing_that_was_answered_before_the_last_change() {
    let folder = tempfile::tempdir().unwrap();
    let written = folder.path().join("diel.db");
    open(&plain(&written)).await.close().await;
    let (state, before, store) = make_on(open(&plain(&written)).await).await;
    let left = folder.path().join("left.db");
    for end in ["", "-wal"] {
        std::fs::copy(beside(&written, end), beside(&left, end)).unwrap();
    }
    store.close().await;
    let content = Content::of(&written).await.unwrap();
    let log = std::fs::read(beside(&left, "-wal")).unwrap();
    let seed = u64::from(std::process::id());
    let mut random = Random::new(seed);
    let mut found: BTreeMap<Outcome, u32> = BTreeMap::new();
    let mut cut_short = 0;
    let (began, time) = (Instant::now(), Duration::from_secs(seconds(SECONDS)));
    while began.elapsed() < time {
        let at = usize::try_from(random.below(log.len() as u64)).unwrap();
        let mask = 1 << random.below(8);
        let copy = folder.path().join("flipped.db");
        std::fs::copy(&left, &copy).unwrap();
        std::fs::write(beside(&copy, "-wal"), flipped(&log, at, mask)).unwrap();
        let mut outcome = outcome(&copy, &content, &state).await;
        if matches!(outcome, Outcome::Silent(_)) {
            // The last change ends as one does that the end of a process cut short.
            let now = open(&plain(&copy)).await;
            let is_before = state::of(&now, STUDY).await.unwrap() == before;
            now.close().await;
            assert!(is_before, "byte {at} with {mask:#04x}, seed {seed}");
            outcome = Outcome::Silent(Vec::new());
            cut_short += 1;
        }
        remove(&copy);
        *found.entry(outcome).or_default() += 1;
    }
    println!(
        "seed {seed}, log of {} bytes: {found:?}, of these cut short: {cut_short}",
        log.len()
    );
    assert!(found.contains_key(&Outcome::Refused));
}

/// The driver's thread ended there, and `diel verify` waited for it for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schema_that_is_no_text_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let written = folder.path().join("diel.db");
    open(&plain(&written)).await.close().await;
    let mut bytes = std::fs::read(&written).unwrap();
    let column = b"display_name text not null";
    // Earlier texts of the table stand in the page too.
    for at in 0..bytes.len() - column.len() {
        if bytes[at..].starts_with(column) {
            bytes[at + "display_name ".len()] ^= 0x80;
        }
    }
    std::fs::write(&written, bytes).unwrap();
    let url = plain(&written);
    let verified = diel_server::verify(&url, |_, _| {});
    let verified = tokio::time::timeout(Duration::from_secs(20), verified).await;
    let refused = verified.unwrap().unwrap_err().to_string();
    assert!(
        refused.contains("the schema's text of studies"),
        "{refused}"
    );
}

/// Runs the script on a new database. Returns the state at its end, and before its last step.
async fn make(written: &Path) -> (State, State) {
    let (state, before, store) = make_on(open(&plain(written)).await).await;
    store.close().await;
    (state, before)
}

async fn make_on(store: Store) -> (State, State, Store) {
    let mut before = State::default();
    for step in 0..script::STEPS {
        before = state::of(&store, STUDY).await.unwrap();
        script::step(&store, step).await.unwrap();
        // What waits to be judged again is held to nothing.
        judge_everybody(&store).await;
    }
    let state = state::of(&store, STUDY).await.unwrap();
    (state, before, store)
}

/// Pages that nothing stands in any more.
async fn leave_free_pages(database: &Path) {
    let mut conn = SqliteConnection::connect(&plain(database)).await.unwrap();
    for statement in [
        "create table passing (bytes blob)",
        "insert into passing values (zeroblob(100000))",
        "drop table passing",
    ] {
        conn.execute(statement).await.unwrap();
    }
    conn.close().await.unwrap();
}

async fn outcome(copy: &Path, content: &Content, state: &State) -> Outcome {
    match diel_server::verify(&plain(copy), |_, _| {}).await {
        Err(_) => return Outcome::Refused,
        Ok(verified) if !verified.flaws.is_empty() => return Outcome::Named,
        Ok(_) => {}
    }
    let differences = match Content::of(copy).await {
        Ok(now) => content.differences(&now),
        Err(error) => vec![error.to_string()],
    };
    if !differences.is_empty() {
        return Outcome::Silent(differences);
    }
    // And by way of the indexes.
    let mut options = OpenOptions::default();
    options.as_it_is = true;
    let store = Store::open(&plain(copy), &options).await.unwrap();
    let now = state::of(&store, STUDY).await.unwrap();
    store.close().await;
    if now == *state {
        Outcome::Nothing
    } else {
        Outcome::Silent(vec!["a list".to_owned()])
    }
}

fn flipped(bytes: &[u8], at: usize, mask: u8) -> Vec<u8> {
    let mut flipped = bytes.to_owned();
    flipped[at] ^= mask;
    flipped
}

fn beside(database: &Path, end: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// A refused database may be held open until the process ends: the next has files of its own under the same name.
fn remove(database: &Path) {
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(beside(database, end));
    }
}
