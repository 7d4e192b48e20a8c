//! Batches of results as laboratories send them.

use diel_core::{Limits, Unit};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::{
    BatchAssessment, BatchControl, BatchDecision, BatchRecall, Call, Collection, NewBatchControl,
    NewResult,
};

/// What happens to the good rows when some are bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nothing is stored.
    Atomic,
    /// They are stored.
    Partial,
}

/// What the results of a batch have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct NewBatch {
    /// The laboratory.
    pub lab: String,
    /// The assay method.
    pub assay: String,
    /// The kit and its lot; empty when not stated.
    pub kit: String,
    /// The plate; empty when not stated.
    pub plate: String,
    /// Limit of detection, in `limit_unit`, as reported.
    pub limit_of_detection: Option<f64>,
    /// Lower limit of quantification, in `limit_unit`, as reported.
    pub lower_limit_of_quantification: Option<f64>,
    /// Upper limit of quantification, in `limit_unit`, as reported.
    pub upper_limit_of_quantification: Option<f64>,
    /// The unit of the three.
    pub limit_unit: Option<Unit>,
    /// The same three in nmol/L.
    pub limits: Limits,
    /// The method whose limits these are, `{name}@{version}`; empty when the batch stated its own, or has none.
    pub method: String,
    /// The day of the assay run.
    pub run_date: Option<Date>,
}

/// A stored batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Its id; ids are in the order of time.
    pub id: String,
    /// What its results have in common.
    pub batch: NewBatch,
    /// How many results were stored with it.
    pub result_count: i64,
    /// When it was stored.
    pub created: Timestamp,
    /// What quality control computed of it; `None` for one that nothing has assessed since batches are.
    pub assessment: Option<BatchAssessment>,
    /// What a reviewer decided about it.
    pub decision: Option<BatchDecision>,
    /// Its controls, as sent; empty in lists.
    pub controls: Vec<BatchControl>,
    /// Its recall; `None` while it stands.
    pub recall: Option<BatchRecall>,
    /// Counts verdicts, decisions, recalls and restorations from 1.
    pub version: i64,
}

/// One result of a submission.
#[derive(Debug, Clone, PartialEq)]
pub struct SubmissionRow {
    /// Its position in the request.
    pub row: u32,
    /// The result.
    pub result: NewResult,
    /// The collection facts, when the sender knows them.
    pub collection: Option<Collection>,
}

/// Results to be stored together.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The study's id.
    pub study: String,
    /// What they have in common.
    pub batch: NewBatch,
    /// The results.
    pub rows: Vec<SubmissionRow>,
    /// The controls of the plate.
    pub controls: Vec<NewBatchControl>,
    /// What happens to the good rows when some are bad.
    pub mode: Mode,
    /// Who, and when.
    pub call: Call,
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Submitted {
    /// The batch; `None` when it brought no new result.
    pub batch: Option<Batch>,
    /// Rows stored now.
    pub stored: u32,
    /// Rows that were stored before with the same content.
    pub unchanged: u32,
    /// Rows stored now that wait for collection facts.
    pub waiting: u32,
    /// Rows refused.
    pub conflicts: Vec<Conflict>,
    /// Profiles computed.
    pub profiles: u32,
    /// Ids of flags raised or opened again.
    pub raised_flags: Vec<String>,
    /// The same request was answered before: this is that answer, and nothing was stored now.
    pub answered_before: bool,
    /// Ids of earlier batches whose computed verdict changed.
    pub reassessed: Vec<String>,
}

/// A row that contradicts what is stored.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Conflict {
    /// The row's position in the request.
    pub row: u32,
    /// The specimen's id.
    pub specimen: String,
    /// The field of the row, such as `concentration` or `collection.collection_time`.
    pub field: String,
    /// What is stored, as text.
    pub stored: String,
    /// What was given, as text.
    pub given: String,
}
