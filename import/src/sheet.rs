//! A table held as a whole: a sheet of a workbook, or a text that is no plain long table.

use super::error::ImportCause;
use super::number::DecimalComma;
use super::source::TextFormat;

/// The longest text that is held as a whole. Long tables are streamed and have no such limit.
pub(super) const LONGEST_TEXT_BYTES: u64 = 64 * 1024 * 1024;
/// The most cells that are held as a whole, blank ones between others included.
pub(super) const MOST_CELLS: usize = 4_000_000;

/// Rows of text cells.
#[derive(Debug, Clone)]
pub(crate) struct Sheet {
    /// The name in the workbook; empty for a text.
    pub(crate) name: String,
    /// Rows with something in them, in the file's order.
    pub(crate) rows: Vec<SheetRow>,
    /// How commas in cells are to be taken.
    pub(crate) comma: DecimalComma,
}

/// A row. Cells have no blanks around them, and blank cells at the end are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SheetRow {
    /// The line of the text or the row of the sheet, from 1.
    pub(crate) line: u64,
    /// Dates and times stand as `2026-03-01T07:05:00`, `2026-03-01` and `07:05:00`, numbers with a decimal point and as
    /// many digits as tell them apart, errors as `#N/A`.
    pub(crate) cells: Vec<String>,
}

impl Sheet {
    /// A text as a whole. Bytes that are not UTF-8 become U+FFFD.
    ///
    /// # Errors
    /// It is not CSV, or has more cells than are held.
    pub(super) fn of_text(
        text: &[u8],
        format: TextFormat,
        comma: DecimalComma,
    ) -> Result<Self, ImportCause> {
        let mut sheet = Self {
            name: String::new(),
            rows: Vec::new(),
            comma,
        };
        let mut cells_held = 0;
        let mut records = super::records::TextRecords::new(text, format, 1);
        let mut record = csv::ByteRecord::new();
        while let Some(line) = records.read(&mut record)? {
            cells_held += record.len();
            if cells_held > MOST_CELLS {
                return Err(ImportCause::TooManyCells { most: MOST_CELLS });
            }
            let cells = record
                .iter()
                .map(|cell| String::from_utf8_lossy(cell).trim().to_owned())
                .collect();
            sheet.push(line, cells);
        }
        Ok(sheet)
    }

    /// Adds a row, unless nothing is in it.
    pub(super) fn push(&mut self, line: u64, mut cells: Vec<String>) {
        let width = cells
            .iter()
            .rposition(|cell| !cell.is_empty())
            .map_or(0, |last| last + 1);
        cells.truncate(width);
        if !cells.is_empty() {
            self.rows.push(SheetRow { line, cells });
        }
    }
}
