//! Records of a text as they are written, quotes and line ends included.

use std::io::{self, BufRead};

/// Reads records one after the other.
pub(super) struct RawRecords<R> {
    bytes: R,
    separator: u8,
    /// The line that the next record begins on, from 1.
    line: u64,
}

/// A record.
#[derive(Debug, Default)]
pub(super) struct RawRecord {
    /// The line that it begins on.
    pub(super) line: u64,
    /// All of it, without its line end.
    pub(super) text: Vec<u8>,
    /// Its line end; empty where the file ends without one.
    pub(super) end: Vec<u8>,
    /// How many cells.
    pub(super) cells: usize,
    /// Where the last cell begins.
    pub(super) last: usize,
}

/// Where in a cell the reader is; as the csv crate takes quotes.
#[derive(Clone, Copy, PartialEq)]
enum Within {
    Start,
    Plain,
    Quoted,
    /// Behind a quote that ends the quoted part, unless another follows.
    Quote,
}

impl<R: BufRead> RawRecords<R> {
    pub(super) const fn new(bytes: R, separator: u8) -> Self {
        Self {
            bytes,
            separator,
            line: 1,
        }
    }

    /// The next record, blank ones included; `None` at the end.
    pub(super) fn read(&mut self) -> io::Result<Option<RawRecord>> {
        let mut record = RawRecord {
            line: self.line,
            cells: 1,
            ..RawRecord::default()
        };
        let mut within = Within::Start;
        loop {
            let seen = record.text.len();
            if self.bytes.read_until(b'\n', &mut record.text)? == 0 {
                break;
            }
            for (at, &byte) in record.text.iter().enumerate().skip(seen) {
                within = match (within, byte) {
                    (Within::Quoted, b'"') => Within::Quote,
                    (Within::Quoted, _) | (Within::Start | Within::Quote, b'"') => Within::Quoted,
                    (_, byte) if byte == self.separator => {
                        record.cells += 1;
                        record.last = at + 1;
                        Within::Start
                    }
                    _ => Within::Plain,
                };
            }
            self.line += 1;
            let is_whole = within != Within::Quoted;
            if is_whole {
                break;
            }
        }
        if record.text.is_empty() {
            return Ok(None);
        }
        let ends = [b"\r\n".as_slice(), b"\n"];
        let end = ends.into_iter().find(|end| record.text.ends_with(end));
        let width = record.text.len() - end.map_or(0, <[u8]>::len);
        record.end = record.text.split_off(width);
        Ok(Some(record))
    }
}

impl RawRecord {
    pub(super) fn is_blank(&self, separator: u8) -> bool {
        self.text
            .iter()
            .all(|byte| *byte == separator || *byte == b'"' || byte.is_ascii_whitespace())
    }

    /// The last cell.
    pub(super) fn last_cell(&self) -> &[u8] {
        self.text.get(self.last..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests may panic")]

    use super::RawRecords;

    #[test]
    fn records_are_those_of_the_csv_reader() {
        let text = b"a,\"b\nb\",c\r\n\n\"x\"\"y\",\"z\",u\"v\n\"q\"q,r\nlast";
        let mut raw = RawRecords::new(text.as_slice(), b',');
        let mut whole: Vec<u8> = Vec::new();
        let mut seen = Vec::new();
        while let Some(record) = raw.read().unwrap() {
            whole.extend(record.text.iter().chain(&record.end));
            seen.push((record.line, record.cells));
        }
        assert_eq!(whole, text);
        assert_eq!(seen, [(1, 3), (3, 1), (4, 3), (5, 2), (6, 1)]);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(csv::Terminator::Any(b'\n'))
            .from_reader(text.as_slice());
        let cells: Vec<usize> = reader
            .byte_records()
            .map(|record| record.unwrap().len())
            .collect();
        let filled: Vec<usize> = seen
            .iter()
            .filter(|(line, _)| *line != 3)
            .map(|(_, cells)| *cells)
            .collect();
        assert_eq!(cells, filled);
    }
}
