//! Long CSV, the way in: one row a sample.
//!
//! A header names the columns, under their own names or known aliases. Every row becomes a [`Row`] of checked values
//! or a [`RefusedRow`] that says where, what and which rule; all refused rows are found in one pass.

mod clock;
mod column;
mod concentration;
mod error;
mod fields;
mod header;
mod number;
mod options;
mod placing;
mod refused;
mod row;
mod scan;
mod source;
mod table;
mod times;
mod unit;
mod zone;

use std::path::Path;

use diel_core::{AgeYears, Conditions, Measurement, Moment};

pub(crate) use error::ImportError;
pub(crate) use options::{ImportOptions, parse_unit, parse_zone};
pub(crate) use refused::RefusedRow;
pub(crate) use row::Row;
pub(crate) use scan::{scan, scan_parallel};
pub(crate) use table::TextTable;
pub(crate) use zone::resolve;

/// A row of a file, checked. What the file does not say is `None`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ImportedRow {
    /// The line of the file it begins on, from 1.
    pub(crate) line: u64,
    pub(crate) participant: String,
    pub(crate) collected: Option<Moment>,
    pub(crate) awakening: Option<Moment>,
    pub(crate) minutes_since_awakening: Option<f64>,
    /// The label of the sampling day, as given.
    pub(crate) day: Option<String>,
    /// The label of the sample, as given.
    pub(crate) label: Option<String>,
    pub(crate) measurement: Measurement,
    pub(crate) specimen: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) age: Option<AgeYears>,
    pub(crate) sex: Option<String>,
    /// In the unit of the measurement.
    pub(crate) limit_of_detection: Option<f64>,
    pub(crate) conditions: Conditions,
}

impl From<&Row<'_>> for ImportedRow {
    fn from(row: &Row<'_>) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            line: row.line,
            participant: row.participant.to_owned(),
            collected: row.collected,
            awakening: row.awakening,
            minutes_since_awakening: row.minutes_since_awakening,
            day: owned(row.day),
            label: owned(row.label),
            measurement: row.measurement,
            specimen: owned(row.specimen),
            group: owned(row.group),
            age: row.age,
            sex: owned(row.sex),
            limit_of_detection: row.limit_of_detection,
            conditions: row.conditions,
        }
    }
}

/// A whole file.
#[derive(Debug)]
pub(crate) struct Import {
    /// The good rows, in the file's order.
    pub(crate) rows: Vec<ImportedRow>,
    /// The bad ones, in the file's order.
    pub(crate) refused: Vec<RefusedRow>,
    /// Whether every good row has an instant of collection.
    pub(crate) has_instants: bool,
    /// What the reader should be told about how the file was understood.
    pub(crate) notes: Vec<String>,
}

/// Reads a whole file into memory.
///
/// # Errors
/// The file cannot be read, or its header cannot be understood. Bad rows are no error: they are listed.
pub(crate) fn read(path: &Path, options: &ImportOptions) -> Result<Import, ImportError> {
    let mut rows = Vec::new();
    let summary = scan(path, options, |row| rows.push(ImportedRow::from(row)))?;
    let has_instants =
        !rows.is_empty() && rows.iter().all(|row: &ImportedRow| row.collected.is_some());
    Ok(Import {
        rows,
        refused: summary.refused,
        has_instants,
        notes: summary.notes,
    })
}
