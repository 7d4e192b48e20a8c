//! Reads a file in one pass, row by row or in stretches on all cores.

mod blocks;
mod parallel;
mod rows;
mod specimens;

use std::path::Path;

pub use self::parallel::scan_parallel;
use self::rows::Found;
pub(crate) use self::rows::{Stretch, scan_rows};
use super::error::{ImportCause, ImportError};
use super::options::ImportOptions;
use super::reading::Reading;
use super::records::{HeldRecords, TextRecords};
use super::row::Row;
use super::samples::{self, Rows, SampleTable};
use super::{RefusedRow, refused, rejects};

/// Told how many bytes were read, and how many the file has, 0 where that is not known.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// What became of a file's rows.
#[derive(Debug, Default)]
pub struct Summary {
    /// Rows handed over.
    pub accepted: u64,
    /// Rows that were refused.
    pub refused_rows: u64,
    /// What is wrong with them, a line a cell, in the file's order.
    pub refused: Vec<RefusedRow>,
    /// Whether samples are placed by time since awakening rather than by instants.
    pub has_hours: bool,
    /// How the file was understood.
    pub reading: Reading,
    /// What the reader should be told about rows that were understood in a way one may not expect.
    pub notes: Vec<String>,
}

impl Summary {
    fn new(
        table: &SampleTable,
        options: &ImportOptions,
        found: Found,
    ) -> Result<Self, ImportCause> {
        if found.accepted + found.refused_rows + found.repeated == 0 {
            return Err(ImportCause::NoRows);
        }
        Ok(Self {
            accepted: found.accepted,
            refused_rows: found.refused_rows,
            has_hours: table.header.has_hours(),
            reading: table.reading(options),
            notes: notes(table, &found),
            refused: found.refused,
        })
    }

    /// How many rows were taken and how many refused, in words.
    pub fn counts(&self) -> String {
        let rows = self.accepted + self.refused_rows;
        match self.refused_rows {
            0 if rows == 1 => "1 row taken".to_owned(),
            0 => format!("all {rows} rows taken"),
            refused => format!("{refused} of {rows} rows refused"),
        }
    }

    /// How many rows are refused, where and why.
    pub fn describe_refused(&self, path: &Path) -> String {
        format!(
            "{}{}",
            self.counts(),
            refused::describe(path, &self.refused, self.refused_rows)
        )
    }
}

/// Reads a file and hands over its good rows, in the file's order.
///
/// # Errors
/// The file cannot be read, or its header cannot be understood. Bad rows are no error: they are listed.
pub fn scan(
    path: &Path,
    options: &ImportOptions,
    progress: Progress<'_>,
    take: impl FnMut(&Row<'_>),
) -> Result<Summary, ImportError> {
    let scan = || {
        let (table, rows) = samples::open(path, options)?;
        let stretch = Stretch {
            header: &table.header,
            options,
            habits: &table.habits,
        };
        let progress = |bytes| progress(bytes, table.size);
        let found = match rows {
            Rows::Streamed(rows) => {
                let mut records = TextRecords::new(rows.bytes, rows.format, rows.first_line);
                scan_rows(&stretch, &mut records, progress, |_| (), take)?
            }
            Rows::Held(rows) => scan_rows(
                &stretch,
                &mut HeldRecords::new(rows),
                progress,
                |_| (),
                take,
            )?,
        };
        Summary::new(&table, options, found)
    };
    scan().map_err(|cause| ImportError::new(path, cause))
}

fn notes(table: &SampleTable, found: &Found) -> Vec<String> {
    let mut notes = Vec::new();
    if table.has_reasons || table.header.has_reasons() {
        notes.push(rejects::NOTE.to_owned());
    }
    if found.lacks_zone {
        notes.push(
            "local times without --time-zone are used for their date alone; the time since awakening places the samples"
                .to_owned(),
        );
    }
    if found.after_midnight > 0 {
        notes.push(format!(
            "{} samples are read as taken after midnight, on the date after their row's, which is the day's; where it is \
             the sample's own, write date and time of collected_at in one column",
            found.after_midnight
        ));
    }
    if found.repeated > 0 {
        notes.push(format!(
            "{} rows repeat a specimen with the same content and were read once",
            found.repeated
        ));
    }
    notes
}
