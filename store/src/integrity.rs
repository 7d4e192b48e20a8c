//! What is wrong with a database, if anything.

use crate::{StoreError, StoredResult};

/// Something that should not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The resource at fault, such as `studies/pilot/specimens/S-1`; `database` for the file itself.
    pub resource: String,
    /// What is wrong with it.
    pub what: String,
}

/// How many flaws of one kind are named.
pub(crate) const NAMED: i64 = 100;

/// What is to be said of a row that is stored with a digest of its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowCheck {
    /// It has the digest of what stands in it.
    AsWritten,
    /// It does not: a column was changed since.
    Changed,
    /// It was written before there were digests.
    WithoutDigest,
}

/// A revision of a result, as it stands in its row.
#[derive(Debug, Clone)]
pub struct RevisionCheck {
    /// The specimen's id.
    pub specimen: String,
    /// The number of the revision, whatever it is.
    pub revision: i64,
    /// Whether the row is what was written.
    pub row: RowCheck,
    /// The revision, or which rule its row breaks.
    pub result: Result<StoredResult, StoreError>,
}
