//! Lines that end in a carriage return alone, and columns that blanks keep apart, as the CSV reader knows them.

use std::io::{self, Read};

use super::ready::Ready;

/// As much as is held at a time.
const CHUNK_BYTES: usize = 16 * 1024;

/// What has to be changed before a text is read as CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tidy {
    /// A carriage return without a line feed behind it ends a line, as in files of old Macs.
    pub(super) lone_returns: bool,
    /// Two or more blanks between words are one tab.
    pub(super) blanks: bool,
}

/// A text, tidied while it is read.
pub(super) struct Tidying<R> {
    bytes: R,
    tidy: Tidy,
    /// A carriage return that may have its line feed behind it.
    has_return: bool,
    /// Blanks that may be followed by more, or by the end of the line.
    blanks: usize,
    is_line_begin: bool,
    ready: Ready,
    is_end: bool,
}

impl<R: Read> Tidying<R> {
    pub(super) fn new(bytes: R, tidy: Tidy) -> Self {
        Self {
            bytes,
            tidy,
            has_return: false,
            blanks: 0,
            is_line_begin: true,
            ready: Ready::default(),
            is_end: false,
        }
    }

    fn take(&mut self, byte: u8) {
        if self.tidy.lone_returns {
            if std::mem::take(&mut self.has_return) && byte != b'\n' {
                self.pass(b'\n');
            }
            if byte == b'\r' {
                self.has_return = true;
                return;
            }
        }
        self.pass(byte);
    }

    fn pass(&mut self, byte: u8) {
        if !self.tidy.blanks {
            self.ready.end().push(byte);
            return;
        }
        match byte {
            b' ' => self.blanks += 1,
            b'\n' | b'\r' => {
                self.blanks = 0;
                self.is_line_begin = true;
                self.ready.end().push(byte);
            }
            _ => {
                let blanks = std::mem::take(&mut self.blanks);
                match blanks {
                    _ if std::mem::take(&mut self.is_line_begin) => {}
                    0 => {}
                    1 => self.ready.end().push(b' '),
                    _ => self.ready.end().push(b'\t'),
                }
                self.ready.end().push(byte);
            }
        }
    }
}

impl<R: Read> Read for Tidying<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while self.ready.is_empty() && !self.is_end {
            let mut chunk = vec![0; CHUNK_BYTES];
            let count = self.bytes.read(&mut chunk)?;
            for byte in chunk.get(..count).unwrap_or_default() {
                self.take(*byte);
            }
            if count == 0 {
                self.is_end = true;
                if self.has_return {
                    self.pass(b'\n');
                }
            }
        }
        Ok(self.ready.hand_over(buffer))
    }
}

/// Whether some line of a text ends in a carriage return alone. One at the very end may have lost its line feed.
pub(super) fn has_lone_returns(text: &[u8]) -> bool {
    let mut is_quoted = false;
    text.windows(2).any(|pair| match pair {
        [b'"', _] => {
            is_quoted = !is_quoted;
            false
        }
        [b'\r', next] => *next != b'\n' && !is_quoted,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests may panic")]

    use std::io::Read as _;

    use super::{Tidy, Tidying, has_lone_returns};

    fn tidied(text: &str, tidy: Tidy) -> String {
        let mut read = String::new();
        Tidying::new(text.as_bytes(), tidy)
            .read_to_string(&mut read)
            .unwrap();
        read
    }

    #[test]
    fn every_line_ends_in_a_line_feed() {
        let tidy = Tidy {
            lone_returns: true,
            ..Tidy::default()
        };
        assert_eq!(tidied("a\rb\r\nc\nd\r", tidy), "a\nb\nc\nd\n");
        assert!(has_lone_returns(b"a\rb"));
        assert!(!has_lone_returns(b"a\r\nb\r\n\r"));
        assert!(!has_lone_returns(b"\"a\rb\"\r\n"));
    }

    #[test]
    fn blanks_between_words_are_tabs() {
        let tidy = Tidy {
            blanks: true,
            ..Tidy::default()
        };
        assert_eq!(
            tidied(
                "  id    taken at   value  \n A  2026-03-01 07:05    1.5\n",
                tidy
            ),
            "id\ttaken at\tvalue\nA\t2026-03-01 07:05\t1.5\n"
        );
    }
}
