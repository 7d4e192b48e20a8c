//! Any CSV with a header as columns of text, whatever they are called.

mod cells;

use std::path::Path;

use csv::ByteRecord;

use self::cells::Cells;
use super::error::{ImportCause, ImportError};
use super::number::DecimalComma;
use super::records::{HeldRecords, Place, Records, TextRecords};
use super::samples;
use super::scan::Progress;
use super::sheet::Sheet;
use super::source::{self, Source};

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
    match source::open(path)? {
        Source::Text(text) => {
            let (format, size) = (text.format, text.size);
            let headed = text.headed()?;
            let records = TextRecords::new(headed.rows, format, headed.first_line);
            read_columns(&headed.header, records, format.comma, is_wanted, |bytes| {
                progress(bytes, size);
            })
        }
        Source::Workbook(sheets) => {
            let (header, rows) = samples::long_rows(only_sheet(sheets)?)?;
            let records = HeldRecords::new(rows);
            let progress = |bytes| progress(bytes, 0);
            read_columns(
                &header,
                records,
                DecimalComma::Accepted,
                is_wanted,
                progress,
            )
        }
    }
}

fn only_sheet(sheets: Vec<Sheet>) -> Result<Sheet, ImportCause> {
    let [sheet] = <[Sheet; 1]>::try_from(sheets).map_err(|sheets| ImportCause::SheetAmbiguous {
        sheets: samples::names(&sheets),
        found: sheets.len(),
    })?;
    Ok(sheet)
}

fn read_columns(
    header: &ByteRecord,
    mut records: impl Records,
    comma: DecimalComma,
    is_wanted: impl Fn(&str) -> bool,
    mut progress: impl FnMut(u64),
) -> Result<TextTable, ImportCause> {
    let headers = header
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
    let mut record = ByteRecord::new();
    while let Some(Place { line, .. }) = records.next_record(&mut record)? {
        if record.len() != headers.len() {
            return Err(ImportCause::FieldCount {
                line,
                found: record.len(),
                expected: headers.len(),
            });
        }
        for (position, cells) in &mut columns {
            let cell = record.get(*position).unwrap_or_default();
            let text = str::from_utf8(cell).map_err(|_| ImportCause::CellNotUtf8 { line })?;
            cells.push(text.trim());
        }
        lines.push(line);
        if (lines.len() as u64).is_multiple_of(ROWS_A_STEP) {
            progress(records.bytes_read());
        }
    }
    Ok(TextTable {
        headers,
        columns,
        lines,
        comma,
    })
}
