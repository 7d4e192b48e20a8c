//! Where the header of a long table stands in a text or on a sheet: mostly on the first line, else below lines that
//! instruments and laboratories write before it.

use csv::ByteRecord;

use super::column::Meaning;
use super::error::ImportCause;
use super::header::{Candidate, Header};
use super::options::ImportOptions;
use super::records::TextRecords;
use super::separator::Separator;
use super::sheet::Sheet;
use super::source::{Text, TextFormat};

/// A header stands within so many rows.
const ROWS_SEARCHED: usize = 200;

/// The header of a text.
pub(super) struct Heading {
    pub(super) header: Header,
    pub(super) separator: Separator,
    /// The byte behind it.
    pub(super) end: usize,
    /// The line on which it begins, from 1.
    pub(super) line: u64,
}

/// What a search came to.
pub(super) enum Search<Found> {
    Found(Found),
    /// No row is a header; what the likeliest one lacks.
    Missing(ImportCause),
}

/// The likeliest row that is no header.
#[derive(Default)]
struct Likeliest {
    names: usize,
    cause: Option<ImportCause>,
}

impl Likeliest {
    /// The header that a row is, if it is one. Else the row is taken if more names are in it than in those before.
    ///
    /// # Errors
    /// The row is a header without doubt, and what is wrong with it must be told.
    fn consider<'a>(
        &mut self,
        fields: impl Iterator<Item = &'a [u8]>,
        options: &ImportOptions,
    ) -> Result<Option<Header>, ImportCause> {
        let row = match Candidate::of(fields) {
            Ok(row) => row,
            Err(cause) => {
                self.take(0, cause);
                return Ok(None);
            }
        };
        let names = row.names();
        if !self.is_beaten_by(names) && !row.may_be_header(options) {
            return Ok(None);
        }
        match Header::new(row, options) {
            Ok(header) => Ok(Some(header)),
            Err(
                cause @ (ImportCause::UnitMissing { .. }
                | ImportCause::UnitConflict { .. }
                | ImportCause::ChoiceTwice { .. }),
            ) => Err(cause),
            Err(cause) => {
                self.take(names, cause);
                Ok(None)
            }
        }
    }

    const fn is_beaten_by(&self, names: usize) -> bool {
        self.cause.is_none() || names > self.names
    }

    fn take(&mut self, names: usize, cause: ImportCause) {
        if self.is_beaten_by(names) {
            self.names = names;
            self.cause = Some(cause);
        }
    }

    fn cause(self) -> ImportCause {
        self.cause.unwrap_or(ImportCause::Empty)
    }
}

/// Searches the beginning of a text.
///
/// # Errors
/// A header was found and cannot be used, or `--header-row` points at none.
pub(super) fn of_text(
    text: &Text,
    options: &ImportOptions,
) -> Result<Search<Heading>, ImportCause> {
    let likely = text.likely_separator();
    let separators = match options.separator {
        Some(separator) => vec![separator],
        None => std::iter::once(likely)
            .chain(Separator::ALL.into_iter().filter(|other| *other != likely))
            .collect(),
    };
    let mut likeliest = Likeliest::default();
    // Separators that are not there all cut the text into the same rows, of one cell each.
    let mut is_uncut_searched = false;
    for separator in separators {
        let start = text.start_with(separator)?;
        let is_uncut = !start.contains(&separator.byte());
        if is_uncut && std::mem::replace(&mut is_uncut_searched, true) {
            continue;
        }
        let mut records = TextRecords::new(start.as_slice(), TextFormat::new(separator), 1);
        let mut record = ByteRecord::new();
        for _ in 0..ROWS_SEARCHED {
            let Some(line) = records.read(&mut record)? else {
                break;
            };
            if options.header_row.is_some_and(|row| row != line) {
                continue;
            }
            if let Some(header) = likeliest.consider(record.iter(), options)? {
                return Ok(Search::Found(Heading {
                    header,
                    separator,
                    end: records.position(),
                    line,
                }));
            }
        }
    }
    told_row_is_there(&likeliest, options)?;
    Ok(Search::Missing(likeliest.cause()))
}

/// The first record of a text, or the one on the line that was told, and the byte behind it.
pub(super) fn told(
    text: &Text,
    format: TextFormat,
    options: &ImportOptions,
) -> Result<(ByteRecord, usize), ImportCause> {
    let mut records = text.records_from(0, 1, format);
    let mut record = ByteRecord::new();
    while let Some(line) = records.read(&mut record)? {
        if options.header_row.is_none_or(|row| row == line) {
            return Ok((record, records.position()));
        }
    }
    let row = options.header_row.unwrap_or(1);
    Err(ImportCause::HeaderRowEmpty { row })
}

/// Searches the beginning of a sheet: the header and how many rows of the sheet it and what is before it take. A header may
/// have two rows, the upper with titles over several columns.
///
/// # Errors
/// A header was found and cannot be used, or `--header-row` points at none.
pub(super) fn of_sheet(
    sheet: &Sheet,
    options: &ImportOptions,
) -> Result<Search<(Header, usize)>, ImportCause> {
    let mut likeliest = Likeliest::default();
    let mut upper: Option<&Vec<String>> = None;
    for (before, row) in sheet.rows.iter().take(ROWS_SEARCHED).enumerate() {
        let above = upper.replace(&row.cells);
        if options.header_row.is_some_and(|told| told != row.line) {
            continue;
        }
        let joined = above.map(|above| joined(above, &row.cells));
        for cells in std::iter::once(&row.cells).chain(&joined) {
            let fields = cells.iter().map(String::as_bytes);
            if let Some(header) = likeliest.consider(fields, options)? {
                return Ok(Search::Found((header, before + 1)));
            }
        }
    }
    told_row_is_there(&likeliest, options)?;
    Ok(Search::Missing(likeliest.cause()))
}

fn told_row_is_there(likeliest: &Likeliest, options: &ImportOptions) -> Result<(), ImportCause> {
    match options.header_row {
        Some(row) if likeliest.cause.is_none() => Err(ImportCause::HeaderRowEmpty { row }),
        _ => Ok(()),
    }
}

/// Two rows of a header as one. A title that stands over several columns is said once, over the first.
fn joined(upper: &[String], lower: &[String]) -> Vec<String> {
    let mut title = "";
    let width = upper.len().max(lower.len());
    (0..width)
        .map(|position| {
            let cell = |row: &'_ [String]| row.get(position).cloned().unwrap_or_default();
            let (own, below) = (cell(upper), cell(lower));
            if let Some(text) = upper.get(position).filter(|text| !text.is_empty()) {
                title = text;
            }
            if below.is_empty() {
                return own;
            }
            let both = format!("{title} {below}");
            if is_name(&both) || !is_name(&below) {
                both.trim().to_owned()
            } else {
                below
            }
        })
        .collect()
}

fn is_name(text: &str) -> bool {
    Meaning::count(&[Meaning::of(text)]) > 0
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn two_rows_are_one_header() {
        let row = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let upper: Vec<String> = row(&["Participant", "Sampling", "", "Cortisol", "Remarks"]);
        let lower: Vec<String> = row(&["", "date", "time", "nmol/l"]);
        assert_eq!(
            joined(&upper, &lower),
            [
                "Participant",
                "Sampling date",
                "Sampling time",
                "Cortisol nmol/l",
                "Remarks"
            ]
        );
        let upper: Vec<String> = row(&["Person", "", "Saliva"]);
        let lower: Vec<String> = row(&["id", "date", "time", "cortisol"]);
        assert_eq!(joined(&upper, &lower), ["id", "date", "time", "cortisol"]);
    }
}
