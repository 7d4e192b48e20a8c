//! A study's rule for judging rhythms.

mod check;
mod terms;
mod violation;

use std::sync::Arc;

pub use terms::{PolicyTerms, REFERENCE_BY_AGE, REFERENCE_OWN, ReferenceChoice, Threshold};
pub use violation::{PolicyError, PolicyViolation};

use self::check::violation_of_range;
use self::terms::{BY_AGE, OF_STUDIES};
use crate::person::Person;
use crate::reason::Reason;
use crate::reference::{Reference, References};
use crate::rules::Rules;

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
