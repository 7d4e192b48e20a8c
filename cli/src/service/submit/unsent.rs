//! Why the rows of a file were not sent.

use std::path::PathBuf;

use super::refusals::Refusals;
use super::report::refused_rows;

/// A file that was read, and why its rows were not sent, or not all.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unsent {
    /// One bad row refuses the file.
    #[error(
        "{}nothing was sent; mend these rows, or send the others with --partial",
        refused_rows(file, refused)
    )]
    Rows {
        /// The file.
        file: PathBuf,
        /// What is wrong with which rows.
        refused: Refusals,
    },
    /// Times since awakening alone.
    #[error(
        "{}: no row says at which instant a sample was taken or the person woke, only how long after; the service needs \
         collected_at, or date and time, or awakening_at besides the minutes. `diel analyze` does without",
        file.display()
    )]
    NoInstants {
        /// The file.
        file: PathBuf,
    },
    /// The two readings do not agree.
    #[error(
        "{}: the file changed while it was read: {accepted} rows could be sent at first, {sent} were; send it again",
        file.display()
    )]
    Changed {
        /// The file.
        file: PathBuf,
        /// Good rows of the first reading.
        accepted: u64,
        /// Rows that were sent in the second.
        sent: u64,
    },
}
