//! The rows of a stretch of a file, one after the other.

use csv::ByteRecord;

use super::specimens::{Repetition, Specimens};
use crate::RefusedRow;
use crate::column::Name;
use crate::error::ImportCause;
use crate::habits::Habits;
use crate::header::Header;
use crate::options::ImportOptions;
use crate::records::Records;
use crate::row::{Row, RowReader};

/// Refused cells that are remembered with their reasons; rows beyond are only counted.
const REMEMBERED: usize = 10_000;
/// Progress is told every so many rows.
const ROWS_A_STEP: u64 = 16_384;

/// A stretch of a file and how it is to be read.
#[derive(Clone, Copy)]
pub(crate) struct Stretch<'a> {
    pub(crate) header: &'a Header,
    pub(crate) options: &'a ImportOptions,
    pub(crate) habits: &'a Habits,
}

/// What was found in a stretch.
#[derive(Debug, Default)]
pub(crate) struct Found {
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

/// Reads a stretch and hands over what is wrong with each bad row, and the good rows.
///
/// # Errors
/// What is wrong with the file as a whole.
pub(crate) fn scan_rows(
    stretch: &Stretch<'_>,
    records: &mut dyn Records,
    mut progress: impl FnMut(u64),
    mut refuse: impl FnMut(&[RefusedRow]),
    mut take: impl FnMut(&Row<'_>),
) -> Result<Found, ImportCause> {
    let Stretch {
        header,
        options,
        habits,
    } = *stretch;
    let mut reader = RowReader {
        header,
        options,
        habits,
        lacks_zone: false,
        after_midnight: 0,
    };
    let mut found = Found::default();
    let mut specimens = Specimens::default();
    let mut record = ByteRecord::new();
    let mut rows = 0_u64;
    while let Some(place) = records.next_record(&mut record)? {
        rows += 1;
        if rows.is_multiple_of(ROWS_A_STEP) {
            progress(records.bytes_read());
        }
        let before = found.refused.len();
        let row = reader.read(&record, &place, &mut found.refused)?;
        let Some(row) = row else {
            refuse(found.refused.get(before..).unwrap_or_default());
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
                let refused = RefusedRow {
                    sheet: row.sheet.unwrap_or_default().to_owned(),
                    line: row.line,
                    field: header.text(Name::Specimen).to_owned(),
                    value: row.specimen.unwrap_or_default().to_owned(),
                    rule: format!(
                        "stands on line {line} with other content; a specimen has one result"
                    ),
                };
                refuse(std::slice::from_ref(&refused));
                found.refused.push(refused);
                found.refused.truncate(REMEMBERED);
            }
        }
    }
    found.lacks_zone = reader.lacks_zone;
    found.after_midnight = reader.after_midnight;
    Ok(found)
}
