//! What to simulate.

use std::sync::Arc;

use thiserror::Error;

use super::SimulatedPerson;
use super::person::draw;
use crate::range::Range;
use crate::{NmolPerL, Reference};

const HOURS: Range = Range {
    what: "a time of the schedule",
    minimum: 0.0,
    maximum: 24.0,
    unit: "h",
};
const SHARE: Range = Range {
    what: "a share",
    minimum: 0.0,
    maximum: 1.0,
    unit: "(of 1)",
};
const SLOPE: Range = Range {
    what: "a slope",
    minimum: -1.0,
    maximum: 1.0,
    unit: "ln(nmol/L) per hour",
};
const MAX_DAYS: u32 = 366;

/// What to simulate. The default is a small cohort of adults with five samples a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// How many persons.
    pub persons: u32,
    /// How many days each, 1 to 366.
    pub days: u32,
    /// Intended times in hours since awakening, 0 to 24, strictly increasing.
    pub schedule_h: Vec<f64>,
    /// The population.
    pub preset: Arc<Reference>,
    /// The chance of each person to be drawn from the flattened population, 0 to 1.
    pub flat_fraction: f64,
    /// The mean slope of the flattened population, ln(nmol/L) per hour.
    pub flat_slope: f64,
    /// Concentrations below are censored.
    pub limit_of_detection: Option<NmolPerL>,
    /// The chance of each sample to be missing, 0 to 1.
    pub missing: f64,
    /// Equal seeds give equal cohorts on every machine.
    pub seed: u64,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            persons: 100,
            days: 3,
            schedule_h: vec![0.0, 0.5, 4.0, 9.0, 15.0],
            preset: Arc::clone(Reference::for_age(None)),
            flat_fraction: 0.0,
            flat_slope: 0.0,
            limit_of_detection: None,
            missing: 0.0,
            seed: 1,
        }
    }
}

/// A checked plan. Each person depends on the seed and the person's position alone, not on who was asked for before.
///
/// ```
/// use diel_core::simulate::{Cohort, Plan};
/// let cohort = Cohort::new(Plan { persons: 10, ..Plan::default() })?;
/// assert_eq!(cohort.persons().nth(7), Some(cohort.person(7)));
/// assert_eq!(cohort.person(0).days.len(), 3);
/// # Ok::<(), diel_core::simulate::PlanError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Cohort {
    plan: Plan,
}

impl Cohort {
    /// Accepts a plan.
    ///
    /// # Errors
    /// [`PlanError`] names the field and the rule.
    pub fn new(plan: Plan) -> Result<Self, PlanError> {
        if !(1..=MAX_DAYS).contains(&plan.days) {
            return Err(PlanError {
                field: "days",
                rule: format!("{} is not from 1 to {MAX_DAYS}", plan.days),
            });
        }
        if plan.schedule_h.is_empty() {
            return Err(PlanError {
                field: "schedule_h",
                rule: "at least one time is needed".to_owned(),
            });
        }
        if plan
            .schedule_h
            .windows(2)
            .any(|pair| matches!(pair, [earlier, later] if later <= earlier))
        {
            return Err(PlanError {
                field: "schedule_h",
                rule: "the times are not strictly increasing".to_owned(),
            });
        }
        let times = plan
            .schedule_h
            .iter()
            .map(|hours| ("schedule_h", *hours, HOURS));
        let others = [
            ("flat_fraction", plan.flat_fraction, SHARE),
            ("missing", plan.missing, SHARE),
            ("flat_slope", plan.flat_slope, SLOPE),
        ];
        for (field, number, range) in times.chain(others) {
            range.check(number).map_err(|error| PlanError {
                field,
                rule: error.to_string(),
            })?;
        }
        if plan
            .limit_of_detection
            .is_some_and(|limit| limit.get() <= 0.0)
        {
            return Err(PlanError {
                field: "limit_of_detection",
                rule: "it must be more than 0".to_owned(),
            });
        }
        Ok(Self { plan })
    }

    /// The plan.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The person at a position. Positions beyond the plan's persons exist too.
    #[must_use]
    pub fn person(&self, position: u32) -> SimulatedPerson {
        draw(&self.plan, position)
    }

    /// All persons of the plan, by position.
    pub fn persons(&self) -> impl Iterator<Item = SimulatedPerson> {
        (0..self.plan.persons).map(|position| self.person(position))
    }
}

/// Why a plan is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{field}: {rule}")]
pub struct PlanError {
    /// The field.
    pub field: &'static str,
    /// The value and the rule.
    pub rule: String,
}
