//! Results: what a laboratory measured in a specimen. A result is never overwritten; a later revision replaces it.

use diel_core::{Limits, Measurement};
use jiff::Timestamp;

use crate::{Call, RevisionCause};

/// A result to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct NewResult {
    /// The specimen's id.
    pub specimen: String,
    /// What was measured.
    pub measurement: Measurement,
    /// How many replicates it is the mean of.
    pub replicate_count: Option<i32>,
    /// Their coefficient of variation, percent.
    pub replicate_cv_percent: Option<f64>,
    /// The well on the plate; empty when not stated.
    pub well: String,
}

/// A stored result.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredResult {
    /// The specimen's id.
    pub specimen: String,
    /// The id of the batch it came with.
    pub batch: String,
    /// The assay that its batch names.
    pub assay: String,
    /// What was measured, as reported.
    pub measurement: Measurement,
    /// The limits of its batch, in nmol/L.
    pub limits: Limits,
    /// How many replicates it is the mean of.
    pub replicate_count: Option<i32>,
    /// Their coefficient of variation, percent.
    pub replicate_cv_percent: Option<f64>,
    /// The well on the plate.
    pub well: String,
    /// 1 for the first; the highest is in force.
    pub revision: i32,
    /// Why it replaced the one before; empty for the first.
    pub amendment_reason: String,
    /// What made this revision.
    pub cause: RevisionCause,
    /// When it was stored.
    pub created: Timestamp,
}

/// A result that replaces another.
#[derive(Debug, Clone)]
pub struct Amendment {
    /// The study's id.
    pub study: String,
    /// The specimen's id.
    pub specimen: String,
    /// The corrected result.
    pub result: NewResult,
    /// The revision that the caller saw in force.
    pub replaced_revision: i32,
    /// Why.
    pub reason: String,
    /// Who, and when.
    pub call: Call,
}

/// Conditions on results; those that are absent do not filter.
#[derive(Debug, Clone, Default)]
pub struct ResultFilter {
    /// A specimen's id.
    pub specimen: Option<String>,
    /// A batch's id.
    pub batch: Option<String>,
}
