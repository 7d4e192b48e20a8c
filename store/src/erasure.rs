//! The erasure of a participant.

use crate::Call;

/// Whom to take out of a study, and why.
#[derive(Debug, Clone)]
pub struct Erasure {
    /// The study's id.
    pub study: String,
    /// The participant's code.
    pub participant: String,
    /// Why. It stays in the audit trail, and names nobody.
    pub reason: String,
    /// Who asks and when; with `validate_only` everything is counted and nothing taken.
    pub call: Call,
}

/// How much an erasure took, in rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Erased {
    /// Tubes.
    pub specimens: u64,
    /// Results, every revision counted.
    pub results: u64,
    /// Collection facts that had been replaced.
    pub earlier_facts: u64,
    /// Reports of awakenings.
    pub awakenings: u64,
    /// Days.
    pub profiles: u64,
    /// Flags.
    pub flags: u64,
    /// Steps in their histories, decisions of reviewers among them.
    pub flag_events: u64,
    /// Answers that were kept for repeated requests.
    pub answers: u64,
    /// Entries of the audit trail that were emptied.
    pub entries: u64,
}
