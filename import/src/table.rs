//! Any CSV with a header as columns of text, whatever they are called.

mod cells;

use std::io::Read as _;
use std::path::Path;

use csv::ByteRecord;

use self::cells::Cells;
use super::error::{ImportCause, ImportError};
use super::number::DecimalComma;
use super::scan::Progress;
use super::source;

pub use self::cells::ColumnKind;

/// Progress is told every so many rows.
const ROWS_A_STEP: u64 = 16_384;

/// Some columns of a file, as they stand there.
#[derive(Debug)]
pub struct TextTable {
    headers: Vec<String>,
    columns: Vec<(usize, Cells)>,
    lines: Vec<u64>,
    comma: DecimalComma,
}

impl TextTable {
    /// Reads the columns that are wanted.
    ///
    /// # Errors
    /// The file cannot be read, its header cannot be understood, a row has another number of fields, or a cell is not
    /// UTF-8.
    pub fn read(
        path: &Path,
        is_wanted: impl Fn(&str) -> bool,
        progress: Progress<'_>,
    ) -> Result<Self, ImportError> {
        read(path, is_wanted, progress).map_err(|cause| ImportError::new(path, cause))
    }

    /// All headers of the file, read or not.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().map(String::as_str)
    }

    /// The line of the file that each row begins on, from 1.
    pub fn lines(&self) -> &[u64] {
        &self.lines
    }

    /// The columns that were read, under their headers.
    pub fn columns(&self) -> impl Iterator<Item = (&str, ColumnKind<'_>)> {
        self.columns.iter().filter_map(|(position, cells)| {
            let header = self.headers.get(*position)?;
            Some((header.as_str(), ColumnKind::new(cells, self.comma)))
        })
    }
}

fn read(
    path: &Path,
    is_wanted: impl Fn(&str) -> bool,
    progress: Progress<'_>,
) -> Result<TextTable, ImportCause> {
    let source = source::open(path)?;
    let headers = source
        .header
        .iter()
        .map(|field| str::from_utf8(field).map(|text| text.trim().to_owned()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| ImportCause::HeaderNotUtf8)?;
    let mut columns: Vec<(usize, Cells)> = Vec::new();
    for (position, header) in headers.iter().enumerate() {
        if is_wanted(header) {
            if headers.iter().filter(|other| *other == header).count() > 1 {
                let header = header.clone();
                return Err(ImportCause::WantedTwice { header });
            }
            columns.push((position, Cells::default()));
        }
    }
    let mut lines = Vec::new();
    // With a line end behind the last line, a record ends where the next line begins, and so its line is known.
    let mut records = source.format.reader(source.rows.chain(b"\n".as_slice()));
    let mut record = ByteRecord::new();
    while records.read_byte_record(&mut record)? {
        // A spreadsheet's empty lines.
        if record.iter().all(|field| field.trim_ascii().is_empty()) {
            continue;
        }
        let text = record.as_slice();
        let lines_within = text.iter().filter(|byte| **byte == b'\n').count() as u64;
        let begins_on = source.header_lines + records.position().line() - 1 - lines_within;
        if record.len() != headers.len() {
            return Err(ImportCause::FieldCount {
                line: begins_on,
                found: record.len(),
                expected: headers.len(),
            });
        }
        for (position, cells) in &mut columns {
            let cell = record.get(*position).unwrap_or_default();
            let text =
                str::from_utf8(cell).map_err(|_| ImportCause::CellNotUtf8 { line: begins_on })?;
            cells.push(text.trim());
        }
        lines.push(begins_on);
        if (lines.len() as u64).is_multiple_of(ROWS_A_STEP) {
            progress(records.position().byte(), source.size);
        }
    }
    Ok(TextTable {
        headers,
        columns,
        lines,
        comma: source.format.comma,
    })
}
