//! Tables that are not long: what they hold is unfolded into rows of a long table, which are then read like any other.

use super::error::ImportCause;
use super::options::ImportOptions;
use super::records::Place;
use super::sheet::Sheet;

/// What a file holds that is no long table.
#[derive(Debug)]
pub(crate) enum Content {
    /// Samples, a row each.
    #[expect(dead_code, reason = "no layout is recognised yet")]
    Samples(Unfolded),
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
/// The layout is known, and what it holds cannot be understood.
pub(crate) fn recognise(
    _sheets: &[Sheet],
    _options: &ImportOptions,
) -> Result<Option<Content>, ImportCause> {
    Ok(None)
}
