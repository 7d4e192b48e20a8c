//! The log that a killed server left: it is brought to the disk once more before anything is served, or nothing is served and the
//! log stays as it is.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use diel_client::{Client, v1};
use diel_tests::process::{ServerProcess, diel};
use diel_tests::rejudging::{STUDY, load};
use diel_tests::rows::{person, submission};
use tempfile::TempDir;

/// A database with three batches, each a commit of its own, in a log that nobody has copied into it.
async fn killed() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("diel.db");
    let server = ServerProcess::start(&url(&database)).unwrap();
    let client = Client::connect(server.url.clone()).await.unwrap();
    load(&client, []).await.unwrap();
    for code in ["A", "B", "C"] {
        client.submit_batch(batch(code)).await.unwrap();
    }
    server.kill();
    (folder, database)
}

fn batch(code: &str) -> v1::SubmitBatchRequest {
    submission(STUDY, person(code, 3, 1.6, -0.09))
}

fn url(database: &Path) -> String {
    format!("sqlite://{}", database.display())
}

fn log_of(database: &Path) -> PathBuf {
    database.with_file_name("diel.db-wal")
}

/// Runs `diel` by a command that becomes it, up to its end.
fn refused(command: &mut Command, arguments: &[&str]) -> String {
    let output: Output = command
        .args(arguments)
        .output()
        .expect("apt install strace");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    said
}

async fn is_stored(server: &ServerProcess, code: &str) -> bool {
    let client = Client::connect(server.url.clone()).await.unwrap();
    let name = format!("studies/{STUDY}/participants/{code}/rhythm");
    client.get_rhythm(name).await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_cannot_be_brought_to_the_disk_is_not_served() {
    let (_folder, database) = killed().await;
    let log = log_of(&database);
    let left = std::fs::read(&log).unwrap();
    let url = url(&database);
    let mut traced = Command::new("strace");
    traced
        .args(["-f", "-qq", "-o", "/dev/null", "-P"])
        .arg(&log);
    traced.args(["-e", "trace=fsync", "-e", "inject=fsync:error=EIO"]);
    traced.arg(diel().unwrap());
    let serve = ["serve", "--listen", "127.0.0.1:0", "--database", &url];
    let said = refused(&mut traced, &serve);
    assert!(
        said.contains("cannot be brought to the disk") && said.contains("os error 5"),
        "{said}"
    );
    assert!(std::fs::read(&log).unwrap() == left, "the log was changed");
    // The disk is well again.
    let server = ServerProcess::start(&url).unwrap();
    for code in ["A", "B", "C"] {
        assert!(is_stored(&server, code).await, "{code}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_with_a_wrong_bit_before_its_last_change_is_not_served() {
    let (_folder, database) = killed().await;
    let log = log_of(&database);
    let left = std::fs::read(&log).unwrap();
    let mut wrong = left.clone();
    wrong[left.len() / 3] ^= 0x04;
    std::fs::write(&log, &wrong).unwrap();
    let url = url(&database);
    for command in [
        &["serve", "--listen", "127.0.0.1:0", "--database", &url][..],
        &["verify", "--database", &url],
    ] {
        let said = refused(&mut Command::new(diel().unwrap()), command);
        assert!(
            said.contains("is not as it was written in frame"),
            "{command:?}: {said}"
        );
    }
    assert!(std::fs::read(&log).unwrap() == wrong, "the log was changed");
    // With the bit as it was, everything is there.
    std::fs::write(&log, &left).unwrap();
    let server = ServerProcess::start(&url).unwrap();
    for code in ["A", "B", "C"] {
        assert!(is_stored(&server, code).await, "{code}");
    }
}
