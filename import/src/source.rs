//! The bytes of a file: what kind of text it is, and what separates its columns.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use csv::ByteRecord;

use super::error::ImportCause;
use super::number::DecimalComma;

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

/// A file whose header was read.
pub(super) struct Source {
    pub(super) header: ByteRecord,
    /// Lines that the header and what stands before it take.
    pub(super) header_lines: u64,
    /// What stands behind the header.
    pub(super) rows: Box<dyn Read>,
    pub(super) format: TextFormat,
    /// Bytes of the file, 0 where that is not known.
    pub(super) size: u64,
}

/// Opens a file, or standard input for `-`, and reads its header.
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
    check_kind(&start)?;
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
    let format = TextFormat { separator, comma };
    let mut reader = format.reader(start.as_slice());
    let mut header = ByteRecord::new();
    reader.read_byte_record(&mut header)?;
    let end = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
    let rows = start.split_off(end.min(start.len()));
    let header_lines = start.iter().filter(|byte| **byte == b'\n').count() as u64;
    Ok(Source {
        header,
        header_lines,
        rows: Box::new(Cursor::new(rows).chain(bytes)),
        format,
        size,
    })
}

fn check_kind(start: &[u8]) -> Result<(), ImportCause> {
    if start.starts_with(b"PK\x03\x04") || start.starts_with(b"\xd0\xcf\x11\xe0") {
        Err(ImportCause::Workbook)
    } else if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
        Err(ImportCause::Utf16)
    } else {
        Ok(())
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
