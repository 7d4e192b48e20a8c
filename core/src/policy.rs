//! A study's rule for judging rhythms.

mod ages;
mod check;
mod choice;
mod reviewing;
mod terms;
mod violation;

pub use ages::Ages;
pub use reviewing::Reviewing;
pub use terms::{PolicyTerms, REFERENCE_BY_AGE, REFERENCE_OWN, ReferenceChoice, Threshold};
pub use violation::{PolicyError, PolicyViolation};

use self::check::violation_of_range;
use self::choice::chosen;
use self::terms::OF_STUDIES;
use crate::person::Conditions;
use crate::reference::References;
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
    min_samples: u32,
    excluding: Conditions,
    ages: Ages,
    evening_limit_share: f64,
    reviewing: Reviewing,
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
            min_samples: 0,
            excluding: Conditions::all(),
            ages: Ages::DEFAULT,
            evening_limit_share: 0.5,
            reviewing: Reviewing::DEFAULT,
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
            min_samples: terms.min_samples.unwrap_or(default.min_samples),
            excluding: terms.excluding.unwrap_or(default.excluding),
            ages: Ages {
                judged_years: terms.min_age_years.unwrap_or(default.ages.judged_years) + 0.0,
                flagged_years: terms
                    .min_age_to_flag_years
                    .unwrap_or(default.ages.flagged_years)
                    + 0.0,
                car_years: terms
                    .min_age_for_car_years
                    .unwrap_or(default.ages.car_years)
                    + 0.0,
            },
            evening_limit_share: terms
                .evening_limit_share
                .unwrap_or(default.evening_limit_share)
                + 0.0,
            reviewing: Reviewing {
                second_review: terms
                    .second_review
                    .unwrap_or(default.reviewing.second_review),
                reopen_shift_sd: terms
                    .reopen_shift_sd
                    .unwrap_or(default.reviewing.reopen_shift_sd)
                    + 0.0,
            },
            rules: Rules {
                evening_limit_nmol_per_l: terms
                    .evening_limit_nmol_per_l
                    .unwrap_or(default.rules.evening_limit_nmol_per_l)
                    + 0.0,
                ..default.rules
            },
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

    /// The same policy under other thresholds of quality. But for the evening limit they are not among the terms.
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
            min_samples: Some(self.min_samples),
            excluding: Some(self.excluding),
            min_age_years: Some(self.ages.judged_years),
            min_age_to_flag_years: Some(self.ages.flagged_years),
            min_age_for_car_years: Some(self.ages.car_years),
            evening_limit_nmol_per_l: Some(self.rules.evening_limit_nmol_per_l),
            evening_limit_share: Some(self.evening_limit_share),
            second_review: Some(self.reviewing.second_review),
            reopen_shift_sd: Some(self.reviewing.reopen_shift_sd),
        }
    }

    /// Whether what was added to the terms after the first version of the method has its defaults. Digests of such
    /// policies are what they were.
    pub(crate) fn judges_by_default(&self) -> bool {
        let default = Self::default();
        (self.min_samples, self.excluding) == (default.min_samples, default.excluding)
            && self.ages == default.ages
            && self.evening_limit_share == default.evening_limit_share
    }

    /// What counts as flat.
    #[must_use]
    pub const fn threshold(&self) -> Threshold {
        self.threshold
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

    /// Samples that the slope must rest on to flag.
    #[must_use]
    pub const fn min_samples(&self) -> u32 {
        self.min_samples
    }

    /// Conditions under which a day does not count and a person is not judged.
    #[must_use]
    pub const fn excluding(&self) -> Conditions {
        self.excluding
    }

    /// Ages below which it holds back.
    #[must_use]
    pub const fn ages(&self) -> &Ages {
        &self.ages
    }

    /// The share of valid days above which evenings below a high limit keep a rhythm from being flagged, 0 to 1.
    #[must_use]
    pub const fn evening_limit_share(&self) -> f64 {
        self.evening_limit_share
    }

    /// How flags are reviewed.
    #[must_use]
    pub const fn reviewing(&self) -> &Reviewing {
        &self.reviewing
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
