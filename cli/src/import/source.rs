//! The bytes of a file: what kind of text it is, and what separates its columns.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use super::error::ImportCause;
use super::number::DecimalComma;

/// As much as is looked at before reading begins; a header is far shorter.
const LOOK_AHEAD_BYTES: u64 = 64 * 1024;
const READ_AHEAD_BYTES: usize = 256 * 1024;

/// A file that is ready to be read row by row.
pub(super) struct Source {
    pub(super) reader: csv::Reader<Box<dyn Read>>,
    pub(super) comma: DecimalComma,
    /// Bytes of the file, where that is known.
    pub(super) size: u64,
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
    check_kind(&start)?;
    if start.starts_with(b"\xef\xbb\xbf") {
        start.drain(..3);
    }
    if start.trim_ascii().is_empty() {
        return Err(ImportCause::Empty);
    }
    let separator = separator(&start);
    let reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .buffer_capacity(READ_AHEAD_BYTES)
        .from_reader(Box::new(Cursor::new(start).chain(bytes)) as Box<dyn Read>);
    let comma = if separator == b',' {
        DecimalComma::Refused
    } else {
        DecimalComma::Accepted
    };
    Ok(Source {
        reader,
        comma,
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
