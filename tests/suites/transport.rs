//! Peers that mean harm or are merely broken: the server stays small, answers others, and stops when asked.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

#[path = "transport/aging.rs"]
mod aging;
#[path = "transport/counting.rs"]
mod counting;
#[path = "transport/flooding.rs"]
mod flooding;
#[path = "transport/malformed.rs"]
mod malformed;
#[path = "transport/memory.rs"]
mod memory;
#[path = "transport/stopping.rs"]
mod stopping;
#[path = "transport/timing.rs"]
mod timing;
#[path = "transport/tls.rs"]
mod tls;

use std::process::Command;
use std::time::Duration;

use diel_client::Client;
use diel_tests::process::{ServerProcess, diel};
use tempfile::TempDir;

/// A server on a new SQLite database, as a process of its own.
struct Victim {
    server: ServerProcess,
    _folder: TempDir,
}

impl Victim {
    fn start(settings: &[(&str, &str)]) -> Self {
        Self::start_by(Command::new(diel().unwrap()), settings)
    }

    fn start_by(command: Command, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = format!("sqlite://{}", folder.path().join("diel.db").display());
        Self {
            server: ServerProcess::start_with(command, &database, settings).unwrap(),
            _folder: folder,
        }
    }

    /// Others are answered, and soon.
    async fn answers_others(&self) {
        let answered = tokio::time::timeout(Duration::from_secs(5), async {
            let client = Client::connect(&self.server.url).await.unwrap();
            client.get_study("studies/nowhere").await.unwrap_err()
        });
        let error = answered.await.expect("others are not answered");
        assert!(error.to_string().contains("nowhere"), "{error}");
    }
}
