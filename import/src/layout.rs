//! Tables that are not long: what they hold is unfolded into rows of a long table, which are then read like any other.

mod identifier;
mod plate_report;
pub(crate) mod reader;
mod tubes;
mod wide;

use super::error::ImportCause;
use super::heading::{self, Search};
use super::options::ImportOptions;
use super::plate::PlateExport;
use super::records::Place;
use super::samples::names;
use super::sheet::Sheet;

pub use self::identifier::{IdPattern, IdPatternError};

/// What a file holds that is no long table.
#[derive(Debug)]
pub(crate) enum Content {
    /// Samples, a row each.
    Samples(Unfolded),
    /// Plates as a plate reader exports them.
    Plates(Vec<PlateExport>),
}

/// A table turned into a long one.
#[derive(Debug)]
pub(crate) struct Unfolded {
    /// What was recognised, in words, for whoever sent the file.
    pub(crate) reading: String,
    /// The names of the columns: canonical ones, or those of the file where options choose among them.
    pub(crate) header: Vec<String>,
    /// As many cells a row as the header has.
    pub(crate) rows: Vec<UnfoldedRow>,
}

/// A row of a long table.
#[derive(Debug, Clone)]
pub(crate) struct UnfoldedRow {
    /// Where in the file it comes from.
    pub(crate) place: Place,
    /// The cells under the header.
    pub(crate) cells: Vec<String>,
}

/// Finds out which layout a file has. `None`: none of those known, and it may be a long table.
///
/// # Errors
/// The layout is known, and what it holds cannot be understood; or several sheets hold samples.
pub(crate) fn recognise(
    sheets: &[Sheet],
    options: &ImportOptions,
) -> Result<Option<Content>, ImportCause> {
    let mut found = Vec::new();
    for sheet in sheets {
        found.extend(of_sheet(sheet, options)?);
    }
    let several = found.len();
    match found.pop() {
        Some(_) if several > 1 => Err(ImportCause::SheetAmbiguous {
            sheets: names(sheets),
        }),
        content => Ok(content),
    }
}

fn of_sheet(sheet: &Sheet, options: &ImportOptions) -> Result<Option<Content>, ImportCause> {
    if let Some(plates) = reader::recognise(sheet)? {
        return Ok(Some(Content::Plates(plates)));
    }
    if is_long(sheet, options) {
        return Ok(None);
    }
    if let Some(unfolded) = plate_report::recognise(sheet, options) {
        return Ok(Some(Content::Samples(unfolded)));
    }
    let unfolded = wide::recognise(sheet, options)?.or_else(|| tubes::recognise(sheet, options));
    Ok(unfolded.map(Content::Samples))
}

/// Whether a sheet has the header of a long table, with rows of samples below it. Below the upper of two header rows the
/// first column is empty.
fn is_long(sheet: &Sheet, options: &ImportOptions) -> bool {
    let Ok(Search::Found((_, taken))) = heading::of_sheet(sheet, options) else {
        return false;
    };
    let below = sheet.rows.get(taken).and_then(|row| row.cells.first());
    below.is_none_or(|cell| !cell.is_empty())
}
