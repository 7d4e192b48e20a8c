//! The bytes of a file: a workbook, or a text as UTF-8 whose lines end in line feeds.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use csv::ByteRecord;

use super::encoding::{self, Decoding, Encoding, Met};
use super::error::ImportCause;
use super::heading::Heading;
use super::number::DecimalComma;
use super::options::ImportOptions;
use super::records::{TextRecords, line_ends};
use super::separator::Separator;
use super::sheet::{LONGEST_TEXT_BYTES, Sheet};
use super::tidying::{Tidy, Tidying, has_lone_returns};
use super::workbook;

/// As much as is looked at before reading begins; a header is far shorter.
const LOOK_AHEAD_BYTES: u64 = 64 * 1024;
/// In binary data more than one in so many bytes is a control character.
const ODD_SHARE: usize = 20;
/// What programs write that name their pages `.xls`.
const PAGE: &str =
    "a page of HTML or XML; open it in a spreadsheet program and save it as .xlsx or CSV";
const READ_AHEAD_BYTES: usize = 256 * 1024;

/// How the text of a file is to be taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextFormat {
    separator: u8,
}

impl TextFormat {
    pub(super) const fn new(separator: Separator) -> Self {
        Self {
            separator: separator.byte(),
        }
    }

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

/// How commas in numbers may be taken beside this separator, before a number was seen.
pub(super) const fn comma(separator: Separator) -> DecimalComma {
    match separator {
        Separator::Comma => DecimalComma::Refused,
        _ => DecimalComma::Accepted,
    }
}

/// A file, told by its first bytes.
pub(super) enum Source {
    /// Text.
    Text(Text),
    /// A workbook's sheets.
    Workbook(Vec<Sheet>),
}

/// A text of which the beginning was looked at.
pub(super) struct Text {
    /// The beginning, without a byte order mark.
    start: Vec<u8>,
    /// Whether that is all.
    pub(super) is_whole: bool,
    rest: Box<dyn Read>,
    /// Bytes of the file, 0 where that is not known.
    pub(super) size: u64,
    /// How characters stood in the bytes, as far as they were read.
    pub(super) encoding: Met,
}

/// Opens a file, or standard input for `-`.
pub(super) fn open(path: &Path, options: &ImportOptions) -> Result<Source, ImportCause> {
    let (bytes, size): (Box<dyn Read>, u64) = if path.as_os_str() == "-" {
        (Box::new(io::stdin()), 0)
    } else {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        (Box::new(file), size)
    };
    of_bytes(bytes, size, options)
}

/// Finds out what these bytes are.
pub(super) fn of_bytes(
    mut bytes: Box<dyn Read>,
    size: u64,
    options: &ImportOptions,
) -> Result<Source, ImportCause> {
    let start = look_ahead(&mut bytes)?;
    if workbook::is_workbook(&start) {
        let whole = whole("workbook", start, bytes, workbook::LARGEST_BYTES)?;
        return Ok(Source::Workbook(workbook::sheets(whole)?));
    }
    let stated = options.encoding.or_else(|| encoding::of_start(&start));
    check_kind(&start, stated)?;
    let decoding = Decoding::new(Cursor::new(start).chain(bytes), stated);
    let encoding = decoding.met();
    let mut text = Text::new(Box::new(decoding), size, encoding)?;
    if text.start.starts_with(b"\xef\xbb\xbf") {
        text.start.drain(..3);
    }
    if text.start.trim_ascii().is_empty() {
        return Err(ImportCause::Empty);
    }
    if has_lone_returns(&text.start) {
        text = text.tidied(Tidy {
            lone_returns: true,
            ..Tidy::default()
        })?;
    }
    Ok(Source::Text(text))
}

/// Refuses what is no text at all.
fn check_kind(start: &[u8], encoding: Option<Encoding>) -> Result<(), ImportCause> {
    const KINDS: [(&[u8], &str); 8] = [
        (b"\x1f\x8b", "a gzip archive; unpack it first"),
        (b"%PDF", "a PDF; export the table as CSV or .xlsx instead"),
        (b"$FL", "an SPSS file; save it as CSV or .xlsx"),
        (b"PAR1", "a Parquet file; write it as CSV"),
        (
            b"{\\rtf",
            "a word processor's document; save the table as CSV or .xlsx",
        ),
        (b"<html", PAGE),
        (b"<!DOCTYPE", PAGE),
        (b"<?xml", PAGE),
    ];
    let start = start.trim_ascii_start();
    let known = KINDS
        .iter()
        .find(|(beginning, _)| start.starts_with(beginning));
    if let Some(&(_, kind)) = known {
        return Err(ImportCause::NotText { kind });
    }
    if encoding.is_none() && is_binary(start) {
        return Err(ImportCause::NotText {
            kind: "neither text nor a workbook; export the table as CSV or .xlsx",
        });
    }
    Ok(())
}

/// Whether bytes are in it that no text has, or too many that hardly any has.
fn is_binary(start: &[u8]) -> bool {
    let is_odd = |byte: &&u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    start.contains(&0) || start.iter().filter(is_odd).count() * ODD_SHARE > start.len()
}

fn look_ahead(bytes: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    bytes.take(LOOK_AHEAD_BYTES).read_to_end(&mut start)?;
    Ok(start)
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

impl Text {
    fn new(mut bytes: Box<dyn Read>, size: u64, encoding: Met) -> io::Result<Self> {
        let start = look_ahead(&mut bytes)?;
        Ok(Self {
            is_whole: (start.len() as u64) < LOOK_AHEAD_BYTES,
            start,
            rest: bytes,
            size,
            encoding,
        })
    }

    /// The text, tidied from its beginning on.
    pub(super) fn tidied(self, tidy: Tidy) -> io::Result<Self> {
        let bytes = Cursor::new(self.start).chain(self.rest);
        Self::new(
            Box::new(Tidying::new(bytes, tidy)),
            self.size,
            self.encoding,
        )
    }

    /// The separator that the first line has most of.
    pub(super) fn likely_separator(&self) -> Separator {
        Separator::of_first_line(&self.start)
    }

    /// The separator of a table that may begin further down.
    pub(super) fn table_separator(&self) -> Separator {
        Separator::of_table(&self.start)
    }

    /// Whether the record behind a header at the very beginning fills gaps of it: a header of two rows, with merged cells
    /// above.
    pub(super) fn has_two_header_rows(&self, heading: &Heading) -> Result<bool, ImportCause> {
        let start = self.start_with(heading.separator)?;
        let format = TextFormat::new(heading.separator);
        let mut records = TextRecords::new(start.as_slice(), format, 1);
        let (mut upper, mut lower) = (ByteRecord::new(), ByteRecord::new());
        let is_first = records.read(&mut upper)? == Some(heading.line);
        records.read(&mut lower)?;
        let is_empty = |field: &[u8]| field.trim_ascii().is_empty();
        let gaps = upper.iter().zip(&lower);
        let filled = gaps.filter(|(above, below)| is_empty(above) && !is_empty(below));
        Ok(is_first && filled.count() > 0 && lower.get(0).is_some_and(is_empty))
    }

    /// What was looked at, as it would be with this separator.
    pub(super) fn start_with(&self, separator: Separator) -> io::Result<Vec<u8>> {
        if separator != Separator::Blanks {
            return Ok(self.start.clone());
        }
        let tidy = Tidy {
            blanks: true,
            ..Tidy::default()
        };
        let mut tidied = Vec::new();
        Tidying::new(self.start.as_slice(), tidy).read_to_end(&mut tidied)?;
        Ok(tidied)
    }

    /// Whole records of what was looked at, from a byte on, which begins this line.
    pub(super) fn records_from(
        &self,
        begin: usize,
        first_line: u64,
        format: TextFormat,
    ) -> TextRecords<&[u8]> {
        let mut seen = self.start.get(begin..).unwrap_or_default();
        if !self.is_whole {
            let end = seen.iter().rposition(|byte| *byte == b'\n');
            seen = seen.get(..end.map_or(0, |end| end + 1)).unwrap_or_default();
        }
        TextRecords::new(seen, format, first_line)
    }

    /// Looks at everything.
    ///
    /// # Errors
    /// It is longer than what is held as a whole.
    pub(super) fn hold(&mut self) -> Result<(), ImportCause> {
        let rest = std::mem::replace(&mut self.rest, Box::new(io::empty()));
        let start = std::mem::take(&mut self.start);
        self.start = whole("text", start, rest, LONGEST_TEXT_BYTES)?;
        self.is_whole = true;
        Ok(())
    }

    /// How many lines end before a byte.
    pub(super) fn lines_before(&self, end: usize) -> u64 {
        line_ends(self.start.get(..end).unwrap_or(&self.start))
    }

    /// What stands behind a byte.
    pub(super) fn behind(mut self, end: usize) -> Box<dyn Read> {
        let seen = self.start.split_off(end.min(self.start.len()));
        Box::new(Cursor::new(seen).chain(self.rest))
    }

    /// The text as one table.
    pub(super) fn sheet(mut self, separator: Separator) -> Result<Sheet, ImportCause> {
        self.hold()?;
        let start = self.start_with(separator)?;
        Sheet::of_text(&start, TextFormat::new(separator), comma(separator))
    }
}
