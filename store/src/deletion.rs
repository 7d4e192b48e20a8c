//! The deletion of a study, and what is left of one.

use jiff::Timestamp;

use crate::{AuditHead, Call, Job};

/// Which study to delete, and why.
#[derive(Debug, Clone)]
pub struct Deletion {
    /// The study's id.
    pub study: String,
    /// The version of the study that the caller has seen.
    pub version: i64,
    /// Where the study's audit trail ended when it was exported; `None` deletes whatever was written since.
    pub head: Option<AuditHead>,
    /// Why. It stays in the audit trail, and names nobody.
    pub reason: String,
    /// Who asks and when; with `validate_only` everything is counted and nothing taken.
    pub call: Call,
}

/// What a study holds, in rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Contents {
    /// Participants.
    pub participants: u64,
    /// Tubes.
    pub specimens: u64,
    /// Results, every revision counted.
    pub results: u64,
    /// Days.
    pub profiles: u64,
    /// Flags.
    pub flags: u64,
    /// Steps in their histories, decisions of reviewers among them.
    pub flag_events: u64,
    /// Batches.
    pub batches: u64,
    /// Answers that were kept for repeated requests.
    pub answers: u64,
    /// Entries of the audit trail that have something to say which a deletion takes.
    pub entries: u64,
    /// All else: awakenings, rhythms, earlier facts, controls, fits, references, policies and what they are made of.
    pub others: u64,
}

impl Contents {
    /// All of it, in rows.
    #[must_use]
    pub fn total(&self) -> u64 {
        [
            self.participants,
            self.specimens,
            self.results,
            self.profiles,
            self.flags,
            self.flag_events,
            self.batches,
            self.answers,
            self.entries,
            self.others,
        ]
        .into_iter()
        .fold(0, u64::saturating_add)
    }
}

/// A deletion that was begun, or what one would take.
#[derive(Debug, Clone, PartialEq)]
pub struct DeletionBegun {
    /// What there is to take.
    pub contents: Contents,
    /// The job that takes it; `None` where it was only counted.
    pub job: Option<Job>,
}

/// A study that was deleted, or is being deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// Its id, which is not given again.
    pub study: String,
    /// When somebody had it deleted.
    pub asked: Timestamp,
    /// Who.
    pub by: String,
    /// When the last of it was gone; `None` while there is something left.
    pub done: Option<Timestamp>,
}
