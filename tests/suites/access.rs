//! Who may call: every method for every role, tokens from their making to their end, streams too.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

#[path = "access/bearer.rs"]
mod bearer;
#[path = "access/flight.rs"]
mod flight;
#[path = "access/granting.rs"]
mod granting;
#[path = "access/matrix.rs"]
mod matrix;
#[path = "access/naming.rs"]
mod naming;
#[path = "access/rates.rs"]
mod rates;
#[path = "access/raw.rs"]
mod raw;
#[path = "access/streaming.rs"]
mod streaming;
#[path = "access/tokens.rs"]
mod tokens;

use diel_server::{AccessMode, Settings};
use diel_tests::database::Database;
use diel_tests::service::TestService;

/// A service that asks for tokens.
async fn guarded(database: Database) -> TestService {
    let settings = Settings {
        access: AccessMode::Tokens,
        ..Settings::default()
    };
    TestService::start_with(database, settings).await.unwrap()
}

/// Declares one test an engine for each async function that takes a service which asks for tokens.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::guarded(diel_tests::database::Database::sqlite().unwrap()).await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::guarded(diel_tests::database::Database::postgres().await.unwrap()).await).await;
            })+
        }
    };
}
pub(crate) use on_both_engines;
