//! Refused rows of a text, byte for byte.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use super::raw::{RawRecord, RawRecords};
use super::{COLUMN, is_column};
use crate::encoding::Met;
use crate::error::ImportCause;
use crate::separator::Separator;
use crate::source::Text;
use crate::tidying::Tidy;

/// Copies rows from one text to another. They are held until all are there: only then is the encoding known for good.
pub(super) struct Copy {
    records: RawRecords<BufReader<Box<dyn Read>>>,
    separator: u8,
    first_line: u64,
    encoding: Met,
    copied: Vec<u8>,
    /// Cells a row when the last of them is a reason already.
    reasoned: Option<usize>,
    /// Where cells that a row lacks at its end count as blank, as many as the header has, so that the reason stands under
    /// its header. In a long table such a row is refused for it, and stays as it is.
    width: Option<usize>,
    fills: bool,
    /// The row under way, and why it is refused.
    open: Option<(RawRecord, String)>,
    rows: u64,
}

impl Copy {
    /// Copies from a text whose rows begin on a line. `fills`: a row may lack blank cells at its end. Columns that blanks
    /// keep apart are kept apart by tabs.
    pub(super) fn new(
        mut text: Text,
        separator: Separator,
        first_line: u64,
        fills: bool,
    ) -> Result<Self, ImportCause> {
        if separator == Separator::Blanks {
            text = text.tidied(Tidy {
                blanks: true,
                ..Tidy::default()
            })?;
        }
        Ok(Self {
            separator: separator.byte(),
            first_line,
            encoding: Met::clone(&text.encoding),
            records: RawRecords::new(BufReader::new(text.behind(0)), separator.byte()),
            copied: Vec::new(),
            reasoned: None,
            width: None,
            fills,
            open: None,
            rows: 0,
        })
    }

    /// Copies the row on a line, which may not be before that of the call before.
    pub(super) fn reject(&mut self, line: u64, reason: &str) -> Result<(), ImportCause> {
        if let Some((open, reasons)) = &mut self.open
            && open.line == line
        {
            reasons.push_str("; ");
            reasons.push_str(reason);
            return Ok(());
        }
        self.copy_open();
        if self.rows == 0 {
            self.copy_head()?;
        }
        while let Some(record) = self.records.read()? {
            if record.line == line {
                self.rows += 1;
                self.open = Some((record, reason.to_owned()));
                break;
            }
        }
        Ok(())
    }

    /// Writes what was copied, as the file at `path` is encoded; returns how many rows that are.
    pub(super) fn finish(mut self, path: &Path, out: &mut dyn Write) -> Result<u64, ImportCause> {
        self.copy_open();
        if self.rows > 0 {
            out.write_all(&mark(path)?)?;
            out.write_all(&self.encoding.get().encode(self.copied))?;
            out.flush()?;
        }
        Ok(self.rows)
    }

    /// What stands above the rows, with a header for the reasons in the last line of it.
    fn copy_head(&mut self) -> Result<(), ImportCause> {
        let mut head = Vec::new();
        while head.last().map_or(1, following) < self.first_line {
            let Some(record) = self.records.read()? else {
                break;
            };
            head.push(record);
        }
        let header = head
            .iter()
            .rposition(|record| !record.is_blank(self.separator));
        for (at, record) in head.iter().enumerate() {
            if Some(at) != header {
                self.copied.extend(&record.text);
                self.copied.extend(&record.end);
                continue;
            }
            let last = String::from_utf8_lossy(record.last_cell());
            if is_column(last.trim_matches('"')) {
                self.reasoned = Some(record.cells);
            }
            self.width = Some(record.cells).filter(|_| self.fills);
            self.copy_with(record, COLUMN);
        }
        Ok(())
    }

    fn copy_open(&mut self) {
        if let Some((record, reason)) = self.open.take() {
            self.copy_with(&record, &reason);
        }
    }

    /// A record with one cell more, or with another last one where that was a reason.
    fn copy_with(&mut self, record: &RawRecord, cell: &str) {
        let text = if self.reasoned == Some(record.cells) {
            record.text.get(..record.last.saturating_sub(1))
        } else {
            Some(record.text.as_slice())
        };
        let end: &[u8] = if record.end.is_empty() {
            b"\n"
        } else {
            &record.end
        };
        let lacking = self
            .width
            .map_or(0, |width| width.saturating_sub(record.cells));
        let cell = self.quoted(cell);
        self.copied.extend(text.unwrap_or_default());
        self.copied.extend(vec![self.separator; lacking + 1]);
        self.copied.extend(cell.as_bytes());
        self.copied.extend(end);
    }

    /// A cell on one line, within quotes where it needs them.
    fn quoted(&self, cell: &str) -> String {
        let cell = cell.replace(['\r', '\n'], " ");
        if cell.contains('"') || cell.bytes().any(|byte| byte == self.separator) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell
        }
    }
}

/// The line behind a record.
fn following(record: &RawRecord) -> u64 {
    record.line + crate::records::line_ends(&record.text) + 1
}

/// The byte order mark that a file begins with; empty where it has none.
fn mark(path: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    File::open(path)?.take(3).read_to_end(&mut start)?;
    let marks = [b"\xef\xbb\xbf".as_slice(), b"\xff\xfe", b"\xfe\xff"];
    let mark = marks.into_iter().find(|mark| start.starts_with(mark));
    Ok(mark.unwrap_or_default().to_vec())
}
