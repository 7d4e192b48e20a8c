//! Any CSV with a header as columns of text, whatever they are called.

mod cells;

use std::path::Path;

use csv::ByteRecord;

use self::cells::Cells;
use super::error::{ImportCause, ImportError};
use super::number::DecimalComma;
use super::options::ImportOptions;
use super::records::{HeldRecords, Place, Records, TextRecords};
use super::scan::Progress;
use super::separator::Separator;
use super::sheet::Sheet;
use super::source::{self, Source, TextFormat};
use super::tidying::Tidy;
use super::{habits, heading, samples};

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
    /// Reads the columns that are wanted. Of the options those hold that say how the table stands in the file.
    ///
    /// # Errors
    /// The file cannot be read, its header cannot be understood, a row has another number of fields, or a cell is not
    /// UTF-8.
    pub fn read(
        path: &Path,
        options: &ImportOptions,
        is_wanted: impl Fn(&str) -> bool,
        progress: Progress<'_>,
    ) -> Result<Self, ImportError> {
        read(path, options, is_wanted, progress).map_err(|cause| ImportError::new(path, cause))
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
    options: &ImportOptions,
    is_wanted: impl Fn(&str) -> bool,
    progress: Progress<'_>,
) -> Result<TextTable, ImportCause> {
    match source::open(path, options)? {
        Source::Text(mut text) => {
            let separator = options.separator.unwrap_or_else(|| text.likely_separator());
            if separator == Separator::Blanks {
                text = text.tidied(Tidy {
                    blanks: true,
                    ..Tidy::default()
                })?;
            }
            let (format, size) = (TextFormat::new(separator), text.size);
            let (header, end) = heading::told(&text, format, options)?;
            let first_line = text.lines_before(end) + 1;
            let records = TextRecords::new(text.behind(end), format, first_line);
            let comma = options
                .decimal
                .map_or(source::comma(separator), DecimalComma::from);
            read_columns(&header, records, comma, is_wanted, |bytes| {
                progress(bytes, size);
            })
        }
        Source::Workbook(sheets) => {
            let sheet = only(samples::chosen(sheets, options)?)?;
            let row = options.header_row;
            let at = match row {
                None => Some(0),
                Some(told) => sheet.rows.iter().position(|row| row.line == told),
            };
            let header = at
                .and_then(|at| sheet.rows.get(at))
                .map(|row| row.cells.clone());
            let (Some(at), Some(header)) = (at, header) else {
                let row = row.unwrap_or(1);
                return Err(ImportCause::HeaderRowEmpty { row });
            };
            let records = HeldRecords::new(samples::rows_behind(sheet, at + 1, header.len()));
            let header = ByteRecord::from(header);
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

fn only(sheets: Vec<Sheet>) -> Result<Sheet, ImportCause> {
    let [sheet] = <[Sheet; 1]>::try_from(sheets).map_err(|sheets| ImportCause::SheetAmbiguous {
        sheets: samples::names(&sheets),
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
    let mut shown = columns.iter();
    let has_decimal_comma = comma == DecimalComma::Accepted
        && shown.any(|(_, cells)| cells.iter().any(habits::is_decimal_comma));
    Ok(TextTable {
        headers,
        columns,
        lines,
        comma: if has_decimal_comma {
            DecimalComma::Usual
        } else {
            comma
        },
    })
}
