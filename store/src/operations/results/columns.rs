//! A revision as the columns of its row.

use super::super::Row;
use super::super::bulk::{Insertion, Values};
use super::super::fields::Fields;
use super::{Further, Revising};
use crate::codes;
use crate::fault::Fault;
use crate::row_digest::RowDigest;

/// The digest stands last, and is of all before it.
pub(in super::super) static APPEND: Insertion = Insertion::new(
    "insert into results (study_no, specimen, revision, batch_no, outcome, amount, unit, missing_reason, \
    replicate_count, replicate_cv_percent, well, amendment_reason, cause, created_us, row_digest) values ",
    15,
    "",
);

/// Every column but the digest.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Columns<'a> {
    study_no: i64,
    specimen: &'a str,
    revision: i64,
    batch_no: i64,
    outcome: i64,
    amount: Option<f64>,
    unit: Option<i64>,
    missing_reason: Option<&'a str>,
    replicate_count: Option<i64>,
    replicate_cv_percent: Option<f64>,
    well: &'a str,
    amendment_reason: &'a str,
    cause: i64,
    created_us: i64,
}

impl<'a> Columns<'a> {
    pub(super) fn of(with: Revising<'a>, further: &Further<'a>) -> Self {
        let result = further.result;
        let (outcome, amount, missing_reason) = codes::outcome(result.measurement.outcome());
        Self {
            study_no: with.study_no,
            specimen: &result.specimen,
            revision: further.revision,
            batch_no: further.batch_no,
            outcome,
            amount,
            unit: result.measurement.unit().map(codes::unit),
            missing_reason,
            replicate_count: result.replicate_count.map(i64::from),
            replicate_cv_percent: result.replicate_cv_percent,
            well: &result.well,
            amendment_reason: with.reason,
            cause: codes::revision_cause(with.cause),
            created_us: with.now_us,
        }
    }

    /// Reads a row without asking what its columns mean: what they say may be what is wrong with them.
    pub(in super::super) fn read(row: &'a Row) -> Result<Self, Fault> {
        let fields = Fields(row);
        Ok(Self {
            study_no: fields.integer("study_no")?,
            specimen: fields.text("specimen")?,
            revision: fields.integer("revision")?,
            batch_no: fields.integer("batch_no")?,
            outcome: fields.integer("outcome")?,
            amount: fields.maybe_number("amount")?,
            unit: fields.maybe_integer("unit")?,
            missing_reason: fields.maybe_text("missing_reason")?,
            replicate_count: fields.maybe_integer("replicate_count")?,
            replicate_cv_percent: fields.maybe_number("replicate_cv_percent")?,
            well: fields.text("well")?,
            amendment_reason: fields.text("amendment_reason")?,
            cause: fields.integer("cause")?,
            created_us: fields.integer("result_created_us")?,
        })
    }

    pub(super) fn bind(&self, values: &mut Values) {
        values.integer(self.study_no);
        values.text(self.specimen);
        values.integer(self.revision);
        values.integer(self.batch_no);
        values.integer(self.outcome);
        values.number(self.amount);
        values.integer(self.unit);
        values.text(self.missing_reason);
        values.integer(self.replicate_count);
        values.number(self.replicate_cv_percent);
        values.text(self.well);
        values.text(self.amendment_reason);
        values.integer(self.cause);
        values.integer(self.created_us);
        values.integer(self.digest());
    }

    /// What stands in `row_digest` while nothing of the row has changed.
    pub(in super::super) fn digest(&self) -> i64 {
        let mut digest = RowDigest::new("diel result 1");
        digest.integer(Some(self.study_no));
        digest.text(Some(self.specimen));
        digest.integer(Some(self.revision));
        digest.integer(Some(self.batch_no));
        digest.integer(Some(self.outcome));
        digest.number(self.amount);
        digest.integer(self.unit);
        digest.text(self.missing_reason);
        digest.integer(self.replicate_count);
        digest.number(self.replicate_cv_percent);
        digest.text(Some(self.well));
        digest.text(Some(self.amendment_reason));
        digest.integer(Some(self.cause));
        digest.integer(Some(self.created_us));
        digest.finish()
    }
}
