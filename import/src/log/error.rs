//! Why a log cannot be read at all.

use std::io;
use std::path::{Path, PathBuf};

/// A log that cannot be understood, and why.
#[derive(Debug, thiserror::Error)]
#[error("{}", path.display())]
pub struct LogError {
    path: PathBuf,
    #[source]
    cause: LogCause,
}

impl LogError {
    pub(super) fn new(path: &Path, cause: LogCause) -> Self {
        Self {
            path: path.to_owned(),
            cause,
        }
    }
}

/// The cause, with what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogCause {
    /// It cannot be opened or read.
    #[error(transparent)]
    Unreadable(#[from] io::Error),
    /// A zip archive that cannot be opened.
    #[error("the archive cannot be read; unpack it and give the folder")]
    Archive(#[from] zip::result::ZipError),
    /// Nothing to read in an archive or a folder.
    #[error("holds no .csv file")]
    NoFiles,
    /// More than is held at once.
    #[error("is larger than {most_mib} MiB; logs are read as a whole: split it")]
    TooLarge {
        /// The limit.
        most_mib: u64,
    },
    /// Not a byte in it.
    #[error("the file is empty")]
    Empty,
    /// The CSV reader gave up.
    #[error("the file is not CSV")]
    Csv(#[from] csv::Error),
    /// One of several files is something else.
    #[error("{member} is no log of the CARWatch app; several files together must all be such logs")]
    NotCarwatch {
        /// The file in the archive or folder.
        member: String,
    },
    /// A column that every row needs.
    #[error(
        "{what} has no column `{name}`; it has {headers}. A sampling log is a table with the columns specimen, \
         participant and collected_at, a table of cap openings with cap and opened_at, or what CARWatch writes"
    )]
    ColumnMissing {
        /// Which table.
        what: &'static str,
        /// The column.
        name: &'static str,
        /// The headers that are there.
        headers: String,
    },
    /// Two columns under one name.
    #[error("the columns {headers} could all be `{name}`; rename all but one")]
    ColumnAmbiguous {
        /// The column.
        name: &'static str,
        /// The headers that go by it.
        headers: String,
    },
    /// Openings of caps and nobody who says whose they are.
    #[error(
        "these are openings of caps; --caps MAP.csv says whose they are, a table with the columns cap, specimen and \
         participant, and label and date where caps are used on several days"
    )]
    CapsUnmapped,
    /// The map of caps cannot be used.
    #[error("{}: {rule}", path.display())]
    CapMap {
        /// The map.
        path: PathBuf,
        /// What is wrong with it, with its line.
        rule: String,
    },
    /// A map that nothing uses.
    #[error("--caps belongs to openings of caps, and this is {reading}")]
    CapsUnused {
        /// What was recognised.
        reading: &'static str,
    },
}
