//! What an operator and a pager see: numbers, readiness, the log, and that none of it tells of participants.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "operating/canary.rs"]
mod canary;
#[path = "operating/dashboard.rs"]
mod dashboard;
#[path = "operating/keyed.rs"]
mod keyed;
#[path = "operating/logging.rs"]
mod logging;
#[path = "operating/metrics.rs"]
mod metrics;
#[path = "access/naming.rs"]
mod naming;
#[path = "operating/promtool.rs"]
mod promtool;
#[path = "access/raw.rs"]
mod raw;
#[path = "operating/readiness.rs"]
mod readiness;

use std::path::{Path, PathBuf};
use std::process::Command;

use diel_tests::process::{ServerProcess, diel};
use tempfile::TempDir;
use tonic::transport::Channel;

/// A server as a process of its own, whose log goes to a file.
struct Logging {
    server: ServerProcess,
    log: PathBuf,
    _folder: TempDir,
}

impl Logging {
    /// Starts it on a database, with settings as variables; everything is logged as JSON.
    fn start(database: &str, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut command = Command::new("sh");
        let script = "exec \"$0\" \"$@\" 2> \"$LOG_FILE\"";
        command.args(["-c", script]).arg(diel().unwrap());
        command
            .args(["-vv", "--log-format", "json"])
            .env("LOG_FILE", &log);
        Self {
            server: ServerProcess::start_with(command, database, settings).unwrap(),
            log,
            _folder: folder,
        }
    }

    /// Everything that was logged until now.
    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    async fn channel(&self) -> Channel {
        let endpoint = Channel::from_shared(self.server.url.clone()).unwrap();
        endpoint.connect().await.unwrap()
    }
}

/// Declares one test an engine for each async function that takes a running service.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(diel_tests::service::TestService::start(diel_tests::database::Database::sqlite().unwrap()).await.unwrap()).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(diel_tests::service::TestService::start(diel_tests::database::Database::postgres().await.unwrap()).await.unwrap()).await;
            })+
        }
    };
}
pub(crate) use on_both_engines;

/// A file of the repository.
fn of_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}
