//! How reliability grows with days, and how many are enough.

use super::error::{DesignError, DesignRule};
use crate::range::Range;
use crate::rules::MAX_DAYS_TO_RELIABLE;

const RELIABILITY: Range = Range {
    what: "a reliability to reach",
    minimum: 0.01,
    maximum: 0.99,
    unit: "(of 1)",
};

/// Reliabilities that differ by less are one: 4 days of 0.5 are 0.8, whatever the last bit says.
const SAME: f64 = 1e-12;

/// A reliability to reach, 0.01 to 0.99. The default is the customary 0.8.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target(f64);

impl Default for Target {
    fn default() -> Self {
        Self(crate::rules::RELIABLE)
    }
}

impl Target {
    /// Accepts a reliability.
    ///
    /// # Errors
    /// [`DesignError`] for anything outside 0.01 to 0.99.
    pub fn new(value: f64) -> Result<Self, DesignError> {
        RELIABILITY
            .check(value)
            .map(Self)
            .map_err(|source| DesignError::of("target", DesignRule::Number(source)))
    }

    /// The reliability.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// The reliability of the mean of so many days, k r / (1 + (k - 1) r) for r of one day.
///
/// # References
/// Spearman C 1910, doi:10.1111/j.2044-8295.1910.tb00206.x. Brown W 1910, doi:10.1111/j.2044-8295.1910.tb00207.x.
///
/// ```
/// // 31 % of one day's variance between persons: nine days for 0.8.
/// assert!((diel_core::design::reliability_of_mean(0.31, 9) - 0.801_724).abs() < 1e-6);
/// ```
#[must_use]
pub fn reliability_of_mean(one_day: f64, days: u32) -> f64 {
    let days = f64::from(days);
    days * one_day / (1.0 + (days - 1.0) * one_day)
}

/// The fewest days whose mean reaches the target; `None` when a year does not.
pub(super) fn days_of_mean(one_day: f64, target: Target) -> Option<u32> {
    fewest_days(target, |days| reliability_of_mean(one_day, days))
}

/// The fewest days whose reliability, which rises with days, reaches the target; `None` when a year does not.
pub(super) fn fewest_days(target: Target, reliability_of: impl Fn(u32) -> f64) -> Option<u32> {
    let enough = |days: u32| reliability_of(days) >= target.get() - SAME;
    let (mut too_few, mut reached) = (0, MAX_DAYS_TO_RELIABLE);
    if !enough(reached) {
        return None;
    }
    while reached - too_few > 1 {
        let middle = too_few + (reached - too_few) / 2;
        if enough(middle) {
            reached = middle;
        } else {
            too_few = middle;
        }
    }
    Some(reached)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_by_hand() {
        // k = T (1 - r) / (r (1 - T)), rounded up.
        for (one_day, target, days) in [
            (0.5, 0.8, Some(4)),
            (0.31, 0.8, Some(9)),
            (0.22, 0.8, Some(15)),
            (0.9, 0.8, Some(1)),
            (1.0, 0.8, Some(1)),
            (0.0, 0.8, None),
            (0.01, 0.8, None),
            (0.5, 0.9, Some(9)),
        ] {
            let target = Target::new(target).unwrap();
            assert_eq!(days_of_mean(one_day, target), days, "{one_day}");
        }
    }

    #[test]
    fn a_target_lies_between_none_and_all() {
        for value in [0.0, 1.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Target::new(value).is_err(), "{value}");
        }
        let error = Target::new(1.0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "target: 1 (of 1) is more than 0.99, the most accepted for a reliability to reach"
        );
    }
}
