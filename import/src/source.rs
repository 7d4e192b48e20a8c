//! The bytes of a file: what kind of text it is, and what separates its columns.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use csv::ByteRecord;

use super::error::ImportCause;
use super::number::DecimalComma;
use super::records::line_ends;
use super::sheet::{LONGEST_TEXT_BYTES, Sheet};
use super::workbook;

/// As much as is looked at before reading begins; a header is far shorter.
const LOOK_AHEAD_BYTES: u64 = 64 * 1024;
const READ_AHEAD_BYTES: usize = 256 * 1024;

/// How the text of a file is to be taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextFormat {
    pub(super) separator: u8,
    pub(super) comma: DecimalComma,
}

impl TextFormat {
    /// Records of a text whose lines end in a line feed. A carriage return before it is a blank of the last field, and
    /// fields are read without the blanks around them.
    pub(super) fn reader<R: Read>(self, bytes: R) -> csv::Reader<R> {
        csv::ReaderBuilder::new()
            .has_headers(false)
            .delimiter(self.separator)
            .terminator(csv::Terminator::Any(b'\n'))
            .flexible(true)
            .buffer_capacity(READ_AHEAD_BYTES)
            .from_reader(bytes)
    }
}

/// A file, told by its first bytes.
pub(super) enum Source {
    /// Text in UTF-8.
    Text(Text),
    /// A workbook's sheets.
    Workbook(Vec<Sheet>),
}

/// A text of which the beginning was looked at.
pub(super) struct Text {
    /// The beginning, without a byte order mark. All of a short text.
    start: Vec<u8>,
    rest: Box<dyn Read>,
    /// Bytes of the file, 0 where that is not known.
    pub(super) size: u64,
    pub(super) format: TextFormat,
}

/// Opens a file, or standard input for `-`.
pub(super) fn open(path: &Path) -> Result<Source, ImportCause> {
    let (mut bytes, size): (Box<dyn Read>, u64) = if path.as_os_str() == "-" {
        (Box::new(io::stdin()), 0)
    } else {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        (Box::new(file), size)
    };
    let mut start = Vec::new();
    bytes
        .by_ref()
        .take(LOOK_AHEAD_BYTES)
        .read_to_end(&mut start)?;
    if workbook::is_workbook(&start) {
        let whole = whole("workbook", start, bytes, workbook::LARGEST_BYTES)?;
        return Ok(Source::Workbook(workbook::sheets(whole)?));
    }
    if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
        return Err(ImportCause::Utf16);
    }
    if start.starts_with(b"\xef\xbb\xbf") {
        start.drain(..3);
    }
    if start.trim_ascii().is_empty() {
        return Err(ImportCause::Empty);
    }
    let separator = separator(&start);
    let comma = if separator == b',' {
        DecimalComma::Refused
    } else {
        DecimalComma::Accepted
    };
    Ok(Source::Text(Text {
        start,
        rest: bytes,
        size,
        format: TextFormat { separator, comma },
    }))
}

/// All bytes of a file.
fn whole(
    what: &'static str,
    mut start: Vec<u8>,
    rest: impl Read,
    most: u64,
) -> Result<Vec<u8>, ImportCause> {
    let room = (most + 1).saturating_sub(start.len() as u64);
    rest.take(room).read_to_end(&mut start)?;
    if start.len() as u64 > most {
        return Err(ImportCause::TooLarge {
            what,
            most_mib: most / (1024 * 1024),
        });
    }
    Ok(start)
}

/// A text whose first record was read.
pub(super) struct Headed {
    pub(super) header: ByteRecord,
    /// What stands behind the header.
    pub(super) rows: Box<dyn Read>,
    /// The line on which it begins, from 1.
    pub(super) first_line: u64,
}

impl Text {
    /// The first record.
    pub(super) fn first_record(&self) -> Result<ByteRecord, ImportCause> {
        let mut header = ByteRecord::new();
        self.format
            .reader(self.start.as_slice())
            .read_byte_record(&mut header)?;
        Ok(header)
    }

    /// The first record and, apart from it, what stands behind.
    pub(super) fn headed(mut self) -> Result<Headed, ImportCause> {
        let mut reader = self.format.reader(self.start.as_slice());
        let mut header = ByteRecord::new();
        reader.read_byte_record(&mut header)?;
        let end = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
        let rows = self.start.split_off(end.min(self.start.len()));
        Ok(Headed {
            header,
            first_line: line_ends(&self.start) + 1,
            rows: Box::new(Cursor::new(rows).chain(self.rest)),
        })
    }

    /// The text as one table.
    pub(super) fn sheet(self) -> Result<Sheet, ImportCause> {
        let text = whole("text", self.start, self.rest, LONGEST_TEXT_BYTES)?;
        Sheet::of_text(&text, self.format)
    }
}

/// The separator that the header line has most of.
fn separator(start: &[u8]) -> u8 {
    let mut is_quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for &byte in start {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted => break,
            _ if is_quoted => {}
            _ => counts
                .iter_mut()
                .filter(|(separator, _)| *separator == byte)
                .for_each(|(_, count)| *count += 1),
        }
    }
    let mut best = (b',', 0);
    for (separator, count) in counts {
        if count > best.1 {
            best = (separator, count);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::separator;

    #[test]
    fn the_header_shows_the_separator() {
        assert_eq!(separator(b"id,time,cortisol\n1;2;3;4;5"), b',');
        assert_eq!(separator(b"id;time;\"a,b,c,d\"\n"), b';');
        assert_eq!(separator(b"id\ttime\tcortisol"), b'\t');
        assert_eq!(separator(b"id\n"), b',');
    }
}
