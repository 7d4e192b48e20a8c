//! A study's rule for judging rhythms.

use std::ops::RangeInclusive;

use thiserror::Error;

use crate::person::AgeYears;
use crate::range::Range;
use crate::reference::Reference;
use crate::rules::Rules;

/// Which reference a policy judges against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ReferenceChoice {
    /// The built-in one of the participant's age.
    ByAge,
    /// This one, whatever the age.
    Named(&'static Reference),
}

/// The slope above which (flatter than which) a slope counts as flat.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Threshold {
    /// A slope, ln(nmol/L) per hour.
    LnPerHour(f64),
    /// A percentile of the reference's true slopes.
    Percentile(f64),
}

/// What a user may say of a policy; what is left out takes its default.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PolicyTerms {
    /// The name of a reference; "auto" and absent choose by age.
    pub reference: Option<String>,
    /// Default: the 90th percentile.
    pub threshold: Option<Threshold>,
    /// Posterior probability from which a rhythm is put before a reviewer. Default 0.8.
    pub probability: Option<f64>,
    /// Valid days needed to flag. Default 3.
    pub min_days: Option<u32>,
    /// Valid days needed to report. Default 2, or `min_days` where that is less.
    pub min_days_to_report: Option<u32>,
    /// Length of the awakening response that slopes leave out, in minutes. Default 60.
    pub car_window_min: Option<f64>,
    /// A day needs a sample at least this many hours after awakening. Default 8.
    pub evening_after_h: Option<f64>,
}

/// A checked rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    reference: ReferenceChoice,
    threshold: Threshold,
    probability: f64,
    min_days: u32,
    min_days_to_report: u32,
    car_window_min: f64,
    evening_after_h: f64,
    rules: Rules,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            reference: ReferenceChoice::ByAge,
            threshold: Threshold::Percentile(90.0),
            probability: 0.8,
            min_days: 3,
            min_days_to_report: 2,
            car_window_min: 60.0,
            evening_after_h: 8.0,
            rules: Rules::DEFAULT,
        }
    }
}

/// The word for a reference chosen by age.
pub const REFERENCE_BY_AGE: &str = "auto";

/// Days that a policy may ask for.
const DAYS: RangeInclusive<u32> = 1..=366;

impl Policy {
    /// Fills in what the terms leave out and checks the whole.
    ///
    /// # Errors
    /// [`PolicyError`] names every field that breaks a rule.
    ///
    /// ```
    /// use diel_core::{Policy, PolicyTerms};
    /// assert_eq!(Policy::new(&PolicyTerms::default())?, Policy::default());
    /// let wrong = PolicyTerms { probability: Some(1.5), ..PolicyTerms::default() };
    /// assert!(Policy::new(&wrong).is_err());
    /// # Ok::<(), diel_core::PolicyError>(())
    /// ```
    pub fn new(terms: &PolicyTerms) -> Result<Self, PolicyError> {
        let default = Self::default();
        let mut violations = Vec::new();
        let mut refuse = |field, rule| violations.push(PolicyViolation { field, rule });

        let reference = match terms.reference.as_deref() {
            None | Some("" | REFERENCE_BY_AGE) => ReferenceChoice::ByAge,
            Some(name) => Reference::find(name).map_or_else(
                || {
                    let known: Vec<_> = Reference::builtin().iter().map(Reference::id).collect();
                    refuse(
                        "reference",
                        format!(
                            "{name:?} is not a reference; known are {}",
                            known.join(", ")
                        ),
                    );
                    ReferenceChoice::ByAge
                },
                ReferenceChoice::Named,
            ),
        };
        let threshold = terms.threshold.unwrap_or(default.threshold);
        match threshold {
            Threshold::LnPerHour(slope) if !(-10.0..=10.0).contains(&slope) => {
                refuse(
                    "threshold_ln_per_h",
                    format!("{slope} is not between -10 and 10 ln units per hour"),
                );
            }
            Threshold::Percentile(p) if !(p > 0.0 && p < 100.0) => {
                refuse(
                    "threshold_percentile",
                    format!("{p} is not more than 0 and less than 100"),
                );
            }
            _ => {}
        }
        let probability = terms.probability.unwrap_or(default.probability);
        if !(probability > 0.5 && probability < 1.0) {
            refuse(
                "probability",
                format!("{probability} is not more than 0.5 and less than 1"),
            );
        }
        let min_days = terms.min_days.unwrap_or(default.min_days);
        if !DAYS.contains(&min_days) {
            refuse(
                "min_days",
                format!("{min_days} is not between 1 and 366 days"),
            );
        }
        let min_days_to_report = terms
            .min_days_to_report
            .unwrap_or(default.min_days_to_report.min(min_days));
        if !DAYS.contains(&min_days_to_report) {
            refuse(
                "min_days_to_report",
                format!("{min_days_to_report} is not between 1 and 366 days"),
            );
        } else if min_days_to_report > min_days {
            refuse(
                "min_days_to_report",
                format!("{min_days_to_report} is more than min_days, {min_days}"),
            );
        }
        let car_window_min = terms.car_window_min.unwrap_or(default.car_window_min);
        if !(0.0..=1440.0).contains(&car_window_min) {
            refuse(
                "car_window_min",
                format!("{car_window_min} is not between 0 and 1440 minutes"),
            );
        }
        let evening_after_h = terms.evening_after_h.unwrap_or(default.evening_after_h);
        if !(0.0..=24.0).contains(&evening_after_h) {
            refuse(
                "evening_after_h",
                format!("{evening_after_h} is not between 0 and 24 hours"),
            );
        }
        if !violations.is_empty() {
            return Err(PolicyError { violations });
        }
        Ok(Self {
            reference,
            threshold,
            probability,
            min_days,
            min_days_to_report,
            car_window_min: car_window_min + 0.0,
            evening_after_h: evening_after_h + 0.0,
            rules: default.rules,
        })
    }

    /// The same policy under other thresholds of quality. They are not among the terms.
    ///
    /// # Errors
    /// [`PolicyError`] names every threshold that is not a number in its range.
    pub fn with_rules(self, rules: Rules) -> Result<Self, PolicyError> {
        let broken = |(field, number, range): (&'static str, f64, Range)| {
            let error = range.check(number).err()?;
            Some(PolicyViolation {
                field,
                rule: error.to_string(),
            })
        };
        let violations: Vec<_> = rules.numbered().into_iter().filter_map(broken).collect();
        if violations.is_empty() {
            Ok(Self { rules, ..self })
        } else {
            Err(PolicyError { violations })
        }
    }

    /// The terms with everything filled in; `Policy::new(&policy.terms())` is the same policy.
    #[must_use]
    pub fn terms(&self) -> PolicyTerms {
        PolicyTerms {
            reference: Some(match self.reference {
                ReferenceChoice::ByAge => REFERENCE_BY_AGE.to_owned(),
                ReferenceChoice::Named(reference) => reference.id().to_owned(),
            }),
            threshold: Some(self.threshold),
            probability: Some(self.probability),
            min_days: Some(self.min_days),
            min_days_to_report: Some(self.min_days_to_report),
            car_window_min: Some(self.car_window_min),
            evening_after_h: Some(self.evening_after_h),
        }
    }

    /// How the reference is chosen.
    #[must_use]
    pub const fn reference(&self) -> ReferenceChoice {
        self.reference
    }

    /// The reference for a person of this age.
    #[must_use]
    pub fn reference_for(&self, age: Option<AgeYears>) -> &'static Reference {
        match self.reference {
            ReferenceChoice::ByAge => Reference::for_age(age),
            ReferenceChoice::Named(reference) => reference,
        }
    }

    /// What counts as flat.
    #[must_use]
    pub const fn threshold(&self) -> Threshold {
        self.threshold
    }

    /// The threshold against a reference, ln(nmol/L) per hour.
    #[must_use]
    pub fn threshold_ln_per_h(&self, reference: &Reference) -> f64 {
        match self.threshold {
            Threshold::LnPerHour(slope) => slope,
            Threshold::Percentile(percentile) => reference.slope_at_percentile(percentile),
        }
    }

    /// Posterior probability from which a rhythm is put before a reviewer.
    #[must_use]
    pub const fn probability(&self) -> f64 {
        self.probability
    }

    /// Valid days needed to flag.
    #[must_use]
    pub const fn min_days(&self) -> u32 {
        self.min_days
    }

    /// Valid days needed to report.
    #[must_use]
    pub const fn min_days_to_report(&self) -> u32 {
        self.min_days_to_report
    }

    /// Length of the awakening response, in hours.
    #[must_use]
    pub fn car_window_h(&self) -> f64 {
        self.car_window_min / 60.0
    }

    /// Length of the awakening response, in minutes.
    #[must_use]
    pub const fn car_window_min(&self) -> f64 {
        self.car_window_min
    }

    /// Hours after awakening from which a sample is an evening sample.
    #[must_use]
    pub const fn evening_after_h(&self) -> f64 {
        self.evening_after_h
    }

    /// Hours after awakening within which a sample is a wake sample.
    #[must_use]
    pub fn wake_window_h(&self) -> f64 {
        self.rules.wake_window_min / 60.0
    }

    /// The thresholds that are judgement.
    #[must_use]
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }
}

/// A broken rule of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyViolation {
    /// The term.
    pub field: &'static str,
    /// The value and the rule.
    pub rule: String,
}

/// Every broken rule of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", .violations.iter().map(|v| format!("{}: {}", v.field, v.rule)).collect::<Vec<_>>().join("; "))]
pub struct PolicyError {
    violations: Vec<PolicyViolation>,
}

impl PolicyError {
    /// The broken rules, at least one.
    #[must_use]
    pub fn violations(&self) -> &[PolicyViolation] {
        &self.violations
    }
}
