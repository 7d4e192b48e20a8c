//! A fit of a cohort, frozen as a reference.

use thiserror::Error;

use super::{Basis, PopulationModel, Reference, ReferenceError, ReferenceTerms};
use crate::mixed::{MixedFit, Residual};
use crate::person::Sex;

const INTERCEPT: &str = "(Intercept)";
const HOURS: &str = "hours";
const CAR: &str = "car";
const PARTICIPANT: &str = "participant";
/// The response that a reference speaks of, written without blanks.
const RESPONSE: &str = "log(cortisol)";

/// What a fit does not know of itself when it is frozen.
#[derive(Debug, Clone, PartialEq)]
pub struct Freezing {
    /// Name and version of the reference.
    pub id: String,
    /// Whom it describes.
    pub population: String,
    /// How cortisol was measured in them.
    pub assay: String,
    /// Youngest age it is meant for, in years.
    pub min_age_years: f64,
    /// Age from which it no longer holds, in years.
    pub max_age_years: Option<f64>,
    /// The sex of the persons fitted, when the fit was of one.
    pub sex: Option<Sex>,
    /// The fit's name.
    pub fit: String,
    /// The model, in lme4's notation.
    pub formula: String,
    /// Those of the persons that have at least `days` valid days.
    pub persons_with_days: u32,
    /// The least number of days that `persons_with_days` was counted by.
    pub days: u32,
    /// BLAKE3 of the rows that were fitted.
    pub input_digest: [u8; 32],
    /// What fitted it.
    pub software: String,
}

/// Why a fit is no reference. A reference is a line against hours since awakening on ln(nmol/L), one intercept and one
/// slope a person.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum FreezeError {
    /// Another response.
    #[error("the response is {found}; a reference is a model of log(cortisol)")]
    Response {
        /// What stands left of the ~.
        found: String,
    },
    /// A covariate.
    #[error(
        "{name} is a fixed effect; a reference has (Intercept), hours and, if wanted, car: fit strata \
         of a covariate one by one"
    )]
    FixedEffect {
        /// The effect.
        name: String,
    },
    /// A fixed effect that it needs.
    #[error("there is no fixed effect {name}, which a reference needs")]
    Missing {
        /// The effect.
        name: &'static str,
    },
    /// Other random terms than one of intercept and hours by participant.
    #[error("the random terms are {found}; a reference has one, (hours | participant)")]
    RandomTerms {
        /// What there is.
        found: String,
    },
    /// Slopes do not differ.
    #[error(
        "the standard deviation of slopes between persons is estimated as 0; no slope can be judged \
         against persons that do not differ"
    )]
    NoSlopeVariance,
    /// Heavy tails.
    #[error("the residual is Student's t; a reference has a normal one")]
    HeavyTails,
    /// The optimum was not reached.
    #[error("the fit has not converged: {message}")]
    NotConverged {
        /// What the optimiser said.
        message: String,
    },
    /// A number out of range.
    #[error(transparent)]
    Number(#[from] ReferenceError),
}

impl Reference {
    /// Freezes a fit of `log(cortisol) ~ hours + car + (hours | participant)`, with `car` or without.
    ///
    /// # Errors
    /// [`FreezeError`] says why another model, one that has not converged, or one without variance of slopes cannot be a
    /// reference.
    pub fn from_fit(fit: &MixedFit, freezing: Freezing) -> Result<Self, FreezeError> {
        check_response(&freezing.formula)?;
        if fit.residual != Residual::Normal {
            return Err(FreezeError::HeavyTails);
        }
        if !fit.optimizer.converged {
            return Err(FreezeError::NotConverged {
                message: fit.optimizer.message.clone(),
            });
        }
        let [intercept_sd, slope_sd, correlation] = between_persons(fit)?;
        if slope_sd <= 0.0 {
            return Err(FreezeError::NoSlopeVariance);
        }
        let effects = [INTERCEPT, HOURS, CAR];
        // One that was dropped from this fit is part of its model all the same.
        let fitted = fit.fixed.iter().map(|effect| &effect.name);
        if let Some(name) = fitted
            .chain(&fit.dropped)
            .find(|name| !effects.contains(&name.as_str()))
        {
            return Err(FreezeError::FixedEffect { name: name.clone() });
        }
        let estimate = |name: &'static str| {
            let found = fit.fixed.iter().find(|effect| effect.name == name);
            found
                .map(|effect| effect.estimate)
                .ok_or(FreezeError::Missing { name })
        };
        let model = PopulationModel {
            intercept_ln: estimate(INTERCEPT)?,
            slope_ln_per_h: estimate(HOURS)?,
            car_ln: estimate(CAR).unwrap_or(0.0),
            intercept_sd,
            slope_sd,
            correlation,
            residual_sd: fit.residual_sd,
        };
        let levels = |name: &str| fit.groups.iter().find(|group| group.name == name);
        let persons = levels(PARTICIPANT).map_or(0, |group| count(group.levels));
        let samples = count(fit.n_observations);
        Ok(Self::new(ReferenceTerms {
            source: format!(
                "{}: {}, {persons} persons, {samples} samples",
                freezing.fit, freezing.formula
            ),
            id: freezing.id,
            population: freezing.population,
            assay: freezing.assay,
            provisional: false,
            min_age_years: freezing.min_age_years,
            max_age_years: freezing.max_age_years,
            sex: freezing.sex,
            model,
            basis: Some(Basis {
                persons,
                persons_with_days: freezing.persons_with_days,
                days: freezing.days,
                samples,
                fit: freezing.fit,
                formula: freezing.formula,
                input_digest: freezing.input_digest,
                software: freezing.software,
            }),
        })?)
    }
}

fn check_response(formula: &str) -> Result<(), FreezeError> {
    let response = formula.split('~').next().unwrap_or_default();
    let found: String = response.split_whitespace().collect();
    if found == RESPONSE {
        Ok(())
    } else {
        Err(FreezeError::Response { found })
    }
}

/// Standard deviations of intercept and slope between persons, and their correlation.
fn between_persons(fit: &MixedFit) -> Result<[f64; 3], FreezeError> {
    if let [term] = fit.random.as_slice()
        && term.group == PARTICIPANT
        && let [first, second] = term.terms.as_slice()
        && first == INTERCEPT
        && second == HOURS
        && let [intercept_sd, slope_sd] = term.sd.as_slice()
        && let Some(correlation) = term.correlation.get((0, 1))
    {
        return Ok([*intercept_sd, *slope_sd, *correlation]);
    }
    let terms = fit
        .random
        .iter()
        .map(|term| format!("({} | {})", term.terms.join(" + "), term.group));
    Err(FreezeError::RandomTerms {
        found: terms.collect::<Vec<_>>().join(" + "),
    })
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
