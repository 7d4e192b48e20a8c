//! A client for diel: labs submit salivary cortisol with it, researchers and pipelines query profiles, rhythms and
//! flags.
//!
//! - [`Client`] connects, authenticates, and has one method for each unary method of the service.
//! - [`Client::list`] and [`Client::stream`] return all rows of a query as a stream, page by page.
//! - [`Client::submissions`] returns a [`Submitter`]: many batches over one connection, with a bound on what is
//!   under way, and nothing lost or stored twice when the connection breaks.
//! - [`v1`] holds the messages.
//!
//! Several addresses of one service, as `http://A:50151,http://B:50151`, make a client that goes on with the next server
//! when one is gone.
//!
//! Calls that may be repeated without harm are: after `UNAVAILABLE` or a broken connection they are tried again,
//! by [`RetryPolicy`]. Whatever stores something carries a `request_id`, filled in when it is empty, by which the
//! service knows a repetition.
//!
//! # A batch, from connecting to its rhythm
//!
//! ```
//! use diel_client::{Client, Timestamp, v1};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let settings = diel_server::Settings {
//! #     listen: "127.0.0.1:0".parse()?,
//! #     database: format!("sqlite://{}", folder.path().join("diel.db").display()),
//! #     ..Default::default()
//! # };
//! # let service = diel_server::start(settings, std::sync::Arc::new(diel_server::SystemClock)).await?;
//! # let url = format!("http://{}", service.address());
//! let client = Client::connect(url).await?;
//!
//! let study = v1::Study {
//!     display_name: "Pilot".to_owned(),
//!     time_zone: "Europe/Berlin".to_owned(),
//!     ..Default::default()
//! };
//! let request =
//!     v1::CreateStudyRequest { study_id: "pilot".to_owned(), study: Some(study), ..Default::default() };
//! let study = client.create_study(request).await?;
//!
//! // Two samples of one day: 07:00 UTC on 2026-03-01, and 14 hours later.
//! let sample = |specimen: &str, hours: i64, nmol_per_l: f64| v1::ResultInput {
//!     specimen: specimen.to_owned(),
//!     concentration: Some(v1::Measurement {
//!         outcome: Some(v1::measurement::Outcome::Value(nmol_per_l)),
//!         unit: v1::ConcentrationUnit::NmolPerL.into(),
//!     }),
//!     collection: Some(v1::Collection {
//!         participant: "P-017".to_owned(),
//!         collection_time: Some(Timestamp { seconds: 1_772_348_400 + 3_600 * hours, nanos: 0 }),
//!         ..Default::default()
//!     }),
//!     ..Default::default()
//! };
//! let request = v1::SubmitBatchRequest {
//!     parent: study.name,
//!     batch: Some(v1::Batch { lab: "Lab 7".into(), assay: "ELISA".into(), ..Default::default() }),
//!     results: vec![sample("S-1", 0, 12.0), sample("S-2", 14, 1.5)],
//!     ..Default::default()
//! };
//! let answer = client.submit_batch(request).await?;
//! assert_eq!(answer.stored_count, 2);
//!
//! // What was answered is durable, and what follows from it can be read.
//! let rhythm = client.get_rhythm("studies/pilot/participants/P-017/rhythm").await?;
//! assert_eq!((rhythm.day_count, rhythm.verdict()), (1, v1::Verdict::InsufficientData));
//! # Ok(())
//! # }
//! ```

mod access;
mod assays;
mod audits;
mod call;
mod cohorts;
mod connect;
mod controls;
mod credentials;
mod error;
mod health;
mod options;
mod paging;
mod replicas;
mod request_id;
mod resume;
mod retry;
mod reviews;
mod rhythms;
mod rows;
mod specimens;
mod studies;
mod submissions;
mod submitter;
mod wait;
mod watch;

pub use connect::Client;
pub use diel_proto::v1;
pub use error::{Error, Reason, Refusal};
pub use options::ClientOptions;
pub use paging::{Page, PageRequest};
pub use prost_types::{FieldMask, Timestamp};
pub use resume::StreamRequest;
pub use retry::RetryPolicy;
pub use rows::Rows;
pub use submitter::{Acknowledgement, Submitter, Totals};
pub use tonic::Code;
pub use watch::FlagWatch;
