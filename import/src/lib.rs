//! The way in: tables of samples, as laboratories and studies write them. Bytes in, checked rows out; no service, no
//! terminal.
//!
//! A text or a workbook (`source`) is a long table, one row a sample, under a header that may stand below other lines
//! (`heading`), or something that a layout unfolds into one (`layout`). What single cells do not tell, all of them
//! show together (`habits`); how it was understood is told ([`Reading`]).
//!
//! A header names the columns, under their own names or known aliases. Every row becomes a [`Row`] of checked values
//! or a [`RefusedRow`] that says where, what and which rule; all refused rows are found in one pass.

mod archive;
mod clock;
mod column;
mod concentration;
mod cursor;
mod date;
mod encoding;
mod error;
mod fields;
mod habits;
mod header;
mod heading;
mod layout;
mod log;
mod mapping;
mod number;
mod options;
mod placing;
mod plate;
mod reading;
mod ready;
mod records;
mod refused;
mod rejects;
mod replicates;
mod row;
mod samples;
mod scan;
mod separator;
mod sheet;
mod source;
mod table;
mod tidying;
mod times;
mod unit;
mod well_list;
mod workbook;
mod zone;

use std::path::Path;

use diel_core::plate::Well;
use diel_core::{AgeYears, Conditions, Measurement, Moment};

pub use clock::TimeError;
pub use concentration::MissingCode;
pub use date::DateOrder;
pub use encoding::Encoding;
pub use error::{ImportCause, ImportError};
pub use layout::{IdPattern, IdPatternError};
pub use log::{
    LogCause, LogError, LogOptions, LogPlace, LogRemark, LoggedDay, LoggedTube, SamplingLog,
    read_log,
};
pub use mapping::{BatchFacts, Mapping, MappingError};
pub use number::DecimalMark;
pub use options::{ColumnChoice, ImportOptions, SampleMinutes, parse_unit, parse_zone};
pub use plate::{
    Instrument, PlateExport, PlateResult, SampleMap, SampleMapEntry, Signal, WellContent,
    WellReading, read_plates, read_sample_map,
};
pub use reading::{ReadColumn, Reading, UnitSource, Why};
pub use refused::RefusedRow;
pub use rejects::write_rejects;
pub use row::Row;
pub use scan::{Progress, Summary, scan, scan_parallel};
pub use separator::Separator;
pub use table::{ColumnKind, TextTable};
pub use well_list::{ListedWell, WellList, WellListError, read_well_list};
pub use zone::{ZoneError, resolve};

/// A row of a file, checked. What the file does not say is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedRow {
    /// The sheet of the workbook it stands on; empty for a text.
    pub sheet: String,
    /// The line of the file it begins on, or the row of the sheet, from 1.
    pub line: u64,
    /// The code, as given. Empty only where a specimen waits for its collection facts, see
    /// [`ImportOptions::may_wait`].
    pub participant: String,
    /// When saliva was collected.
    pub collected: Option<Moment>,
    /// When the person woke that began the sampling day.
    pub awakening: Option<Moment>,
    /// Minutes from the awakening to the sample.
    pub minutes_since_awakening: Option<f64>,
    /// The label of the sampling day, as given.
    pub day: Option<String>,
    /// The label of the sample, as given.
    pub label: Option<String>,
    /// What was measured.
    pub measurement: Measurement,
    /// The id on the tube.
    pub specimen: Option<String>,
    /// The participant's group.
    pub group: Option<String>,
    /// The participant's age at sampling.
    pub age: Option<AgeYears>,
    /// The participant's sex, as given.
    pub sex: Option<String>,
    /// In the unit of the measurement.
    pub limit_of_detection: Option<f64>,
    /// What holds on the sampling day.
    pub conditions: Conditions,
    /// The plate that it was measured on.
    pub plate: Option<String>,
    /// The well, or the first of several.
    pub well: Option<Well>,
    /// How many wells the concentration is the mean of.
    pub replicate_count: Option<u16>,
    /// Their coefficient of variation in percent; none of a single well.
    pub replicate_cv_percent: Option<f64>,
}

impl From<&Row<'_>> for ImportedRow {
    fn from(row: &Row<'_>) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            sheet: row.sheet.unwrap_or_default().to_owned(),
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
            plate: owned(row.plate),
            well: row.well,
            replicate_count: row.replicate_count,
            replicate_cv_percent: row.replicate_cv_percent,
        }
    }
}

/// A whole file.
#[derive(Debug)]
pub struct Import {
    /// The good rows, in the file's order.
    pub rows: Vec<ImportedRow>,
    /// The bad ones, in the file's order.
    pub refused: Vec<RefusedRow>,
    /// Whether every good row has an instant of collection.
    pub has_instants: bool,
    /// How the file was understood.
    pub reading: Reading,
    /// What the reader should be told about rows that were understood in a way one may not expect.
    pub notes: Vec<String>,
}

/// Reads a whole file into memory.
///
/// # Errors
/// The file cannot be read, or its header cannot be understood. Bad rows are no error: they are listed.
pub fn read(
    path: &Path,
    options: &ImportOptions,
    progress: Progress<'_>,
) -> Result<Import, ImportError> {
    let mut rows = Vec::new();
    let summary = scan(path, options, progress, |row| {
        rows.push(ImportedRow::from(row));
    })?;
    let has_instants =
        !rows.is_empty() && rows.iter().all(|row: &ImportedRow| row.collected.is_some());
    Ok(Import {
        rows,
        refused: summary.refused,
        has_instants,
        reading: summary.reading,
        notes: summary.notes,
    })
}
