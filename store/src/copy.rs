//! Why a copy of a database was not made.

use std::io;
use std::path::PathBuf;

use crate::StoreError;

/// Why a copy was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// PostgreSQL has its own tools.
    #[error(
        "a PostgreSQL database is copied with its own tools: pg_dump, or a base backup with its log"
    )]
    NotSqlite,
    /// The file cannot be written, or is there already.
    #[error("{}", path.display())]
    File {
        /// Where it should stand.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The database refused.
    #[error("database")]
    Store(#[from] StoreError),
}
