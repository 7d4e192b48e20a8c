//! Revisions of results: amended one by one or together, recalled with their batch, restored.

use diel_core::Verdict;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::{Batch, Call, Collection, Conflict, FlagEventKind, Mode, NewBatch, NewResult};

/// What made a revision of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RevisionCause {
    /// It was sent, as the first or as a correction of the one before.
    Sent,
    /// Its batch was recalled.
    Recalled,
    /// The recall of its batch was taken back.
    Restored,
}

/// One row of amendments.
#[derive(Debug, Clone, PartialEq)]
pub struct AmendmentRow {
    /// Its position in the request.
    pub row: u32,
    /// The corrected result.
    pub result: NewResult,
    /// Collection facts, to be compared with those that are stored.
    pub collection: Option<Collection>,
}

/// Results that replace others, together and for one reason.
#[derive(Debug, Clone)]
pub struct Amendments {
    /// The study's id.
    pub study: String,
    /// The corrected results; those that repeat what is stored change nothing.
    pub rows: Vec<AmendmentRow>,
    /// Where they come from another run of the assay: what they have in common. Else each stays in its batch.
    pub rerun: Option<NewBatch>,
    /// Why.
    pub reason: String,
    /// What happens to the good rows when some are bad.
    pub mode: Mode,
    /// Who, and when.
    pub call: Call,
}

/// Why a row of amendments cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum AmendmentRefusal {
    /// There is nothing to correct.
    #[error("specimen {specimen:?} has no result to correct; SubmitBatch stores a first one")]
    NoResult {
        /// The specimen's id.
        specimen: String,
    },
    /// An amendment changes what was measured, and nothing else.
    #[error(
        "specimen {:?} is stored with {} and given with {}; an amendment changes what was measured, not where the \
         sample comes from", .0.specimen, .0.stored, .0.given
    )]
    Collection(Conflict),
}

/// A row of amendments that was refused.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RefusedAmendment {
    /// Its position in the request.
    pub row: u32,
    /// Why.
    pub refusal: AmendmentRefusal,
}

impl RefusedAmendment {
    /// The field of the row that is at fault.
    #[must_use]
    pub fn field(&self) -> &str {
        match &self.refusal {
            AmendmentRefusal::NoResult { .. } => "specimen",
            AmendmentRefusal::Collection(conflict) => &conflict.field,
        }
    }
}

/// What became of amendments.
#[derive(Debug, Clone, PartialEq)]
pub struct Amended {
    /// The batch of another run; `None` where there is none, or no result of it.
    pub batch: Option<Batch>,
    /// Rows that repeat what is in force.
    pub unchanged: u32,
    /// Rows refused.
    pub refused: Vec<RefusedAmendment>,
    /// What followed.
    pub revised: Revised,
}

/// A batch to be recalled, or a recall to be taken back.
#[derive(Debug, Clone)]
pub struct Recall {
    /// The study's id.
    pub study: String,
    /// The batch's id.
    pub batch: String,
    /// The version of the batch that the caller saw; `None` for whichever it is.
    pub version: Option<i64>,
    /// Why.
    pub reason: String,
    /// Who, and when.
    pub call: Call,
}

/// A batch in whose results nobody trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRecall {
    /// When it was recalled.
    pub at: Timestamp,
    /// Who recalled it.
    pub actor: String,
    /// Why.
    pub reason: String,
}

/// Revisions that were put in force, and what followed from them in the same transaction.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Revised {
    /// Results that have a new revision.
    pub results: u32,
    /// Profiles computed.
    pub profiles: u32,
    /// The participants whose results they are, by code.
    pub persons: Vec<RevisedPerson>,
}

/// What revisions did to the days, the rhythm and the flag of a participant.
#[derive(Debug, Clone, PartialEq)]
pub struct RevisedPerson {
    /// The participant's code.
    pub participant: String,
    /// The verdict before; `None` where there was none.
    pub verdict_before: Option<Verdict>,
    /// The verdict after.
    pub verdict_after: Option<Verdict>,
    /// Days that counted before and do not any more.
    pub days_lost: Vec<Date>,
    /// Days that count now and did not before.
    pub days_gained: Vec<Date>,
    /// The id of the flag that took a step, and the step.
    pub flag: Option<(String, FlagEventKind)>,
}
