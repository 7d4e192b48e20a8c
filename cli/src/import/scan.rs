//! Reads a file row by row, in one pass.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;

use csv::ByteRecord;

use super::column::Name;
use super::error::{ImportCause, ImportError};
use super::header::Header;
use super::options::ImportOptions;
use super::row::{Row, RowReader};
use super::source::{self, Source};
use super::{RefusedRow, refused};
use crate::output::Progress;

/// Refused rows that are remembered with their reasons; more of them are only counted.
const REMEMBERED: usize = 10_000;
/// The progress bar moves every so many rows.
const ROWS_A_STEP: u64 = 16_384;

/// What became of a file's rows.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    pub(crate) accepted: u64,
    pub(crate) refused_rows: u64,
    /// What is wrong with them, a line a cell, in the file's order.
    pub(crate) refused: Vec<RefusedRow>,
    /// Whether samples are placed by time since awakening rather than by instants.
    pub(crate) has_hours: bool,
    /// What the reader should be told about how the file was understood.
    pub(crate) notes: Vec<String>,
}

impl Summary {
    /// How many rows are refused, where and why.
    pub(crate) fn describe_refused(&self, path: &Path) -> String {
        let (refused, rows) = (self.refused_rows, self.accepted + self.refused_rows);
        format!(
            "{refused} of {rows} rows refused{}",
            refused::describe(path, &self.refused, refused)
        )
    }
}

/// Reads a file and hands over its good rows, in the file's order.
///
/// # Errors
/// The file cannot be read, or its header cannot be understood. Bad rows are no error: they are listed.
pub(crate) fn scan(
    path: &Path,
    options: &ImportOptions,
    take: impl FnMut(Row<'_>),
) -> Result<Summary, ImportError> {
    source::open(path)
        .and_then(|source| scan_source(source, options, take))
        .map_err(|cause| ImportError::new(path, cause))
}

fn scan_source(
    mut source: Source,
    options: &ImportOptions,
    mut take: impl FnMut(Row<'_>),
) -> Result<Summary, ImportCause> {
    let header = Header::new(source.reader.byte_headers()?, options)?;
    let mut reader = RowReader {
        header: &header,
        options,
        comma: source.comma,
        lacks_zone: false,
        after_midnight: 0,
    };
    let mut summary = Summary {
        has_hours: header.has_hours(),
        ..Summary::default()
    };
    let mut progress = Progress::new(source.size, "bytes");
    let mut specimens = Specimens::default();
    let mut repeated = 0_u64;
    let mut rows = 0_u64;
    let mut record = ByteRecord::new();
    while source.reader.read_byte_record(&mut record)? {
        // A spreadsheet's empty lines.
        if record.iter().all(<[u8]>::is_empty) {
            continue;
        }
        rows += 1;
        let position = record
            .position()
            .map_or((0, 0), |position| (position.line(), position.byte()));
        if rows.is_multiple_of(ROWS_A_STEP) {
            progress.set(position.1);
        }
        let row = reader.read(&record, position.0, &mut summary.refused)?;
        match row.map(|row| (row, specimens.check(&row, &record))) {
            Some((row, Repetition::New)) => {
                summary.accepted += 1;
                take(row);
            }
            Some((_, Repetition::Same)) => repeated += 1,
            Some((row, Repetition::Conflict { line })) => {
                summary.refused_rows += 1;
                summary.refused.push(RefusedRow {
                    line: row.line,
                    field: header.text(Name::Specimen).to_owned(),
                    value: row.specimen.unwrap_or_default().to_owned(),
                    rule: format!(
                        "stands on line {line} with other content; a specimen has one result"
                    ),
                });
            }
            None => summary.refused_rows += 1,
        }
        summary.refused.truncate(REMEMBERED);
    }
    if rows == 0 {
        return Err(ImportCause::NoRows);
    }
    summary.notes = notes(&reader, repeated);
    Ok(summary)
}

fn notes(reader: &RowReader<'_>, repeated: u64) -> Vec<String> {
    let mut notes = Vec::new();
    let unread = reader.header.unread();
    if !unread.is_empty() {
        notes.push(format!("columns not read: {}", unread.join(", ")));
    }
    if reader.lacks_zone {
        notes.push(
            "local times without --time-zone are used for their date alone; the time since awakening places the samples"
                .to_owned(),
        );
    }
    if reader.after_midnight > 0 {
        notes.push(format!(
            "{} samples are read as taken after midnight, on the date after their row's, which is the day's; where it is \
             the sample's own, write date and time of collected_at in one column",
            reader.after_midnight
        ));
    }
    if repeated > 0 {
        notes.push(format!(
            "{repeated} rows repeat a specimen with the same content and were read once"
        ));
    }
    notes
}

/// Specimens met so far: the line and a digest of the content, so that memory does not grow with the rows' length.
#[derive(Default)]
struct Specimens {
    seen: HashMap<u64, (u64, u64)>,
    hasher: RandomState,
}

enum Repetition {
    New,
    Same,
    Conflict { line: u64 },
}

impl Specimens {
    fn check(&mut self, row: &Row<'_>, record: &ByteRecord) -> Repetition {
        let Some(specimen) = row.specimen else {
            return Repetition::New;
        };
        let content = self.hasher.hash_one(record.as_slice());
        match self.seen.entry(self.hasher.hash_one(specimen)) {
            Entry::Vacant(vacant) => {
                vacant.insert((row.line, content));
                Repetition::New
            }
            Entry::Occupied(occupied) if occupied.get().1 == content => Repetition::Same,
            Entry::Occupied(occupied) => Repetition::Conflict {
                line: occupied.get().0,
            },
        }
    }
}
