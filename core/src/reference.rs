//! Frozen, versioned population models that a slope is judged against.
//!
//! The model of a person is `ln C = (b0 + u0) + (b1 + u1) t + e` with t in hours since awakening, `(u0, u1)` normal
//! between persons and `e` normal around a person's line.

mod builtin;

use crate::normal;
use crate::person::AgeYears;

/// A population model on ln(nmol/L) against hours since awakening.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    id: &'static str,
    population: &'static str,
    source: &'static str,
    provisional: bool,
    min_age_years: f64,
    max_age_years: Option<f64>,
    intercept_ln: f64,
    slope_ln_per_h: f64,
    car_ln: f64,
    intercept_sd: f64,
    slope_sd: f64,
    correlation: f64,
    residual_sd: f64,
}

impl Reference {
    /// The references that diel carries.
    #[must_use]
    pub fn builtin() -> &'static [Self] {
        &builtin::REFERENCES
    }

    /// The built-in reference of this name: `adult-noisy@1`, or `adult-noisy` for its newest version.
    ///
    /// ```
    /// use diel_core::Reference;
    /// assert_eq!(Reference::find("child").map(Reference::id), Some("child@1"));
    /// assert!(Reference::find("martian").is_none());
    /// ```
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        let newest_first = Self::builtin().iter().rev();
        newest_first.into_iter().find(|reference| {
            reference.id == name
                || reference
                    .id
                    .split_once('@')
                    .is_some_and(|(unversioned, _)| unversioned == name)
        })
    }

    /// The built-in reference for an age; that of adults when none is recorded.
    #[must_use]
    pub fn for_age(age: Option<AgeYears>) -> &'static Self {
        builtin::for_age(age.map(AgeYears::get))
    }

    /// Name and version, such as `adult-noisy@1`.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// Whom it describes.
    #[must_use]
    pub const fn population(&self) -> &'static str {
        self.population
    }

    /// Where its numbers come from.
    #[must_use]
    pub const fn source(&self) -> &'static str {
        self.source
    }

    /// Whether the numbers are assembled by judgement and not fitted to a described population.
    #[must_use]
    pub const fn provisional(&self) -> bool {
        self.provisional
    }

    /// Youngest age it is meant for, in years.
    #[must_use]
    pub const fn min_age_years(&self) -> f64 {
        self.min_age_years
    }

    /// Age from which it no longer holds, in years.
    #[must_use]
    pub const fn max_age_years(&self) -> Option<f64> {
        self.max_age_years
    }

    /// b0: mean ln(nmol/L) at awakening.
    #[must_use]
    pub const fn intercept_ln(&self) -> f64 {
        self.intercept_ln
    }

    /// b1: mean slope, ln(nmol/L) per hour.
    #[must_use]
    pub const fn slope_ln_per_h(&self) -> f64 {
        self.slope_ln_per_h
    }

    /// Mean rise of the +30 min sample above the line, ln units.
    #[must_use]
    pub const fn car_ln(&self) -> f64 {
        self.car_ln
    }

    /// Standard deviation of u0, ln units.
    #[must_use]
    pub const fn intercept_sd(&self) -> f64 {
        self.intercept_sd
    }

    /// Standard deviation of u1, ln(nmol/L) per hour.
    #[must_use]
    pub const fn slope_sd(&self) -> f64 {
        self.slope_sd
    }

    /// Correlation of u0 and u1.
    #[must_use]
    pub const fn correlation(&self) -> f64 {
        self.correlation
    }

    /// Standard deviation of e, ln units.
    #[must_use]
    pub const fn residual_sd(&self) -> f64 {
        self.residual_sd
    }

    /// Percentile of a true slope in the population, 0 to 100; the flattest have the highest.
    #[must_use]
    pub fn percentile_of(&self, slope_ln_per_h: f64) -> f64 {
        100.0 * normal::cumulative((slope_ln_per_h - self.slope_ln_per_h) / self.slope_sd)
    }

    /// The true slope, ln(nmol/L) per hour, that this percentile (more than 0, less than 100) of the population
    /// does not exceed.
    #[must_use]
    pub fn slope_at_percentile(&self, percentile: f64) -> f64 {
        self.slope_ln_per_h + self.slope_sd * normal::quantile(percentile / 100.0)
    }

    /// Whether it is meant for this age.
    #[must_use]
    pub fn holds_for(&self, age: AgeYears) -> bool {
        age.get() >= self.min_age_years && self.max_age_years.is_none_or(|max| age.get() < max)
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
}
