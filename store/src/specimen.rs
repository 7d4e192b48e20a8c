//! Specimens: tubes of saliva and where they come from.

use diel_core::{AgeYears, Conditions, Moment, TimeSource};
use jiff::Timestamp;

use crate::{Sex, StoredResult};

/// The collection facts of a specimen. The study team knows these.
#[derive(Debug, Clone, PartialEq)]
pub struct Collection {
    /// The participant's code.
    pub participant: String,
    /// When saliva was collected.
    pub collected: Moment,
    /// How that is known.
    pub source: TimeSource,
    /// The label on the tube; empty when not stated. It orders nothing.
    pub label: String,
    /// The awakening that began the day, and how it is known.
    pub awakening: Option<(Moment, TimeSource)>,
    /// Conditions that hold on the sampling day. They are kept with the specimen and count for its whole day.
    pub conditions: Conditions,
    /// Fills the participant's age when not yet known.
    pub age: Option<AgeYears>,
    /// Fills the participant's sex when not yet known.
    pub sex: Sex,
    /// Fills the participant's group when not yet known.
    pub group: String,
}

/// A specimen.
#[derive(Debug, Clone, PartialEq)]
pub struct Specimen {
    /// Its id, unique in the study.
    pub code: String,
    /// Its collection facts, with the participant's present age, sex and group; `None` while its result waits for
    /// them.
    pub collection: Option<Collection>,
    /// The revision of the collection facts; 0 while there are none, more than 1 after a correction.
    pub collection_revision: i64,
    /// The result in force; `None` while it waits for one.
    pub result: Option<StoredResult>,
    /// When it was first heard of.
    pub created: Timestamp,
}

/// What a specimen has or lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpecimenState {
    /// Collection facts and a result.
    Complete,
    /// A result that waits for its collection facts.
    WaitingForCollection,
    /// Collection facts that wait for a result.
    WaitingForResult,
}

/// Conditions on specimens; those that are absent do not filter.
#[derive(Debug, Clone, Default)]
pub struct SpecimenFilter {
    /// A participant's code.
    pub participant: Option<String>,
    /// What it has or lacks.
    pub state: Option<SpecimenState>,
    /// First heard of before this instant.
    pub created_before: Option<Timestamp>,
}
