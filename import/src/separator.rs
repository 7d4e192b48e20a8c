//! What separates the columns of a text.

use std::fmt;
use std::str::FromStr;

/// A separator of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tab.
    Tab,
    /// `|`
    Bar,
    /// Two or more blanks, which align columns.
    Blanks,
}

impl Separator {
    /// All of them, the most usual first.
    pub(super) const ALL: [Self; 5] = [
        Self::Comma,
        Self::Semicolon,
        Self::Tab,
        Self::Bar,
        Self::Blanks,
    ];

    /// The byte that the CSV reader is told. Blanks were made tabs before.
    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab | Self::Blanks => b'\t',
            Self::Bar => b'|',
        }
    }

    /// The name that [`FromStr`] reads.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Comma => ",",
            Self::Semicolon => ";",
            Self::Tab => "tab",
            Self::Bar => "|",
            Self::Blanks => "blanks",
        }
    }

    /// The one that the first line with anything on it has most of; a comma where it has none.
    pub(super) fn of_first_line(start: &[u8]) -> Self {
        let mut is_quoted = false;
        let mut counts = [Self::Comma, Self::Semicolon, Self::Tab, Self::Bar].map(|of| (of, 0));
        for &byte in start.trim_ascii_start() {
            match byte {
                b'"' => is_quoted = !is_quoted,
                b'\n' | b'\r' if !is_quoted => break,
                _ if is_quoted => {}
                _ => counts
                    .iter_mut()
                    .filter(|(separator, _)| separator.byte() == byte)
                    .for_each(|(_, count)| *count += 1),
            }
        }
        let mut best = (Self::Comma, 0);
        for (separator, count) in counts {
            if count > best.1 {
                best = (separator, count);
            }
        }
        best.0
    }
}

impl Separator {
    /// The one that stands on the most lines, of a table that may begin further down.
    pub(super) fn of_table(start: &[u8]) -> Self {
        let counts = |separator: Self| {
            let lines = start.split(|byte| *byte == b'\n' || *byte == b'\r');
            let in_line = |line: &[u8]| {
                let found = line.iter().filter(|byte| **byte == separator.byte());
                found.count()
            };
            lines.map(in_line).fold((0, 0), |(lines, all), count| {
                (lines + usize::from(count > 0), all + count)
            })
        };
        let mut best = (Self::Comma, counts(Self::Comma));
        for separator in [Self::Semicolon, Self::Tab, Self::Bar] {
            let found = counts(separator);
            if found.0 > 0 && found >= best.1 {
                best = (separator, found);
            }
        }
        best.0
    }
}

impl fmt::Display for Separator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tab => f.write_str("tabs"),
            Self::Blanks => f.write_str("blanks"),
            other => write!(f, "`{}`", other.name()),
        }
    }
}

impl FromStr for Separator {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_lowercase().as_str() {
            "," | "comma" => Ok(Self::Comma),
            ";" | "semicolon" => Ok(Self::Semicolon),
            "tab" | "\t" | "\\t" => Ok(Self::Tab),
            "|" | "bar" | "pipe" => Ok(Self::Bar),
            "blanks" | "spaces" => Ok(Self::Blanks),
            _ => Err(format!("`{text}` is none of `,`, `;`, tab, `|`, blanks")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Separator;

    #[test]
    fn the_header_shows_the_separator() {
        let of = Separator::of_first_line;
        assert_eq!(of(b"id,time,cortisol\n1;2;3;4;5"), Separator::Comma);
        assert_eq!(of(b"\n\nid;time;\"a,b,c,d\"\n"), Separator::Semicolon);
        assert_eq!(of(b"id\ttime\tcortisol"), Separator::Tab);
        assert_eq!(of(b"id|time|cortisol, total"), Separator::Bar);
        assert_eq!(of(b"id\n"), Separator::Comma);
    }

    #[test]
    fn names_are_read_back() {
        for separator in Separator::ALL {
            assert_eq!(separator.name().parse(), Ok(separator));
        }
    }
}
