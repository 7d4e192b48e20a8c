//! What a file is found to be, and what becomes of it.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use diel_import::RefusedRow;

use super::folder::{Place, Stamp};
use super::trouble::Trouble;
use crate::output::Format;
use crate::refused_cells;
use crate::service::submit::Report;
use crate::service::submit::report::of_the_file;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Done,
    Refused,
    /// Somebody took it away before.
    Gone,
}

impl From<Place> for Taken {
    fn from(place: Place) -> Self {
        match place {
            Place::Done => Self::Done,
            Place::Refused => Self::Refused,
        }
    }
}

/// A file before it is read.
pub(super) enum Inspected {
    Whole(Stamp),
    Refused(String),
    Gone,
}

/// Looks at a file. A link is never followed: what it points at is not in the folder, and may change.
///
/// # Errors
/// It cannot be opened for a reason that may pass.
pub(super) fn inspect(path: &Path, largest_bytes: u64) -> Result<Inspected, Trouble> {
    let refused = |rule: String| Ok(Inspected::Refused(rule));
    let unopened = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Ok(Inspected::Gone),
        io::ErrorKind::PermissionDenied => {
            refused("cannot be read by the user that watches: permission denied".to_owned())
        }
        _ => Err(Trouble::File(error.into())),
    };
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) => return unopened(error),
    };
    if found.is_symlink() {
        return refused("is a symbolic link; put the file itself here".to_owned());
    }
    if found.len() == 0 {
        return refused("is empty".to_owned());
    }
    if found.len() > largest_bytes {
        return refused(format!(
            "has {} bytes, more than the {} MiB of --largest-mib",
            found.len(),
            largest_bytes >> 20
        ));
    }
    match File::open(path) {
        Ok(_) => Ok(Inspected::Whole(Stamp::of(&found))),
        Err(error) => unopened(error),
    }
}

/// Where a file goes, what is said of it, and what is wrong with it.
#[derive(Debug)]
pub(super) struct Verdict {
    place: Place,
    said: String,
    records: Vec<RefusedRow>,
}

impl Verdict {
    /// What the service has made of a file.
    pub(super) fn of(report: &Report) -> Self {
        Self {
            place: if report.has_refusals() {
                Place::Refused
            } else {
                Place::Done
            },
            said: report.summary(false),
            records: report.records(),
        }
    }

    /// A file that cannot be taken at all.
    pub(super) fn refused(rule: &str) -> Self {
        Self {
            place: Place::Refused,
            said: rule.to_owned(),
            records: vec![of_the_file(rule)],
        }
    }

    /// A file with bad rows, none of which was sent.
    pub(super) fn of_rows(rows: u64, records: Vec<RefusedRow>) -> Self {
        Self {
            place: Place::Refused,
            said: format!("{rows} rows are refused and nothing was sent"),
            records,
        }
    }

    pub(super) const fn place(&self) -> Place {
        self.place
    }

    pub(super) fn said(&self) -> &str {
        &self.said
    }

    /// The report as CSV; a header alone where nothing is wrong.
    pub(super) fn report(&self) -> Vec<u8> {
        refused_cells::frame(&self.records).to_bytes(Format::Csv)
    }
}
