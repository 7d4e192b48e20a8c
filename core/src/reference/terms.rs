//! What a reference states, and the rules that its numbers keep.

use thiserror::Error;

use crate::person::Sex;
use crate::range::{AGE, Range, RangeError};

/// The numbers of a population model.
///
/// # Units
/// ln(nmol/L), ln(nmol/L) per hour since awakening, ln units.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PopulationModel {
    /// b0: mean ln(nmol/L) at awakening.
    pub intercept_ln: f64,
    /// b1: mean slope, ln(nmol/L) per hour.
    pub slope_ln_per_h: f64,
    /// Mean rise of the awakening response above the line, ln units.
    pub car_ln: f64,
    /// Standard deviation of the intercept between persons, ln units, 0 or more.
    pub intercept_sd: f64,
    /// Standard deviation of the slope between persons, ln(nmol/L) per hour, more than 0.
    pub slope_sd: f64,
    /// Correlation of intercept and slope between persons.
    pub correlation: f64,
    /// Standard deviation of a sample around its person's line, ln units, more than 0.
    pub residual_sd: f64,
}

/// What a reference rests on when it was fitted to the persons of a study.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// Persons in the fit.
    pub persons: u32,
    /// Those of them with at least `days` valid days.
    pub persons_with_days: u32,
    /// The least number of days that `persons_with_days` was counted by.
    pub days: u32,
    /// Samples in the fit.
    pub samples: u32,
    /// The fit's name, such as `studies/pilot/fits/...`.
    pub fit: String,
    /// The model, in lme4's notation.
    pub formula: String,
    /// BLAKE3 of the rows that were fitted.
    pub input_digest: [u8; 32],
    /// What fitted it, such as `diel 0.1.0`.
    pub software: String,
}

/// What a reference states, before it is checked.
#[derive(Debug, Clone, PartialEq)]
pub struct ReferenceTerms {
    /// Name and version.
    pub id: String,
    /// Whom it describes.
    pub population: String,
    /// How cortisol was measured in them; empty when not stated.
    pub assay: String,
    /// Where its numbers come from.
    pub source: String,
    /// Whether its numbers are assembled by judgement.
    pub provisional: bool,
    /// Youngest age it is meant for, in years.
    pub min_age_years: f64,
    /// Age from which it no longer holds, in years.
    pub max_age_years: Option<f64>,
    /// The sex it is meant for; `None` for any.
    pub sex: Option<Sex>,
    /// Its numbers.
    pub model: PopulationModel,
    /// What it was fitted to, when it was.
    pub basis: Option<Basis>,
}

/// Why a reference is not accepted.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// It has no name.
    #[error("id: is empty; a reference has a name and a version")]
    NoId,
    /// A number lies outside its range.
    #[error("{field}: {source}")]
    Number {
        /// The field.
        field: &'static str,
        /// The number and the rule.
        source: RangeError,
    },
    /// A standard deviation by which is divided is 0.
    #[error("{field}: {value} is not more than 0")]
    NotPositive {
        /// The field.
        field: &'static str,
        /// The number.
        value: f64,
    },
    /// The ages are none.
    #[error("max_age_years: {max_age_years} is not more than min_age_years, {min_age_years}")]
    Ages {
        /// From this age.
        min_age_years: f64,
        /// To below this age.
        max_age_years: f64,
    },
    /// A sex that nobody is recorded with.
    #[error("sex: is stated as not recorded; leave it out for persons of any sex")]
    SexNotRecorded,
}

const fn range(what: &'static str, minimum: f64, maximum: f64, unit: &'static str) -> Range {
    Range {
        what,
        minimum,
        maximum,
        unit,
    }
}

const MEAN: Range = range("a mean", -20.0, 20.0, "ln(nmol/L)");
const SLOPE: Range = range("a slope", -10.0, 10.0, "ln(nmol/L) per hour");
const RISE: Range = range("an awakening response", -10.0, 10.0, "ln units");
const SD: Range = range("a standard deviation", 0.0, 10.0, "ln units");
const SLOPE_SD: Range = range(
    "a standard deviation of slopes",
    0.0,
    10.0,
    "ln(nmol/L) per hour",
);
const CORRELATION: Range = range("a correlation", -1.0, 1.0, "");

/// Checks what a reference states.
pub(super) fn check(terms: &ReferenceTerms) -> Result<(), ReferenceError> {
    if terms.id.is_empty() {
        return Err(ReferenceError::NoId);
    }
    if terms.sex == Some(Sex::Unspecified) {
        return Err(ReferenceError::SexNotRecorded);
    }
    let model = &terms.model;
    let numbers = [
        ("min_age_years", terms.min_age_years, AGE),
        ("max_age_years", terms.max_age_years.unwrap_or(0.0), AGE),
        ("intercept_ln", model.intercept_ln, MEAN),
        ("slope_ln_per_h", model.slope_ln_per_h, SLOPE),
        ("car_ln", model.car_ln, RISE),
        ("intercept_sd", model.intercept_sd, SD),
        ("slope_sd", model.slope_sd, SLOPE_SD),
        ("correlation", model.correlation, CORRELATION),
        ("residual_sd", model.residual_sd, SD),
    ];
    for (field, number, range) in numbers {
        range
            .check(number)
            .map_err(|source| ReferenceError::Number { field, source })?;
    }
    for (field, value) in [
        ("slope_sd", model.slope_sd),
        ("residual_sd", model.residual_sd),
    ] {
        if value <= 0.0 {
            return Err(ReferenceError::NotPositive { field, value });
        }
    }
    match terms.max_age_years {
        Some(max_age_years) if max_age_years <= terms.min_age_years => Err(ReferenceError::Ages {
            min_age_years: terms.min_age_years,
            max_age_years,
        }),
        _ => Ok(()),
    }
}
