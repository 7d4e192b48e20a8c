//! The rows of a stretch of a file, one after the other.

use std::io::Read;

use csv::ByteRecord;

use super::specimens::{Repetition, Specimens};
use crate::RefusedRow;
use crate::column::Name;
use crate::error::ImportCause;
use crate::header::Header;
use crate::options::ImportOptions;
use crate::row::{Row, RowReader};
use crate::source::TextFormat;

/// Refused cells that are remembered with their reasons; rows beyond are only counted.
const REMEMBERED: usize = 10_000;
/// Progress is told every so many rows.
const ROWS_A_STEP: u64 = 16_384;

/// A stretch of a file and how it is to be read.
#[derive(Clone, Copy)]
pub(super) struct Stretch<'a> {
    pub(super) header: &'a Header,
    pub(super) options: &'a ImportOptions,
    pub(super) format: TextFormat,
    /// The line of the file that it begins with, from 1.
    pub(super) first_line: u64,
}

/// What was found in a stretch.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) accepted: u64,
    pub(super) refused_rows: u64,
    /// Rows that say again what an earlier one says of their specimen.
    pub(super) repeated: u64,
    pub(super) refused: Vec<RefusedRow>,
    pub(super) lacks_zone: bool,
    pub(super) after_midnight: u64,
}

impl Found {
    /// Adds what was found in the stretch behind.
    pub(super) fn append(&mut self, next: Self) {
        self.accepted += next.accepted;
        self.refused_rows += next.refused_rows;
        self.repeated += next.repeated;
        self.refused.extend(next.refused);
        self.refused.truncate(REMEMBERED);
        self.lacks_zone |= next.lacks_zone;
        self.after_midnight += next.after_midnight;
    }
}

/// Reads a stretch and hands over its good rows.
///
/// # Errors
/// What is wrong with the file as a whole.
pub(super) fn scan_rows(
    stretch: &Stretch<'_>,
    bytes: impl Read,
    mut progress: impl FnMut(u64),
    mut take: impl FnMut(&Row<'_>),
) -> Result<Found, ImportCause> {
    let Stretch {
        header,
        options,
        format,
        first_line,
    } = *stretch;
    // With a line end behind the last line, a record ends where the next line begins, and so its line is known.
    let mut records = format.reader(bytes.chain(b"\n".as_slice()));
    let mut reader = RowReader {
        header,
        options,
        comma: format.comma,
        lacks_zone: false,
        after_midnight: 0,
    };
    let mut found = Found::default();
    let mut specimens = Specimens::default();
    let mut record = ByteRecord::new();
    let mut rows = 0_u64;
    while records.read_byte_record(&mut record)? {
        // A spreadsheet's empty lines.
        if record.iter().all(|field| field.trim_ascii().is_empty()) {
            continue;
        }
        let text = record.as_slice();
        let lines_within = if text.contains(&b'\n') {
            line_ends(text)
        } else {
            0
        };
        let line = first_line + records.position().line() - 2 - lines_within;
        rows += 1;
        if rows.is_multiple_of(ROWS_A_STEP) {
            progress(records.position().byte());
        }
        let row = reader.read(&record, line, &mut found.refused)?;
        let Some(row) = row else {
            found.refused_rows += 1;
            found.refused.truncate(REMEMBERED);
            continue;
        };
        match specimens.check(&row, &record) {
            Repetition::New => {
                found.accepted += 1;
                take(&row);
            }
            Repetition::Same => found.repeated += 1,
            Repetition::Conflict { line } => {
                found.refused_rows += 1;
                found.refused.push(RefusedRow {
                    line: row.line,
                    field: header.text(Name::Specimen).to_owned(),
                    value: row.specimen.unwrap_or_default().to_owned(),
                    rule: format!(
                        "stands on line {line} with other content; a specimen has one result"
                    ),
                });
            }
        }
    }
    found.lacks_zone = reader.lacks_zone;
    found.after_midnight = reader.after_midnight;
    Ok(found)
}

/// How many lines end in a text.
pub(super) fn line_ends(text: &[u8]) -> u64 {
    text.iter().filter(|byte| **byte == b'\n').count() as u64
}
