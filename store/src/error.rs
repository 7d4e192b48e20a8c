//! Why an operation of the store did not do what it was asked.

use std::error::Error;
use std::sync::Arc;

use jiff::Timestamp;

use crate::{AuditHead, Conflict, FlagEvent, RefusedAmendment, ReviewRefusal, codes};

/// What an engine said. Its text is for logs; it can be had through `source()` and never shows in a [`StoreError`].
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct EngineFault(Arc<dyn Error + Send + Sync>);

impl EngineFault {
    pub(crate) fn new(fault: impl Error + Send + Sync + 'static) -> Self {
        Self(Arc::new(fault))
    }
}

/// Why an operation failed. After any of these but [`StoreError::InDoubt`] nothing of the operation is stored.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no such resource.
    #[error("{resource} does not exist")]
    NotFound {
        /// Its name, such as `studies/night/flags/4`.
        resource: String,
    },
    /// A resource of that name exists.
    #[error("{resource} exists already")]
    AlreadyExists {
        /// Its name.
        resource: String,
    },
    /// The study was deleted, or is being deleted: nothing of it is read or written, but its audit trail and its jobs.
    #[error("{resource} {}", end_of_study(*.asked, by, *.is_done))]
    StudyDeleted {
        /// Its name.
        resource: String,
        /// When somebody had it deleted.
        asked: Timestamp,
        /// Who.
        by: String,
        /// Whether the last of it is gone.
        is_done: bool,
    },
    /// A study of that name was deleted.
    #[error("{resource} exists already: it was deleted at {asked}, and a name is not given twice")]
    NameSpent {
        /// Its name.
        resource: String,
        /// When somebody had it deleted.
        asked: Timestamp,
    },
    /// The study was written to since its head was read.
    #[error(
        "{resource} has been written to since its audit trail ended with {stated}; it ends with {found}"
    )]
    HeadMoved {
        /// Its name.
        resource: String,
        /// The end that the caller knows.
        stated: AuditHead,
        /// The end as it is.
        found: AuditHead,
    },
    /// Another study is judged by a reference of this one.
    #[error(
        "{resource} is needed: {by} is judged by its {reference}; put another policy in force there first"
    )]
    ReferenceInUse {
        /// Its name.
        resource: String,
        /// The other study.
        by: String,
        /// The reference.
        reference: String,
    },
    /// The request id was used for another request before.
    #[error("the request id {id} was used for a request with other content")]
    RequestIdReused {
        /// The id.
        id: String,
    },
    /// Rows contradict what is stored, and all or nothing was asked for.
    #[error("{} rows contradict what is stored", .0.len())]
    Conflicts(Vec<Conflict>),
    /// Rows of amendments cannot be stored, and all or nothing was asked for.
    #[error("{} amendments cannot be stored", .0.len())]
    Amendments(Vec<RefusedAmendment>),
    /// The resource changed since the caller read it.
    #[error("{resource} has changed since it was read")]
    EtagMismatch {
        /// Its name.
        resource: String,
    },
    /// The flag was moved on since the caller read it, perhaps by another reviewer.
    #[error("{resource} has changed since it was read: {}", last_step(last))]
    FlagMovedOn {
        /// Its name.
        resource: String,
        /// The last step; its sequence number is the flag's present version.
        last: Box<FlagEvent>,
    },
    /// A reviewer may not take this step on the flag.
    #[error("{resource} {refusal}")]
    Review {
        /// Its name.
        resource: String,
        /// Why.
        #[source]
        refusal: ReviewRefusal,
    },
    /// The resource's state does not admit the step.
    #[error("{resource} is {state}: it cannot be {step}")]
    StateForbids {
        /// Its name.
        resource: String,
        /// The state it is in.
        state: &'static str,
        /// What was asked for.
        step: &'static str,
    },
    /// The terms of a policy break a rule.
    #[error("the policy breaks a rule")]
    Policy(#[from] diel_core::PolicyError),
    /// The fit cannot be a reference.
    #[error("the fit cannot be frozen as a reference: {0}")]
    Freeze(#[from] diel_core::FreezeError),
    /// The strata of a reference break a rule.
    #[error("{0}")]
    Strata(#[from] diel_core::StrataError),
    /// The database cannot be reached, is busy, or its disk is full. Nothing was stored; try again.
    #[error("the database is not available; nothing was stored")]
    Unavailable(#[source] EngineFault),
    /// The database went away while it committed. The operation is stored whole or not at all; under the same request id it
    /// can be asked for again.
    #[error("the database went away while it stored this; it may have been stored")]
    InDoubt(#[source] EngineFault),
    /// A stored row breaks its own rules.
    #[error("a stored row is damaged: {what}")]
    Damaged {
        /// Which rule, of which column.
        what: String,
    },
    /// The engine refused a statement.
    #[error("the database refused a statement; nothing was stored")]
    Engine(#[source] EngineFault),
    /// The schema could not be brought up to date.
    #[error("the database schema cannot be brought up to date")]
    Migration(#[source] EngineFault),
    /// The database belongs to a later version of the program.
    #[error(
        "the database has schema {found}, and this program knows up to {known}: it was written by a later version"
    )]
    SchemaNewer {
        /// Of the database.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// The database would have to be changed to be read.
    #[error(
        "the database has schema {found} and not {known}; start the service on it once, which brings it up to date"
    )]
    SchemaOlder {
        /// Of the database.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// An earlier write failed at the disk. What was answered before is stored; nothing more is written.
    #[error(
        "the disk under the database has failed; nothing more is written until an operator has looked"
    )]
    DiskFailed,
    /// The log that an earlier process left cannot be brought to the disk once more.
    #[error(
        "the log beside the database (-wal), which an earlier process left, cannot be brought to the disk: nothing is opened \
        until an operator has looked at the disk"
    )]
    LogNotKept(#[source] EngineFault),
    /// Changes that were answered as stored stand in the log behind a frame that is not as it was written.
    #[error(
        "the log beside the database (-wal) is not as it was written in frame {frame}, and changes that were answered as stored \
        stand behind it: nothing is opened, for SQLite would drop them without a word"
    )]
    LogBroken {
        /// The frame, from 1; 0 is the header of the log.
        frame: u64,
    },
    /// The address of the database is not understood.
    #[error("the database address is not understood: {rule}")]
    Url {
        /// What an address looks like.
        rule: &'static str,
    },
    /// The engine is older than what durable storage needs.
    #[error(
        "SQLite {found} is older than {needed}, before which committed transactions could be lost"
    )]
    EngineTooOld {
        /// The version found.
        found: String,
        /// The least version.
        needed: &'static str,
    },
}

/// What became of a study that somebody had deleted.
fn end_of_study(asked: Timestamp, by: &str, is_done: bool) -> String {
    let (what, left) = if is_done {
        ("was deleted", "its audit trail is all that is left")
    } else {
        (
            "is being deleted",
            "nothing of it is read or written any more",
        )
    };
    format!("{what}, asked for at {asked} by {by}: {left}")
}

/// Who did what last and when.
fn last_step(last: &FlagEvent) -> String {
    let kind = codes::event_kind(last.kind);
    let decision = last
        .decision
        .map_or_else(String::new, |one| format!(" as {}", codes::decision(one)));
    format!("{kind}{decision} by {} at {}", last.actor, last.at)
}
