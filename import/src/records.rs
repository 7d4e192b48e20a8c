//! The records of a table, each with its place in the file, whether the table is streamed or held.

use std::io::{Chain, Read};
use std::sync::Arc;

use csv::ByteRecord;

use super::error::ImportCause;
use super::layout::UnfoldedRow;
use super::source::TextFormat;

/// Where a record stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    /// The sheet of a workbook.
    pub(crate) sheet: Option<Arc<str>>,
    /// The line of the text it begins on, or the row of the sheet, from 1.
    pub(crate) line: u64,
    /// The header of the column that its concentration comes from, where that is not the long table's own.
    pub(crate) column: Option<Arc<str>>,
    /// Why the row as a whole is refused, where a layout could not take it apart.
    pub(crate) refusal: Option<Arc<str>>,
}

impl Place {
    /// A line of a text.
    pub(crate) const fn line(line: u64) -> Self {
        Self {
            sheet: None,
            line,
            column: None,
            refusal: None,
        }
    }
}

/// Records one after the other, without the empty ones of spreadsheets.
pub(super) trait Records {
    /// Reads the next record; `None` at the end.
    fn next_record(&mut self, record: &mut ByteRecord) -> Result<Option<Place>, ImportCause>;

    /// Bytes read so far, 0 where they are not counted.
    fn bytes_read(&self) -> u64;
}

/// Put behind the last line: with a line end there a record ends where the next line begins, and so its line is known. A
/// second one tells a quote that is never closed, which takes both for its own, from a cell that ends in a line end.
const BEHIND: &[u8] = b"\n\n";

/// Records of a text.
pub(super) struct TextRecords<R> {
    reader: csv::Reader<Chain<R, &'static [u8]>>,
    first_line: u64,
    /// A record that was read to see whether there is one.
    ahead: Option<ByteRecord>,
    /// The byte behind the last record.
    position: u64,
}

impl<R: Read> TextRecords<R> {
    /// Reads bytes that begin with this line of the file.
    pub(super) fn new(bytes: R, format: TextFormat, first_line: u64) -> Self {
        Self {
            reader: format.reader(bytes.chain(BEHIND)),
            first_line,
            ahead: None,
            position: 0,
        }
    }

    /// The byte behind the last record.
    pub(super) fn position(&self) -> usize {
        usize::try_from(self.position).unwrap_or(usize::MAX)
    }

    /// Reads the next record; its line, or `None` at the end.
    pub(super) fn read(&mut self, record: &mut ByteRecord) -> Result<Option<u64>, ImportCause> {
        loop {
            match self.ahead.take() {
                Some(ahead) => *record = ahead,
                None if self.reader.read_byte_record(record)? => {}
                None => return Ok(None),
            }
            self.position = self.reader.position().byte();
            if record.iter().all(|field| field.trim_ascii().is_empty()) {
                continue;
            }
            let text = record.as_slice();
            let lines_within = if text.contains(&b'\n') {
                line_ends(text)
            } else {
                0
            };
            let next_line = self.reader.position().line() + u64::from(self.is_unclosed(record)?);
            return Ok(Some(self.first_line + next_line - 2 - lines_within));
        }
    }

    /// Whether a quote of the record was never closed, so that it is the last one and no line ended behind it.
    fn is_unclosed(&mut self, record: &ByteRecord) -> Result<bool, ImportCause> {
        if !record.as_slice().ends_with(BEHIND) {
            return Ok(false);
        }
        let mut ahead = ByteRecord::new();
        if self.reader.read_byte_record(&mut ahead)? {
            self.ahead = Some(ahead);
            return Ok(false);
        }
        Ok(true)
    }
}

impl<R: Read> Records for TextRecords<R> {
    fn next_record(&mut self, record: &mut ByteRecord) -> Result<Option<Place>, ImportCause> {
        Ok(self.read(record)?.map(Place::line))
    }

    fn bytes_read(&self) -> u64 {
        self.position
    }
}

/// Rows that are held.
pub(super) struct HeldRecords {
    rows: std::vec::IntoIter<UnfoldedRow>,
}

impl HeldRecords {
    pub(super) fn new(rows: Vec<UnfoldedRow>) -> Self {
        Self {
            rows: rows.into_iter(),
        }
    }
}

impl Records for HeldRecords {
    fn next_record(&mut self, record: &mut ByteRecord) -> Result<Option<Place>, ImportCause> {
        let Some(row) = self.rows.next() else {
            return Ok(None);
        };
        record.clear();
        row.cells
            .iter()
            .for_each(|cell| record.push_field(cell.as_bytes()));
        Ok(Some(row.place))
    }

    fn bytes_read(&self) -> u64 {
        0
    }
}

/// How many lines end in a text.
pub(super) fn line_ends(text: &[u8]) -> u64 {
    text.iter().filter(|byte| **byte == b'\n').count() as u64
}
