//! The whole service over real gRPC, every case on both engines.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

#[path = "service/audit.rs"]
mod audit;
#[path = "service/bad_input.rs"]
mod bad_input;
#[path = "service/bad_rows.rs"]
mod bad_rows;
#[path = "service/codes.rs"]
mod codes;
#[path = "service/cohorts.rs"]
mod cohorts;
#[path = "service/conversions.rs"]
mod conversions;
#[path = "service/designing.rs"]
mod designing;
#[path = "service/designs.rs"]
mod designs;
#[path = "service/keyed.rs"]
mod keyed;
#[path = "service/limits.rs"]
mod limits;
#[path = "service/methods.rs"]
mod methods;
#[path = "service/path.rs"]
mod path;
#[path = "service/policy.rs"]
mod policy;
#[path = "service/quality.rs"]
mod quality;
#[path = "service/references.rs"]
mod references;
#[path = "service/retention.rs"]
mod retention;
#[path = "service/review.rs"]
mod review;
#[path = "service/reviewers.rs"]
mod reviewers;
#[path = "service/sampling.rs"]
mod sampling;
#[path = "service/specimens.rs"]
mod specimens;
#[path = "service/stream.rs"]
mod stream;
#[path = "service/ultradian.rs"]
mod ultradian;

#[path = "service/watch.rs"]
mod watch;

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
