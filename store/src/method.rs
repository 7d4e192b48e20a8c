//! Methods: what a study knows of its assays.

use diel_core::{Limits, NmolPerL};
use jiff::Timestamp;

/// A method to be created.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMethod {
    /// Its name, unique in the study; a further one of the same name is its next version.
    pub name: String,
    /// The assay, as batches name it.
    pub assay: String,
    /// Antibody, cross-reactions and whatever else a reader should know; may be empty.
    pub description: String,
    /// The limits of its results, for batches that state none.
    pub limits: Limits,
    /// What was reported of its bias. Nothing is computed by it.
    pub biases: Vec<ReportedBias>,
    /// Where this comes from.
    pub source: String,
}

/// How a method reads beside another, as somebody reported it.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportedBias {
    /// The method it was compared with.
    pub compared_with: String,
    /// How much more it reads, in percent of the other.
    pub percent: f64,
    /// The least concentration compared.
    pub lowest: Option<NmolPerL>,
    /// The greatest.
    pub highest: Option<NmolPerL>,
    /// Who reported it.
    pub source: String,
}

/// A version of a method. Versions are never changed.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredMethod {
    /// What was given.
    pub given: NewMethod,
    /// Counts from 1.
    pub version: i64,
    /// When it was created.
    pub created: Timestamp,
}

impl StoredMethod {
    /// `{name}@{version}`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}@{}", self.given.name, self.version)
    }
}
