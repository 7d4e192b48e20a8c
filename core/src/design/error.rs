//! Why a design is not accepted.

use thiserror::Error;

use crate::range::RangeError;
use crate::simulate::PlanError;

/// A field of a design that breaks a rule.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{field}: {rule}")]
pub struct DesignError {
    /// The field.
    pub field: &'static str,
    /// The value and the rule.
    #[source]
    pub rule: DesignRule,
}

/// A rule that a design breaks.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum DesignRule {
    /// A number outside its range.
    #[error(transparent)]
    Number(#[from] RangeError),
    /// A count outside its range.
    #[error("{count} is not from {least} to {most}")]
    Count {
        /// The count.
        count: u64,
        /// The least accepted.
        least: u64,
        /// The most accepted.
        most: u64,
    },
    /// A rule of simulated cohorts.
    #[error("{0}")]
    Simulation(String),
    /// Samples that determine no slope.
    #[error("a slope needs samples at two times outside the awakening response; there {} {times}", if *times == 1 { "is" } else { "are" })]
    NoSlope {
        /// Times outside the awakening response.
        times: usize,
    },
    /// No more samples of a person than random effects.
    #[error(
        "{samples} samples a person do not tell a person's line from the residual; 3 or more are needed"
    )]
    FewSamples {
        /// Samples of a person, all days together.
        samples: usize,
    },
    /// Nothing to find.
    #[error(
        "is 0, and then there is nothing to find; ask for the size to see how often a test finds what is not there"
    )]
    NoDifference,
    /// A second group of impossible slopes.
    #[error("the second group's mean slope is {slope_ln_per_h}: {source}")]
    SecondGroup {
        /// Its mean slope, ln(nmol/L) per hour.
        slope_ln_per_h: f64,
        /// The rule.
        source: crate::ReferenceError,
    },
    /// More simulated persons than there are streams of random numbers.
    #[error(
        "{studies} studies of {persons} persons are more than {most} persons, the most that are simulated"
    )]
    TooLarge {
        /// Studies.
        studies: u32,
        /// Persons a study.
        persons: u64,
        /// The most persons of all studies together.
        most: u64,
    },
}

impl DesignError {
    pub(super) const fn of(field: &'static str, rule: DesignRule) -> Self {
        Self { field, rule }
    }

    /// Accepts a count within bounds.
    pub(super) fn count(
        field: &'static str,
        count: u32,
        least: u32,
        most: u32,
    ) -> Result<u32, Self> {
        if (least..=most).contains(&count) {
            return Ok(count);
        }
        let (count, least, most) = (count.into(), least.into(), most.into());
        Err(Self::of(field, DesignRule::Count { count, least, most }))
    }
}

impl From<PlanError> for DesignError {
    fn from(error: PlanError) -> Self {
        Self::of(error.field, DesignRule::Simulation(error.rule))
    }
}
