//! Jobs: work on a whole study, claimed with a lease by any replica and resumed where it stopped.

use jiff::Timestamp;

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// Judges every participant by the policy in force.
    Rejudge,
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
}

impl JobState {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
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
    /// Participants done.
    pub done: i64,
    /// Participants when it was queued; more may have come since.
    pub total: i64,
    /// Why it failed; else empty.
    pub error: String,
    /// When it was queued.
    pub created: Timestamp,
    /// When it last moved on.
    pub updated: Timestamp,
}
