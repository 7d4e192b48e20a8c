//! A study's rule for judging rhythms.

mod terms;
mod violation;

use std::ops::RangeInclusive;
use std::sync::Arc;

pub use terms::{PolicyTerms, REFERENCE_BY_AGE, REFERENCE_OWN, ReferenceChoice, Threshold};
pub use violation::{PolicyError, PolicyViolation};

use self::terms::{BY_AGE, OF_STUDIES};
use crate::person::Person;
use crate::range::Range;
use crate::reason::Reason;
use crate::reference::{Reference, References};
use crate::rules::Rules;

/// Days that a policy may ask for.
const DAYS: RangeInclusive<u32> = 1..=366;

/// Persons that a study's own reference may be asked to rest on. Two persons have no variance between them.
const REFERENCE_PERSONS: RangeInclusive<u32> = 3..=1_000_000;

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

/// A checked rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    reference: ReferenceChoice,
    min_reference_persons: u32,
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
            min_reference_persons: 100,
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

impl Policy {
    /// Fills in what the terms leave out and checks the whole. The built-in references can be named.
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
        Self::with_references(terms, &References::default())
    }

    /// The same with further references that can be named.
    ///
    /// # Errors
    /// [`PolicyError`] names every field that breaks a rule.
    pub fn with_references(
        terms: &PolicyTerms,
        references: &References,
    ) -> Result<Self, PolicyError> {
        let default = Self::default();
        let min_reference_persons = terms
            .min_reference_persons
            .unwrap_or(default.min_reference_persons);
        let reference = chosen(
            terms.reference.as_deref(),
            min_reference_persons,
            references,
        );
        Self::of(terms, min_reference_persons, reference)
    }

    /// The terms with everything filled in, checked but for whether a reference `studies/...` exists, which only the
    /// owner of the study's references can tell.
    ///
    /// # Errors
    /// [`PolicyError`] names every field that breaks a rule.
    pub fn check_terms(terms: &PolicyTerms) -> Result<PolicyTerms, PolicyError> {
        match terms.reference.as_deref() {
            Some(name) if name.starts_with(OF_STUDIES) => {
                let by_age = PolicyTerms {
                    reference: None,
                    ..terms.clone()
                };
                Ok(PolicyTerms {
                    reference: Some(name.to_owned()),
                    ..Self::new(&by_age)?.terms()
                })
            }
            _ => Ok(Self::new(terms)?.terms()),
        }
    }

    fn of(
        terms: &PolicyTerms,
        min_reference_persons: u32,
        reference: Result<ReferenceChoice, PolicyViolation>,
    ) -> Result<Self, PolicyError> {
        let default = Self::default();
        let min_days = terms.min_days.unwrap_or(default.min_days);
        let min_days_to_report = default.min_days_to_report.min(min_days);
        let policy = Self {
            reference: reference.as_ref().unwrap_or(&default.reference).clone(),
            min_reference_persons,
            threshold: terms.threshold.unwrap_or(default.threshold),
            probability: terms.probability.unwrap_or(default.probability),
            min_days,
            min_days_to_report: terms.min_days_to_report.unwrap_or(min_days_to_report),
            car_window_min: terms.car_window_min.unwrap_or(default.car_window_min) + 0.0,
            evening_after_h: terms.evening_after_h.unwrap_or(default.evening_after_h) + 0.0,
            rules: default.rules,
        };
        let violations: Vec<_> = reference
            .err()
            .into_iter()
            .chain(policy.violations())
            .collect();
        if violations.is_empty() {
            Ok(policy)
        } else {
            Err(PolicyError { violations })
        }
    }

    /// The broken rules of numbers, in the order of the terms.
    fn violations(&self) -> impl Iterator<Item = PolicyViolation> + use<> {
        [
            self.violation_of_min_reference_persons(),
            self.violation_of_threshold(),
            self.violation_of_probability(),
            self.violation_of_min_days(),
            self.violation_of_min_days_to_report(),
            violation_of_range("car_window_min", self.car_window_min, CAR_WINDOW),
            violation_of_range("evening_after_h", self.evening_after_h, EVENING),
        ]
        .into_iter()
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

    /// The same policy under other thresholds of quality. They are not among the terms.
    ///
    /// # Errors
    /// [`PolicyError`] names every threshold that is not a number in its range.
    pub fn with_rules(self, rules: Rules) -> Result<Self, PolicyError> {
        let numbered = rules.numbered().into_iter();
        let violations: Vec<_> = numbered
            .filter_map(|(field, number, range)| violation_of_range(field, number, range))
            .collect();
        if violations.is_empty() {
            Ok(Self { rules, ..self })
        } else {
            Err(PolicyError { violations })
        }
    }

    /// The terms with everything filled in; made into a policy with the same references they are the same policy.
    #[must_use]
    pub fn terms(&self) -> PolicyTerms {
        PolicyTerms {
            reference: Some(self.reference_term().to_owned()),
            min_reference_persons: Some(self.min_reference_persons),
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
    pub const fn reference(&self) -> &ReferenceChoice {
        &self.reference
    }

    /// The same as it is written in the terms.
    pub(crate) fn reference_term(&self) -> &str {
        match &self.reference {
            ReferenceChoice::ByAge => REFERENCE_BY_AGE,
            ReferenceChoice::Named(strata) => strata.id(),
            ReferenceChoice::Own(_) => REFERENCE_OWN,
        }
    }

    /// Persons with enough days that the study's own reference must rest on.
    #[must_use]
    pub const fn min_reference_persons(&self) -> u32 {
        self.min_reference_persons
    }

    /// The reference for a person.
    #[must_use]
    pub fn reference_for(&self, person: &Person) -> &Arc<Reference> {
        self.stratum_for(person).0
    }

    /// The reference for a person, or why the person lies in none of its strata.
    pub(crate) fn stratum_for(&self, person: &Person) -> (&Arc<Reference>, Option<Reason>) {
        match &self.reference {
            ReferenceChoice::ByAge | ReferenceChoice::Own(None) => {
                (Reference::for_age(person.age), None)
            }
            ReferenceChoice::Named(strata) | ReferenceChoice::Own(Some(strata)) => {
                strata.for_person(person)
            }
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

fn chosen(
    name: Option<&str>,
    min_reference_persons: u32,
    references: &References,
) -> Result<ReferenceChoice, PolicyViolation> {
    match name {
        None | Some("" | REFERENCE_BY_AGE | BY_AGE) => Ok(ReferenceChoice::ByAge),
        Some(REFERENCE_OWN) => Ok(ReferenceChoice::Own(
            references.own_resting_on(min_reference_persons),
        )),
        Some(name) => references
            .find(name)
            .map(ReferenceChoice::Named)
            .ok_or_else(|| {
                let builtin = Reference::builtin().iter();
                let known: Vec<_> = builtin.map(|reference| reference.id()).collect();
                let rule = format!(
                    "{name:?} is not a reference; known are {}",
                    known.join(", ")
                );
                PolicyViolation {
                    field: "reference",
                    rule,
                }
            }),
    }
}

fn violation_of_range(field: &'static str, number: f64, range: Range) -> Option<PolicyViolation> {
    let error = range.check(number).err()?;
    Some(PolicyViolation {
        field,
        rule: error.to_string(),
    })
}
