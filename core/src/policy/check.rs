//! The rules that the numbers of a policy keep.

use std::ops::RangeInclusive;

use super::{Policy, PolicyViolation, Threshold};
use crate::range::Range;
use crate::rules::EVENING_LIMIT;

/// Days that a policy may ask for.
const DAYS: RangeInclusive<u32> = 1..=366;

/// Persons that a study's own reference may be asked to rest on. Two persons have no variance between them.
const REFERENCE_PERSONS: RangeInclusive<u32> = 3..=1_000_000;

/// Samples that a policy may ask for.
const MOST_SAMPLES: u32 = 100_000;

const SLOPE: Range = Range {
    what: "a threshold",
    minimum: -10.0,
    maximum: 10.0,
    unit: "ln(nmol/L) per hour",
};
const CAR_WINDOW: Range = Range {
    what: "an awakening response",
    minimum: 0.0,
    maximum: 1440.0,
    unit: "min",
};
const EVENING: Range = Range {
    what: "the beginning of the evening",
    minimum: 0.0,
    maximum: 24.0,
    unit: "h",
};
const SHARE: Range = Range {
    what: "a share",
    minimum: 0.0,
    maximum: 1.0,
    unit: "of the valid days",
};

impl Policy {
    /// The broken rules of numbers, in the order of the terms.
    pub(super) fn violations(&self) -> impl Iterator<Item = PolicyViolation> + use<> {
        [
            self.violation_of_min_reference_persons(),
            self.violation_of_threshold(),
            self.violation_of_probability(),
            self.violation_of_min_days(),
            self.violation_of_min_days_to_report(),
            violation_of_range("car_window_min", self.car_window_min, CAR_WINDOW),
            violation_of_range("evening_after_h", self.evening_after_h, EVENING),
            self.violation_of_min_samples(),
        ]
        .into_iter()
        .chain(self.ages.violations())
        .chain([
            violation_of_range(
                "evening_limit_nmol_per_l",
                self.rules.evening_limit_nmol_per_l,
                EVENING_LIMIT,
            ),
            violation_of_range("evening_limit_share", self.evening_limit_share, SHARE),
            self.reviewing.violation(),
        ])
        .flatten()
    }

    fn violation_of_min_reference_persons(&self) -> Option<PolicyViolation> {
        let persons = self.min_reference_persons;
        (!REFERENCE_PERSONS.contains(&persons)).then(|| PolicyViolation {
            field: "min_reference_persons",
            rule: format!("{persons} is not between 3 and 1000000 persons"),
        })
    }

    fn violation_of_threshold(&self) -> Option<PolicyViolation> {
        match self.threshold {
            Threshold::LnPerHour(slope) => violation_of_range("threshold_ln_per_h", slope, SLOPE),
            Threshold::Percentile(percentile) => {
                (!(percentile > 0.0 && percentile < 100.0)).then(|| PolicyViolation {
                    field: "threshold_percentile",
                    rule: format!("{percentile} is not more than 0 and less than 100"),
                })
            }
        }
    }

    fn violation_of_probability(&self) -> Option<PolicyViolation> {
        let probability = self.probability;
        (!(probability > 0.5 && probability < 1.0)).then(|| PolicyViolation {
            field: "probability",
            rule: format!("{probability} is not more than 0.5 and less than 1"),
        })
    }

    fn violation_of_min_days(&self) -> Option<PolicyViolation> {
        (!DAYS.contains(&self.min_days)).then(|| PolicyViolation {
            field: "min_days",
            rule: format!("{} is not between 1 and 366 days", self.min_days),
        })
    }

    fn violation_of_min_samples(&self) -> Option<PolicyViolation> {
        (self.min_samples > MOST_SAMPLES).then(|| PolicyViolation {
            field: "min_samples",
            rule: format!("{} is not between 0 and 100000 samples", self.min_samples),
        })
    }

    fn violation_of_min_days_to_report(&self) -> Option<PolicyViolation> {
        let (days, most) = (self.min_days_to_report, self.min_days);
        let rule = if !DAYS.contains(&days) {
            format!("{days} is not between 1 and 366 days")
        } else if days > most {
            format!("{days} is more than min_days, {most}")
        } else {
            return None;
        };
        Some(PolicyViolation {
            field: "min_days_to_report",
            rule,
        })
    }
}

pub(super) fn violation_of_range(
    field: &'static str,
    number: f64,
    range: Range,
) -> Option<PolicyViolation> {
    let error = range.check(number).err()?;
    Some(PolicyViolation {
        field,
        rule: error.to_string(),
    })
}
