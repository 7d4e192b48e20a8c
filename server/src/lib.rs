//! The diel service: gRPC in front of the store, and the worker beside it.
//!
//! A handler reads a message into checked values, makes one call and answers. Wire types stop in `convert`,
//! causes of refusal become gRPC codes in `refusal`, and numbers come from [`diel_core`].

mod access;
mod admission;
mod assays;
mod audits;
mod backup;
mod call;
mod clock;
mod code;
mod cohorts;
mod controls;
mod convert;
mod etag;
mod frames;
mod jobs;
mod metrics;
mod name;
mod page;
mod pseudonym;
mod readiness;
mod refusal;
mod reviews;
mod rhythms;
mod run;
mod service;
mod settings;
mod specimens;
mod stream;
mod studies;
mod submissions;
mod transport;
mod verify;
mod violations;
mod web;

pub mod picture;
pub mod table;

pub use access::{AccessMode, Bootstrap, BootstrapError, Secret, bootstrap};
pub use backup::{RestoreError, back_up, restore};
pub use clock::{Clock, SystemClock};
pub use pseudonym::{CodeKey, CodeKeyError};
pub use run::{Running, StartError, start};
pub use settings::{CodesSettings, Limits, Problem, Problems, Settings, Web, WebError};
pub use transport::{TlsError, TlsSettings};
pub use verify::{Verified, verify};
