//! The refused rows of a file, in the file's own format, each with its reasons in one column more.
//!
//! What stands above the rows is kept, so that the file is read like the one it comes from once its rows are mended. The
//! column [`COLUMN`] is not read.

mod raw;
mod text;
mod workbook;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use super::error::{ImportCause, ImportError};
use super::options::ImportOptions;
use super::records::{HeldRecords, Records, TextRecords};
use super::refused::RefusedRow;
use super::row::Row;
use super::samples::{self, Rows};
use super::scan::{Stretch, scan_rows};
use super::separator::Separator;
use super::sheet::Sheet;
use super::source::{self, Source};

/// The header of the column that says why.
pub(super) const COLUMN: &str = "reason";
/// What whoever sends such a file again is told.
pub(super) const NOTE: &str =
    "the column `reason` is not read: it says why a row was refused before";

/// Writes the rows that the reader refuses, and those of which `judge` says why, as they stand in the file. Returns how many
/// rows were written; without any, nothing is.
///
/// # Errors
/// The file cannot be read or its header not understood, or the rows cannot be written.
pub fn write_rejects(
    path: &Path,
    options: &ImportOptions,
    out: &mut dyn Write,
    judge: impl FnMut(&Row<'_>) -> Option<String>,
) -> Result<u64, ImportError> {
    write(path, options, out, judge).map_err(|cause| ImportError::new(path, cause))
}

fn write(
    path: &Path,
    options: &ImportOptions,
    out: &mut dyn Write,
    judge: impl FnMut(&Row<'_>) -> Option<String>,
) -> Result<u64, ImportCause> {
    let (table, rows) = samples::open(path, options)?;
    let stretch = Stretch {
        header: &table.header,
        options,
        habits: &table.habits,
    };
    // A workbook has none, and copies none.
    let separator = table.reading(options).separator.unwrap_or(Separator::Comma);
    match rows {
        Rows::Streamed(rows) => {
            let Source::Text(text) = source::open(path, options)? else {
                return Ok(0);
            };
            let mut records = TextRecords::new(rows.bytes, rows.format, rows.first_line);
            let mut copy = text::Copy::new(text, separator, rows.first_line, false)?;
            for_each_refused(&stretch, &mut records, judge, |line, reason| {
                copy.reject(line, reason)
            })?;
            copy.finish(path, out)
        }
        Rows::Held(rows) => {
            let first = rows.iter().map(|row| row.place.line).min().unwrap_or(1);
            let name = rows.first().and_then(|row| row.place.sheet.clone());
            let mut reasons: BTreeMap<u64, String> = BTreeMap::new();
            let mut records = HeldRecords::new(rows);
            for_each_refused(&stretch, &mut records, judge, |line, reason| {
                let known = reasons.entry(line).or_default();
                if !known.is_empty() {
                    known.push_str("; ");
                }
                known.push_str(reason);
                Ok(())
            })?;
            match source::open(path, options)? {
                Source::Text(text) => {
                    let mut copy = text::Copy::new(text, separator, first, true)?;
                    for (line, reason) in &reasons {
                        copy.reject(*line, reason)?;
                    }
                    copy.finish(path, out)
                }
                Source::Workbook(sheets) => {
                    let name = name.unwrap_or_default();
                    match sheets.iter().find(|sheet| *sheet.name == *name) {
                        Some(sheet) => workbook::write(sheet, first, &reasons, out),
                        None => Ok(0),
                    }
                }
            }
        }
    }
}

/// Goes through the rows in the order of the file, and says of each that is refused, on which line it stands and why.
fn for_each_refused(
    stretch: &Stretch<'_>,
    records: &mut dyn Records,
    mut judge: impl FnMut(&Row<'_>) -> Option<String>,
    tell: impl FnMut(u64, &str) -> Result<(), ImportCause>,
) -> Result<(), ImportCause> {
    let tell = std::cell::RefCell::new((tell, Ok(())));
    let told = |line: u64, reason: &str| {
        let (tell, outcome) = &mut *tell.borrow_mut();
        if outcome.is_ok() {
            *outcome = tell(line, reason);
        }
    };
    scan_rows(
        stretch,
        records,
        |_| (),
        |cells| {
            if let Some(first) = cells.first() {
                let reasons: Vec<String> = cells.iter().map(RefusedRow::reason).collect();
                told(first.line, &reasons.join("; "));
            }
        },
        |row| {
            if let Some(reason) = judge(row) {
                told(row.line, &reason);
            }
        },
    )?;
    tell.into_inner().1
}

/// Takes the column of reasons out of a table; returns whether there was one.
pub(super) fn without_reasons(sheet: &mut Sheet) -> bool {
    let is_reasons =
        |cells: &[String]| cells.len() > 1 && cells.last().is_some_and(|cell| is_column(cell));
    let Some(header) = sheet.rows.iter().position(|row| is_reasons(&row.cells)) else {
        return false;
    };
    let rows = sheet.rows.split_off(header);
    let width = rows.first().map_or(0, |row| row.cells.len() - 1);
    for mut row in rows {
        row.cells.truncate(width);
        sheet.push(row.line, row.cells);
    }
    true
}

/// Whether this is the header of the column of reasons.
pub(super) fn is_column(header: &str) -> bool {
    header.trim().eq_ignore_ascii_case(COLUMN)
}
