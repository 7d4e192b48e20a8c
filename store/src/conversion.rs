//! Conversions between assays.

use diel_core::conversion::Conversion;
use jiff::Timestamp;

/// A conversion to be created.
#[derive(Debug, Clone, PartialEq)]
pub struct NewConversion {
    /// Its name, unique in the study; a further one of the same name is its next version.
    pub name: String,
    /// The assay converted from, as batches name it.
    pub from_assay: String,
    /// The assay converted to.
    pub to_assay: String,
    /// The function and its range.
    pub function: Conversion,
    /// Where it comes from.
    pub source: String,
}

/// A version of a conversion. Versions are never changed.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredConversion {
    /// What was given.
    pub given: NewConversion,
    /// Counts from 1.
    pub version: i64,
    /// When it was created.
    pub created: Timestamp,
}
