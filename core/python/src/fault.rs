//! Why input is refused.

use arrow_schema::{ArrowError, DataType};
use diel_core::formula::PrepareError;
use diel_core::{LimitsError, MeasurementError, MomentError, RangeError};
use thiserror::Error;

/// What is wrong with a table.
#[derive(Debug, Error)]
pub(crate) enum TableError {
    /// A column that everything rests on.
    #[error("column {path} is missing; it is to be {wanted}")]
    ColumnMissing { path: String, wanted: &'static str },
    /// A column of a name that is not read, so that a slip in the name of an optional one is not silent.
    #[error("column {path} is not one that is read; those are {known}")]
    ColumnUnknown { path: String, known: String },
    /// A column of another type.
    #[error("column {path} is {found}; it is to be {wanted}")]
    ColumnType {
        path: String,
        found: DataType,
        wanted: &'static str,
    },
    /// A column whose values do not fit the type they are read as.
    #[error("column {path} cannot be read as {wanted}: {source}")]
    ColumnCast {
        path: String,
        wanted: &'static str,
        source: ArrowError,
    },
    /// A value.
    #[error("row {row} (participant {participant}): {fault}")]
    Row {
        /// Position in the batch, from 0.
        row: usize,
        participant: String,
        fault: Fault,
    },
    /// The answer does not fit into one batch.
    #[error("the answer cannot be made into a batch: {0}")]
    Answer(#[from] ArrowError),
}

/// What is wrong with a row.
#[derive(Debug, Error)]
pub(crate) enum Fault {
    /// A fault of an item of a list.
    #[error("{list}[{position}].{fault}")]
    In {
        list: &'static str,
        position: usize,
        fault: Box<Fault>,
    },
    #[error("{column}: null; {rule}")]
    Null {
        column: &'static str,
        rule: &'static str,
    },
    #[error("complete: {value}; it must be true: {what}, or the numbers would be wrong in silence")]
    NotComplete {
        value: &'static str,
        what: &'static str,
    },
    #[error(
        "hours_since_awakening: {value} is not a finite number; null says that the time is not known"
    )]
    Hours { value: f64 },
    #[error("concentration_nmol_per_l: {0}")]
    Concentration(#[from] MeasurementError),
    #[error(
        "concentration_nmol_per_l: {value} beside the qualifier {qualifier}, which says that there is none; leave it null"
    )]
    ConcentrationOfMissing { value: f64, qualifier: String },
    #[error("qualifier: {value:?} is none of =, <, > and {codes}")]
    Qualifier { value: String, codes: String },
    #[error("replicate_cv_percent: {value} is not a finite number of at least 0")]
    ReplicateCv { value: f64 },
    #[error("limit_of_detection_nmol_per_l and upper_limit_of_quantification_nmol_per_l: {0}")]
    Limits(#[from] LimitsError),
    #[error("{column}: {source}")]
    Limit {
        column: &'static str,
        source: RangeError,
    },
    #[error("age_years: {0}")]
    Age(RangeError),
    #[error("sex: {value:?} is none of female, male and other")]
    Sex { value: String },
    #[error("conditions: {value:?} is none of {codes}")]
    Condition { value: String, codes: String },
    #[error("awakening_time, awakening_utc_offset_minutes: {0}")]
    Awakening(#[from] MomentError),
    #[error("sampling_date: {days} days after 1970-01-01 is not in the calendar")]
    Date { days: i32 },
    #[error("days: two of them are {name}; a day is one item, with all its samples")]
    DayTwice { name: String },
    #[error("the participant has a row already; a person is one row, with all days")]
    PersonTwice,
    #[error("formula, row by row of the usable samples: {0}")]
    Formula(Box<PrepareError>),
}

impl From<PrepareError> for Fault {
    fn from(error: PrepareError) -> Self {
        Self::Formula(Box::new(error))
    }
}

impl Fault {
    pub(crate) fn inside(self, list: &'static str, position: usize) -> Self {
        Self::In {
            list,
            position,
            fault: Box::new(self),
        }
    }
}

/// Refuses what is not marked complete.
pub(crate) fn check_complete(complete: Option<bool>, what: &'static str) -> Result<(), Fault> {
    match complete {
        Some(true) => Ok(()),
        Some(false) => Err(Fault::NotComplete {
            value: "false",
            what,
        }),
        None => Err(Fault::NotComplete {
            value: "null",
            what,
        }),
    }
}
