//! References that belong to studies.

use std::sync::Arc;

use diel_core::{PopulationModel, Sex, Strata};
use jiff::Timestamp;

use crate::Job;

/// A reference to be made from a table.
#[derive(Debug, Clone, PartialEq)]
pub struct NewReference {
    /// Its name, unique in the study; a further one of the same name is its next version.
    pub name: String,
    /// Whom it describes.
    pub population: String,
    /// How cortisol was measured in them; empty when not stated.
    pub assay: String,
    /// Where its numbers come from.
    pub source: String,
    /// Its strata.
    pub strata: Vec<NewStratum>,
}

/// A stratum of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NewStratum {
    /// Youngest age, years.
    pub min_age_years: f64,
    /// Age from which it no longer holds, years.
    pub max_age_years: Option<f64>,
    /// Its sex; `None` for any.
    pub sex: Option<Sex>,
    /// Its numbers.
    pub model: PopulationModel,
}

/// A fit to be frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFrozen {
    /// The fit's id.
    pub fit: String,
    /// The reference's name; a further one of the same name is its next version.
    pub name: String,
    /// Whom it describes.
    pub population: String,
    /// How cortisol was measured in them; empty when not stated.
    pub assay: String,
}

/// A version of a reference of a study. Versions are never changed.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredReference {
    /// Its name in the study.
    pub name: String,
    /// Counts from 1.
    pub version: i64,
    /// Its numbers; its id is `studies/{study}/references/{name}@{version}`.
    pub strata: Arc<Strata>,
    /// When it was frozen or created.
    pub created: Timestamp,
}

/// A reference that was frozen, and the job that judges the study against it where its policy says so.
#[derive(Debug, Clone, PartialEq)]
pub struct Frozen {
    /// The reference.
    pub reference: StoredReference,
    /// Judges everybody again, when the policy in force is by the study's own reference.
    pub job: Option<Job>,
}
