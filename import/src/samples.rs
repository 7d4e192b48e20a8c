//! A file of samples whose columns are understood: a long table in a text or on a sheet, or what a layout unfolds into one.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use csv::ByteRecord;

use super::error::ImportCause;
use super::header::Header;
use super::layout::{self, Content, UnfoldedRow};
use super::number::DecimalComma;
use super::options::ImportOptions;
use super::records::Place;
use super::sheet::Sheet;
use super::source::{self, Source, Text, TextFormat};

/// A long table, its rows still to be read.
pub(super) struct SampleTable {
    pub(super) header: Header,
    pub(super) rows: Rows,
    pub(super) comma: DecimalComma,
    /// Bytes of the file, 0 where they are not counted.
    pub(super) size: u64,
    /// What was recognised, where it is no plain long table.
    pub(super) reading: Option<String>,
}

/// The rows behind a header.
pub(super) enum Rows {
    /// Read as they come.
    Streamed {
        /// What stands behind the header.
        bytes: Box<dyn Read>,
        format: TextFormat,
        /// The line of the file that they begin with, from 1.
        first_line: u64,
    },
    /// In memory, each as wide as the header.
    Held(Vec<UnfoldedRow>),
}

/// Opens a file and finds its columns.
pub(super) fn open(path: &Path, options: &ImportOptions) -> Result<SampleTable, ImportCause> {
    match source::open(path)? {
        Source::Workbook(sheets) => of_sheets(sheets, options),
        Source::Text(text) => match Header::new(&text.first_record()?, options) {
            Ok(header) => of_long_text(text, header),
            Err(cause) => of_other_text(text, options, cause),
        },
    }
}

fn of_long_text(text: Text, header: Header) -> Result<SampleTable, ImportCause> {
    let (format, size) = (text.format, text.size);
    let headed = text.headed()?;
    Ok(SampleTable {
        header,
        rows: Rows::Streamed {
            bytes: headed.rows,
            format,
            first_line: headed.first_line,
        },
        comma: format.comma,
        size,
        reading: None,
    })
}

/// A text that is no plain long table. Where no layout fits, the error of the long table stands.
fn of_other_text(
    text: Text,
    options: &ImportOptions,
    cause: ImportCause,
) -> Result<SampleTable, ImportCause> {
    let sheet = text.sheet()?;
    let comma = sheet.comma;
    match layout::recognise(&[sheet], options)? {
        Some(content) => of_content(content, comma, options),
        None => Err(cause),
    }
}

fn of_content(
    content: Content,
    comma: DecimalComma,
    options: &ImportOptions,
) -> Result<SampleTable, ImportCause> {
    match content {
        Content::Samples(unfolded) => Ok(SampleTable {
            header: Header::new(&ByteRecord::from(unfolded.header), options)?,
            rows: Rows::Held(unfolded.rows),
            comma,
            size: 0,
            reading: Some(unfolded.reading),
        }),
    }
}

fn of_sheets(sheets: Vec<Sheet>, options: &ImportOptions) -> Result<SampleTable, ImportCause> {
    if sheets.is_empty() {
        return Err(ImportCause::Empty);
    }
    if let Some(content) = layout::recognise(&sheets, options)? {
        return of_content(content, DecimalComma::Accepted, options);
    }
    let names = names(&sheets);
    let mut understood = Vec::new();
    let mut cause = None;
    for sheet in sheets {
        match of_sheet(sheet, options) {
            Ok(table) => understood.push(table),
            Err(error) => cause = cause.or(Some(error)),
        }
    }
    match (understood.pop(), understood.len(), cause) {
        (Some(table), 0, _) => Ok(table),
        (None, _, Some(cause)) => Err(cause),
        (_, others, _) => Err(ImportCause::SheetAmbiguous {
            sheets: names,
            found: others + 1,
        }),
    }
}

fn of_sheet(sheet: Sheet, options: &ImportOptions) -> Result<SampleTable, ImportCause> {
    let comma = sheet.comma;
    let (header, rows) = long_rows(sheet)?;
    Ok(SampleTable {
        header: Header::new(&header, options)?,
        rows: Rows::Held(rows),
        comma,
        size: 0,
        reading: None,
    })
}

/// The first row of a sheet as a header, and the rows below, none shorter than it.
pub(super) fn long_rows(sheet: Sheet) -> Result<(ByteRecord, Vec<UnfoldedRow>), ImportCause> {
    let mut rows = sheet.rows.into_iter();
    let header = rows.next().ok_or(ImportCause::Empty)?.cells;
    let name: Arc<str> = sheet.name.into();
    let rows = rows
        .map(|mut row| {
            let width = row.cells.len().max(header.len());
            row.cells.resize(width, String::new());
            UnfoldedRow {
                place: Place {
                    sheet: Some(Arc::clone(&name)),
                    ..Place::line(row.line)
                },
                cells: row.cells,
            }
        })
        .collect();
    Ok((ByteRecord::from(header), rows))
}

/// The names of sheets, for a message.
pub(super) fn names(sheets: &[Sheet]) -> String {
    let names: Vec<String> = sheets
        .iter()
        .map(|sheet| format!("`{}`", sheet.name))
        .collect();
    names.join(", ")
}
