//! Jobs: work on a whole study, claimed with a lease by any replica and resumed where it stopped.

use jiff::Timestamp;

use crate::codes;

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// Judges every participant by the policy in force.
    Rejudge,
    /// Fits a model to the study's cohort; the fit has the job's id.
    Fit,
    /// Assesses every batch by the quality policy and the targets in force, and judges again whom that touches. It counts
    /// batches.
    Reassess,
    /// Takes everything of a deleted study away. It counts rows.
    Delete,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// It waits for a worker.
    Queued,
    /// A worker has it on lease.
    Running,
    /// It is done.
    Succeeded,
    /// It stopped for good.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl JobKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Rejudge, Self::Fit, Self::Reassess, Self::Delete];

    /// The word for it, in lower case.
    #[must_use]
    pub fn word(self) -> &'static str {
        codes::job_kind(self)
    }
}

impl JobState {
    /// The word for it, in lower case.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A job.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// The study's id.
    pub study: String,
    /// What it does.
    pub kind: JobKind,
    /// Where it stands.
    pub state: JobState,
    /// Participants done; of a deletion, rows.
    pub done: i64,
    /// Participants when it was queued; more may have come since.
    pub total: i64,
    /// Claims since it last moved on.
    pub attempts: i64,
    /// The machine-readable cause of a failure; else empty.
    pub error_reason: String,
    /// Why it failed; else empty.
    pub error: String,
    /// When it was queued.
    pub created: Timestamp,
    /// When it last moved on.
    pub updated: Timestamp,
}

/// How many jobs of all studies have not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobsAtWork {
    /// What they do.
    pub kind: JobKind,
    /// [`JobState::Queued`] or [`JobState::Running`].
    pub state: JobState,
    /// How many.
    pub jobs: i64,
}

/// Why a job failed: for programs and in words. Both are empty for one that did not.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cause {
    pub(crate) reason: String,
    pub(crate) text: String,
}
