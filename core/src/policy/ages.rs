//! Ages below which a policy holds back.

use super::PolicyViolation;
use super::check::violation_of_range;
use crate::range::AGE;
use crate::rules::{CAR_ESTABLISHED_AGE_YEARS, MIN_JUDGED_AGE_YEARS, RHYTHM_ESTABLISHED_AGE_YEARS};

/// Ages below which something is not done, in years. A person without a recorded age is older than all of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ages {
    /// No rhythm is judged.
    pub judged_years: f64,
    /// A flat rhythm is not put before a reviewer: it is not established.
    pub flagged_years: f64,
    /// No awakening response is computed.
    pub car_years: f64,
}

impl Ages {
    /// Two months, twelve months and four years.
    pub const DEFAULT: Self = Self {
        judged_years: MIN_JUDGED_AGE_YEARS,
        flagged_years: RHYTHM_ESTABLISHED_AGE_YEARS,
        car_years: CAR_ESTABLISHED_AGE_YEARS,
    };

    pub(super) fn violations(&self) -> [Option<PolicyViolation>; 3] {
        [
            violation_of_range("min_age_years", self.judged_years, AGE),
            violation_of_range("min_age_to_flag_years", self.flagged_years, AGE),
            violation_of_range("min_age_for_car_years", self.car_years, AGE),
        ]
    }
}
