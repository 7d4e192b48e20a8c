//! Frozen, versioned population models that a slope is judged against.
//!
//! The model of a person is `ln C = (b0 + u0) + (b1 + u1) t + e` with t in hours since awakening, `(u0, u1)` normal
//! between persons and `e` normal around a person's line. A [`Reference`] is one such model with the persons it is meant
//! for; [`Strata`] are several under one name, by sex and age; [`References`] are what a policy may name.

mod builtin;
mod catalogue;
mod frozen;
mod hours;
mod strata;
mod terms;

use std::sync::Arc;

pub use catalogue::References;
pub use frozen::{FreezeError, Freezing};
pub use hours::{HoursTableError, LevelAtHours, strata_of_hours};
pub use strata::{Gap, Strata, StrataError};
pub use terms::{Basis, PopulationModel, ReferenceError, ReferenceTerms};

use crate::normal;
use crate::person::{AgeYears, Person, Sex};

/// A checked population model on ln(nmol/L) against hours since awakening, and whom it is meant for.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    terms: ReferenceTerms,
}

impl Reference {
    /// Checks every number and range.
    ///
    /// # Errors
    /// [`ReferenceError`] names field, value and rule.
    ///
    /// ```
    /// use diel_core::{Reference, ReferenceTerms};
    /// let adult = Reference::find("adult-noisy@1").unwrap();
    /// let terms = ReferenceTerms { id: "pilot@1".to_owned(), ..adult.terms().clone() };
    /// assert_eq!(Reference::new(terms.clone())?.slope_sd(), 0.055);
    /// let mut wrong = terms;
    /// wrong.model.residual_sd = 0.0;
    /// let error = Reference::new(wrong).unwrap_err();
    /// assert_eq!(error.to_string(), "residual_sd: 0 is not more than 0");
    /// # Ok::<(), diel_core::ReferenceError>(())
    /// ```
    pub fn new(terms: ReferenceTerms) -> Result<Self, ReferenceError> {
        terms::check(&terms)?;
        Ok(Self { terms })
    }

    /// The references that diel carries, older versions before newer ones of the same name.
    #[must_use]
    pub fn builtin() -> &'static [Arc<Self>] {
        builtin::all()
    }

    /// The built-in reference of this name: `adult-noisy@1`, or `adult-noisy` for its newest version.
    ///
    /// ```
    /// use diel_core::Reference;
    /// assert_eq!(Reference::find("child").map(|reference| reference.id()), Some("child@1"));
    /// assert!(Reference::find("martian").is_none());
    /// ```
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Arc<Self>> {
        let newest_first = Self::builtin().iter().rev();
        newest_first.into_iter().find(|reference| {
            reference.id() == name
                || reference
                    .id()
                    .split_once('@')
                    .is_some_and(|(unversioned, _)| unversioned == name)
        })
    }

    /// The built-in reference for an age; that of adults when none is recorded.
    #[must_use]
    pub fn for_age(age: Option<AgeYears>) -> &'static Arc<Self> {
        builtin::for_age(age.map(AgeYears::get))
    }

    /// Everything that it states.
    #[must_use]
    pub const fn terms(&self) -> &ReferenceTerms {
        &self.terms
    }

    /// Name and version, such as `adult-noisy@1` or `studies/pilot/references/adults@2`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.terms.id
    }

    /// Whom it describes.
    #[must_use]
    pub fn population(&self) -> &str {
        &self.terms.population
    }

    /// Where its numbers come from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.terms.source
    }

    /// Whether the numbers are assembled by judgement and not fitted to a described population.
    #[must_use]
    pub const fn provisional(&self) -> bool {
        self.terms.provisional
    }

    /// Youngest age it is meant for, in years.
    #[must_use]
    pub const fn min_age_years(&self) -> f64 {
        self.terms.min_age_years
    }

    /// Age from which it no longer holds, in years.
    #[must_use]
    pub const fn max_age_years(&self) -> Option<f64> {
        self.terms.max_age_years
    }

    /// The sex it is meant for; `None` for any, recorded or not.
    #[must_use]
    pub const fn sex(&self) -> Option<Sex> {
        self.terms.sex
    }

    /// b0: mean ln(nmol/L) at awakening.
    #[must_use]
    pub const fn intercept_ln(&self) -> f64 {
        self.terms.model.intercept_ln
    }

    /// b1: mean slope, ln(nmol/L) per hour.
    #[must_use]
    pub const fn slope_ln_per_h(&self) -> f64 {
        self.terms.model.slope_ln_per_h
    }

    /// Mean rise of the +30 min sample above the line, ln units.
    #[must_use]
    pub const fn car_ln(&self) -> f64 {
        self.terms.model.car_ln
    }

    /// Standard deviation of u0, ln units.
    #[must_use]
    pub const fn intercept_sd(&self) -> f64 {
        self.terms.model.intercept_sd
    }

    /// Standard deviation of u1, ln(nmol/L) per hour.
    #[must_use]
    pub const fn slope_sd(&self) -> f64 {
        self.terms.model.slope_sd
    }

    /// Correlation of u0 and u1.
    #[must_use]
    pub const fn correlation(&self) -> f64 {
        self.terms.model.correlation
    }

    /// Standard deviation of e, ln units.
    #[must_use]
    pub const fn residual_sd(&self) -> f64 {
        self.terms.model.residual_sd
    }

    /// Percentile of a true slope in the population, 0 to 100; the flattest have the highest.
    #[must_use]
    pub fn percentile_of(&self, slope_ln_per_h: f64) -> f64 {
        100.0 * normal::cumulative((slope_ln_per_h - self.slope_ln_per_h()) / self.slope_sd())
    }

    /// The true slope, ln(nmol/L) per hour, that this percentile (more than 0, less than 100) of the population
    /// does not exceed.
    #[must_use]
    pub fn slope_at_percentile(&self, percentile: f64) -> f64 {
        self.slope_ln_per_h() + self.slope_sd() * normal::quantile(percentile / 100.0)
    }

    /// Whether it is meant for this age.
    #[must_use]
    pub fn holds_for(&self, age: AgeYears) -> bool {
        age.get() >= self.min_age_years() && self.max_age_years().is_none_or(|max| age.get() < max)
    }

    /// Whether it states no bounds of age.
    pub(crate) fn is_for_every_age(&self) -> bool {
        self.min_age_years() == 0.0 && self.max_age_years().is_none()
    }

    /// Whether the person's recorded age and sex lie in it.
    pub(crate) fn covers(&self, person: &Person) -> bool {
        self.is_for_sex_of(person)
            && (self.is_for_every_age() || person.age.is_some_and(|age| self.holds_for(age)))
    }

    /// Whether it is for any sex, or for the one recorded.
    pub(crate) fn is_for_sex_of(&self, person: &Person) -> bool {
        self.sex().is_none_or(|sex| sex == person.sex)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_and_slopes_are_inverse() {
        for reference in Reference::builtin() {
            for percentile in [1e-3, 10.0, 50.0, 90.0, 99.999] {
                let slope = reference.slope_at_percentile(percentile);
                assert!(
                    (reference.percentile_of(slope) - percentile).abs() < 1e-9,
                    "{}",
                    reference.id()
                );
            }
        }
        // -0.0965 + 0.055 x 1.2815515655
        let adult = Reference::find("adult-noisy@1").expect("built in");
        assert!((adult.slope_at_percentile(90.0) + 0.026_014_663_9).abs() < 1e-9);
    }

    #[test]
    fn every_age_has_a_reference() {
        for (age, id) in [
            (None, "adult-noisy@1"),
            (Some(0.0), "infant@1"),
            (Some(0.99), "infant@1"),
            (Some(1.0), "toddler@1"),
            (Some(3.0), "child@1"),
            (Some(12.0), "adolescent@1"),
            (Some(17.9), "adolescent@1"),
            (Some(18.0), "adult-noisy@1"),
            (Some(130.0), "adult-noisy@1"),
        ] {
            let age = age.and_then(|years| AgeYears::new(years).ok());
            assert_eq!(Reference::for_age(age).id(), id);
        }
    }

    #[test]
    fn the_built_in_ones_keep_the_rules_for_all() {
        assert_eq!(Reference::builtin().len(), 6);
        for reference in Reference::builtin() {
            assert_eq!(
                Reference::new(reference.terms().clone()).as_ref(),
                Ok(&**reference)
            );
        }
    }
}
