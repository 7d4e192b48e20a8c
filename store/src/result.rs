//! Results: what a laboratory measured in a specimen. A result is never overwritten; a later revision replaces it.

use diel_core::{Limits, Measurement, Outcome, Unit};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::trail::text;
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

impl StoredResult {
    /// The revision in the words of the audit trail, as the entry of an amendment has it before or after: compact JSON.
    #[must_use]
    pub fn said(&self) -> String {
        text(&said(i64::from(self.revision), &self.measurement))
    }
}

/// A revision as the trail says it.
pub(crate) fn said(revision: i64, measurement: &Measurement) -> Value {
    let (kind, amount, missing) = match measurement.outcome() {
        Outcome::Value(value) => ("value", Some(value), None),
        Outcome::Below(limit) => ("below", Some(limit), None),
        Outcome::Above(limit) => ("above", Some(limit), None),
        Outcome::Missing(reason) => ("missing", None, Some(reason.code())),
    };
    json!({
        "revision": revision,
        "outcome": kind,
        "amount": amount,
        "unit": measurement.unit().map(Unit::ucum),
        "missing_reason": missing,
    })
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
