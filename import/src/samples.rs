//! A file of samples whose columns are understood: a long table in a text or on a sheet, or what a layout unfolds into one.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use csv::ByteRecord;
use diel_core::Unit;

use super::column::Name;
use super::encoding::Met;
use super::error::ImportCause;
use super::habits::{Evidence, Habits};
use super::header::{Candidate, Header};
use super::heading::{self, Heading, Search};
use super::layout::{self, Content, UnfoldedRow};
use super::number::DecimalComma;
use super::options::ImportOptions;
use super::plate;
use super::reading::{Reading, UnitSource};
use super::records::Place;
use super::rejects;
use super::separator::Separator;
use super::sheet::{Sheet, SheetRow};
use super::source::{self, Source, Text, TextFormat};
use super::tidying::Tidy;

/// A long table, apart from its rows.
pub(super) struct SampleTable {
    pub(super) header: Header,
    pub(super) habits: Habits,
    /// Bytes of the file, 0 where they are not counted.
    pub(super) size: u64,
    reading: Reading,
    encoding: Option<Met>,
    /// A column of the reasons for which rows were refused before was left out.
    pub(super) has_reasons: bool,
}

/// The rows behind a header.
pub(super) enum Rows {
    /// Read as they come.
    Streamed(Streamed),
    /// In memory, each as wide as the header.
    Held(Vec<UnfoldedRow>),
}

/// Rows of a text.
pub(super) struct Streamed {
    /// What stands behind the header.
    pub(super) bytes: Box<dyn Read>,
    pub(super) format: TextFormat,
    /// The line of the file that they begin with, from 1.
    pub(super) first_line: u64,
}

impl SampleTable {
    /// How the file was read, once it was read to its end.
    pub(super) fn reading(&self, options: &ImportOptions) -> Reading {
        let header = &self.header;
        let clocks = [
            (Name::CollectedAt, self.habits.forms.collected),
            (Name::AwakeningAt, self.habits.forms.awakening),
        ];
        Reading {
            encoding: self.encoding.as_ref().map(|met| met.get()),
            decimal: self.habits.decimal(options),
            columns: header.columns().collect(),
            unread: header.unread().into_iter().map(str::to_owned).collect(),
            unit: unit(header, options),
            time_zone: options
                .time_zone
                .as_ref()
                .and_then(|zone| Some(zone.iana_name()?.to_owned())),
            date_order: self.habits.date_order(),
            clocks: clocks
                .into_iter()
                .filter_map(|(name, form)| {
                    Some(format!("`{}` as {}", header.text(name), form.example()?))
                })
                .collect(),
            ..self.reading.clone()
        }
    }
}

fn unit(header: &Header, options: &ImportOptions) -> Option<(Unit, UnitSource)> {
    let of_header = || {
        let text = header.text(Name::Concentration).to_owned();
        Some((header.unit()?, UnitSource::Header(text)))
    };
    let told = || Some((options.unit?, UnitSource::Told));
    of_header().or_else(|| told().filter(|_| header.position(Name::Unit).is_none()))
}

/// Opens a file and finds its columns.
pub(super) fn open(
    path: &Path,
    options: &ImportOptions,
) -> Result<(SampleTable, Rows), ImportCause> {
    of_source(source::open(path, options)?, options)
}

/// Finds the columns of a file.
pub(super) fn of_source(
    source: Source,
    options: &ImportOptions,
) -> Result<(SampleTable, Rows), ImportCause> {
    match source {
        Source::Workbook(sheets) => {
            let mut sheets = chosen(sheets, options)?;
            let mut has_reasons = false;
            for sheet in &mut sheets {
                has_reasons |= rejects::without_reasons(sheet);
            }
            let (table, rows) = of_sheets(sheets, options)?;
            let table = SampleTable {
                has_reasons,
                ..table
            };
            Ok((table, rows))
        }
        Source::Text(text) => match heading::of_text(&text, options)? {
            Search::Found(heading) if text.has_two_header_rows(&heading)? => {
                of_other_text(text, options, ImportCause::TwoHeaderRows)
            }
            Search::Found(heading) => of_long_text(text, heading, options),
            Search::Missing(cause) => of_other_text(text, options, cause),
        },
    }
}

fn of_long_text(
    mut text: Text,
    heading: Heading,
    options: &ImportOptions,
) -> Result<(SampleTable, Rows), ImportCause> {
    let Heading {
        header,
        separator,
        end,
        line,
    } = heading;
    if separator == Separator::Blanks {
        text = text.tidied(Tidy {
            blanks: true,
            ..Tidy::default()
        })?;
    }
    let format = TextFormat::new(separator);
    let first_line = text.lines_before(end) + 1;
    let look = |text: &Text| {
        let mut evidence = Evidence::default();
        let mut records = text.records_from(end, first_line, format);
        let mut record = ByteRecord::new();
        while records.read(&mut record)?.is_some() {
            evidence.add(&header, |position| {
                str::from_utf8(record.get(position)?).ok()
            });
        }
        Ok::<_, ImportCause>(evidence)
    };
    let mut evidence = look(&text)?;
    if evidence.is_open(options) && !text.is_whole {
        text.hold().map_err(|cause| match cause {
            ImportCause::TooLarge { most_mib, .. } => ImportCause::DateOrderOpen { most_mib },
            other => other,
        })?;
        evidence = look(&text)?;
    }
    let table = SampleTable {
        habits: evidence.habits(&header, source::comma(separator), options),
        header,
        size: text.size,
        reading: Reading {
            separator: Some(separator),
            header_row: (line > 1).then_some(line),
            ..Reading::default()
        },
        encoding: Some(Met::clone(&text.encoding)),
        has_reasons: false,
    };
    let rows = Streamed {
        bytes: text.behind(end),
        format,
        first_line,
    };
    Ok((table, Rows::Streamed(rows)))
}

/// A text that is no plain long table. Where no layout fits, what the long table lacks is told.
fn of_other_text(
    text: Text,
    options: &ImportOptions,
    cause: ImportCause,
) -> Result<(SampleTable, Rows), ImportCause> {
    let encoding = Met::clone(&text.encoding);
    let separator = options.separator.unwrap_or_else(|| text.table_separator());
    let Ok(mut sheet) = text.sheet(separator) else {
        return Err(cause);
    };
    let has_reasons = rejects::without_reasons(&mut sheet);
    let sheets = [sheet];
    let (table, rows) = match layout::recognise(&sheets, options)? {
        Some(content) => of_content(content, source::comma(separator), options)?,
        None => match sheets.map(|sheet| of_sheet(sheet, options)) {
            [Ok(table)] => table,
            [Err(_)] => return Err(cause),
        },
    };
    let reading = Reading {
        separator: Some(separator),
        ..table.reading
    };
    let table = SampleTable {
        encoding: Some(encoding),
        reading,
        has_reasons,
        ..table
    };
    Ok((table, rows))
}

fn of_content(
    content: Content,
    comma: DecimalComma,
    options: &ImportOptions,
) -> Result<(SampleTable, Rows), ImportCause> {
    let unfolded = match content {
        Content::Samples(unfolded) => unfolded,
        Content::Plates(plates) => plate::results(&plates, options)?,
    };
    let row = Candidate::of(unfolded.header.iter().map(String::as_bytes))?;
    let header = Header::new(row, options)?;
    let reading = Reading {
        layout: Some(unfolded.reading),
        ..Reading::default()
    };
    Ok(held(header, unfolded.rows, comma, reading, options))
}

fn held(
    header: Header,
    rows: Vec<UnfoldedRow>,
    comma: DecimalComma,
    reading: Reading,
    options: &ImportOptions,
) -> (SampleTable, Rows) {
    let mut evidence = Evidence::default();
    for row in &rows {
        evidence.add(&header, |position| {
            row.cells.get(position).map(String::as_str)
        });
    }
    let table = SampleTable {
        habits: evidence.habits(&header, comma, options),
        header,
        size: 0,
        reading,
        encoding: None,
        has_reasons: false,
    };
    (table, Rows::Held(rows))
}

/// The sheets that may be meant: the one that was told, or all.
pub(super) fn chosen(
    mut sheets: Vec<Sheet>,
    options: &ImportOptions,
) -> Result<Vec<Sheet>, ImportCause> {
    if sheets.is_empty() {
        return Err(ImportCause::Empty);
    }
    let Some(told) = &options.sheet else {
        return Ok(sheets);
    };
    let at = sheets
        .iter()
        .position(|sheet| sheet.name == *told)
        .or_else(|| {
            let folded = told.trim().to_lowercase();
            sheets
                .iter()
                .position(|sheet| sheet.name.trim().to_lowercase() == folded)
        });
    match at {
        Some(at) => Ok(vec![sheets.swap_remove(at)]),
        None => Err(ImportCause::SheetAbsent {
            sheet: told.clone(),
            sheets: names(&sheets),
        }),
    }
}

fn of_sheets(
    sheets: Vec<Sheet>,
    options: &ImportOptions,
) -> Result<(SampleTable, Rows), ImportCause> {
    if let Some(content) = layout::recognise(&sheets, options)? {
        return of_content(content, DecimalComma::Accepted, options);
    }
    let all = names(&sheets);
    let is_only = sheets.len() == 1;
    let mut understood = Vec::new();
    let mut causes = Vec::new();
    for sheet in sheets {
        let name = sheet.name.clone();
        match of_sheet(sheet, options) {
            Ok(table) => understood.push((name, table)),
            Err(cause) => causes.push(cause),
        }
    }
    let could_be: Vec<String> = understood
        .iter()
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    match (understood.pop(), understood.is_empty(), causes.pop()) {
        (Some((_, table)), true, _) => Ok(table),
        (Some(_), false, _) => Err(ImportCause::SheetAmbiguous {
            sheets: could_be.join(", "),
        }),
        (None, _, Some(cause)) if is_only => Err(cause),
        (None, ..) => Err(ImportCause::SheetNone { sheets: all }),
    }
}

/// A long table on a sheet.
fn of_sheet(sheet: Sheet, options: &ImportOptions) -> Result<(SampleTable, Rows), ImportCause> {
    let (header, taken) = match heading::of_sheet(&sheet, options)? {
        Search::Found(found) => found,
        Search::Missing(cause) => return Err(cause),
    };
    let comma = sheet.comma;
    let header_row = sheet.rows.get(taken - 1).map(|row| row.line);
    let reading = Reading {
        sheet: (!sheet.name.is_empty()).then(|| sheet.name.clone()),
        header_row: header_row.filter(|row| *row > 1),
        ..Reading::default()
    };
    let rows = rows_behind(sheet, taken, header.width());
    Ok(held(header, rows, comma, reading, options))
}

/// The rows of a sheet behind the first `taken`, none shorter than `width`.
pub(super) fn rows_behind(sheet: Sheet, taken: usize, width: usize) -> Vec<UnfoldedRow> {
    let name: Option<Arc<str>> = (!sheet.name.is_empty()).then(|| sheet.name.into());
    let unfolded = |SheetRow { line, mut cells }| {
        cells.resize(width.max(cells.len()), String::new());
        UnfoldedRow {
            place: Place {
                sheet: name.clone(),
                ..Place::line(line)
            },
            cells,
        }
    };
    sheet.rows.into_iter().skip(taken).map(unfolded).collect()
}

/// The names of sheets, for a message.
pub(super) fn names(sheets: &[Sheet]) -> String {
    let names: Vec<String> = sheets
        .iter()
        .map(|sheet| format!("`{}`", sheet.name))
        .collect();
    names.join(", ")
}
