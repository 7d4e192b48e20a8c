//! The rule that days and persons are judged by, from a dictionary of its terms.

use diel_core::{Condition, Conditions, Policy, PolicyTerms, Threshold};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use thiserror::Error;

use crate::RefusedInputError;

/// The terms that a dictionary may have.
const KNOWN: &str = "reference, threshold_ln_per_h, threshold_percentile, probability, min_days, min_days_to_report, \
    car_window_min, evening_after_h, min_samples, excluding, min_age_years, min_age_to_flag_years, min_age_for_car_years, \
    evening_limit_nmol_per_l and evening_limit_share";

/// Why a term is not accepted.
#[derive(Debug, Error)]
enum TermError {
    #[error("not a term that is read; those are {KNOWN}")]
    Unknown,
    #[error("a threshold is a slope or a percentile, not both")]
    TwoThresholds,
    #[error("{code:?} is none of {known}")]
    Condition { code: String, known: String },
    #[error(transparent)]
    Type(#[from] PyErr),
}

/// The policy of some terms; what is left out has the default of the core.
///
/// # Errors
/// [`RefusedInputError`] for a term that is not known, of another type, or outside its range.
pub(crate) fn policy_of(terms: Option<&Bound<'_, PyDict>>) -> PyResult<Policy> {
    let mut read = PolicyTerms::default();
    for (term, value) in terms.into_iter().flatten() {
        let term: String = term.extract()?;
        read_term(&mut read, &term, &value)
            .map_err(|error| refused(format!("policy: {term}: {error}")))?;
    }
    Policy::new(&read).map_err(|error| refused(format!("policy: {error}")))
}

fn read_term(
    terms: &mut PolicyTerms,
    term: &str,
    value: &Bound<'_, PyAny>,
) -> Result<(), TermError> {
    match term {
        "reference" => terms.reference = Some(value.extract()?),
        "threshold_ln_per_h" => set_threshold(terms, Threshold::LnPerHour(value.extract()?))?,
        "threshold_percentile" => set_threshold(terms, Threshold::Percentile(value.extract()?))?,
        "probability" => terms.probability = Some(value.extract()?),
        "min_days" => terms.min_days = Some(value.extract()?),
        "min_days_to_report" => terms.min_days_to_report = Some(value.extract()?),
        "car_window_min" => terms.car_window_min = Some(value.extract()?),
        "evening_after_h" => terms.evening_after_h = Some(value.extract()?),
        "min_samples" => terms.min_samples = Some(value.extract()?),
        "excluding" => terms.excluding = Some(excluding(&value.extract::<Vec<String>>()?)?),
        "min_age_years" => terms.min_age_years = Some(value.extract()?),
        "min_age_to_flag_years" => terms.min_age_to_flag_years = Some(value.extract()?),
        "min_age_for_car_years" => terms.min_age_for_car_years = Some(value.extract()?),
        "evening_limit_nmol_per_l" => terms.evening_limit_nmol_per_l = Some(value.extract()?),
        "evening_limit_share" => terms.evening_limit_share = Some(value.extract()?),
        _ => return Err(TermError::Unknown),
    }
    Ok(())
}

fn set_threshold(terms: &mut PolicyTerms, threshold: Threshold) -> Result<(), TermError> {
    match terms.threshold.replace(threshold) {
        Some(_) => Err(TermError::TwoThresholds),
        None => Ok(()),
    }
}

fn excluding(codes: &[String]) -> Result<Conditions, TermError> {
    codes
        .iter()
        .map(|code| {
            Condition::from_code(code).ok_or_else(|| TermError::Condition {
                code: code.clone(),
                known: Condition::ALL.map(Condition::code).join(", "),
            })
        })
        .collect()
}

fn refused(text: String) -> PyErr {
    RefusedInputError::new_err(text)
}
