//! Reliability as the days of a cohort show it.

use super::days::{Target, days_of_mean, reliability_of_mean};
use super::metric::{METRICS, of_day};
use super::one_way::{OneWay, components};
use crate::Features;
use crate::coded::coded;
use crate::tails::Confidence;

coded! {
    /// Why a cohort shows no reliability of a metric.
    Shortage, "shortage" {
        NoDays = "no_days": "No valid day has the metric.",
        OnePerson = "one_person": "One person has the metric; reliability is about differences between persons.",
        NoRepeatedDays = "no_repeated_days": "Nobody has the metric on two days, so that persons cannot be told from their days.",
        NoVariance = "no_variance": "All days have the same value.",
        NoVarianceWithin = "no_variance_within": "All days of each person have the same value, which no measurement has.",
        NotFitted = "not_fitted": "The variances could not be estimated: the values are too large or too unlike.",
    }
}

/// The metrics of a cohort's days, person by person. The answer depends neither on the order of the persons nor on that of
/// their days.
#[derive(Debug, Clone, Default)]
pub struct CohortDays {
    /// Of each metric the values of each person that has any.
    values: [Vec<Vec<f64>>; METRICS.len()],
}

/// What a cohort shows of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct ObservedReliability {
    /// The metric, one of [`METRICS`].
    pub metric: &'static str,
    /// Persons with the metric.
    pub persons: u32,
    /// Those of them with two days or more.
    pub persons_with_repeats: u32,
    /// Days with the metric.
    pub days: u32,
    /// The reliability, or why there is none.
    pub intraclass: Result<Intraclass, Shortage>,
}

/// An intraclass correlation and what follows from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Intraclass {
    /// The mean over persons, in the metric's unit.
    pub mean: f64,
    /// Standard deviation between persons, in the metric's unit.
    pub between_sd: f64,
    /// Standard deviation between a person's days, in the metric's unit.
    pub within_sd: f64,
    /// Reliability of one day: the share of the variance that lies between persons, 0 to 1.
    pub one_day: f64,
    /// Lower end of its 95 % interval.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
    /// Fewest days whose mean reaches the target; `None` when a year does not.
    pub days_needed: Option<u32>,
    /// The same at the upper end of the interval.
    pub days_needed_at_best: Option<u32>,
    /// The same at the lower end.
    pub days_needed_at_worst: Option<u32>,
}

impl Intraclass {
    /// Reliability of the mean of so many days, with its 95 % interval: estimate, lower, upper.
    #[must_use]
    pub fn of_mean(&self, days: u32) -> [f64; 3] {
        [self.one_day, self.lower, self.upper].map(|one_day| reliability_of_mean(one_day, days))
    }
}

impl CohortDays {
    /// Adds a person's days; which days count is the caller's to say.
    pub fn add<'f>(&mut self, days: impl IntoIterator<Item = &'f Features>) {
        let mut of_person: [Vec<f64>; METRICS.len()] = Default::default();
        for features in days {
            for (values, feature) in of_person.iter_mut().zip(of_day(features)) {
                values.extend(feature.ok().filter(|value| value.is_finite()));
            }
        }
        for (persons, mut values) in self.values.iter_mut().zip(of_person) {
            if !values.is_empty() {
                values.sort_unstable_by(f64::total_cmp);
                persons.push(values);
            }
        }
    }

    /// The reliability of every metric, in the order of [`METRICS`]: variance components by restricted maximum likelihood
    /// ([`crate::mixed`]), the interval by Wald 1940.
    ///
    /// ```
    /// use diel_core::design::{CohortDays, Shortage, Target};
    /// let shown = CohortDays::default().reliabilities(Target::default());
    /// assert_eq!(shown[0].metric, "wake_nmol_per_l");
    /// assert_eq!(shown[0].intraclass, Err(Shortage::NoDays));
    /// ```
    #[must_use]
    pub fn reliabilities(mut self, target: Target) -> Vec<ObservedReliability> {
        for persons in &mut self.values {
            persons.sort_unstable_by(|one, other| in_order(one, other));
        }
        let metrics = METRICS.into_iter().zip(&self.values);
        metrics
            .map(|(metric, persons)| {
                let repeated = persons.iter().filter(|values| values.len() > 1);
                ObservedReliability {
                    metric,
                    persons: count(persons.len()),
                    persons_with_repeats: count(repeated.count()),
                    days: count(persons.iter().map(Vec::len).sum()),
                    intraclass: intraclass(persons, target),
                }
            })
            .collect()
    }
}

/// Any order that depends on the values alone.
fn in_order(one: &[f64], other: &[f64]) -> std::cmp::Ordering {
    let values = one
        .iter()
        .zip(other)
        .map(|(one, other)| one.total_cmp(other));
    let first_unlike = values.into_iter().find(|order| order.is_ne());
    first_unlike.unwrap_or_else(|| one.len().cmp(&other.len()))
}

fn intraclass(persons: &[Vec<f64>], target: Target) -> Result<Intraclass, Shortage> {
    let squares = OneWay::of(persons);
    if let Some(shortage) = squares.shortage() {
        return Err(shortage);
    }
    let found = components(persons)?;
    let (between, within) = (found.between_sd.powi(2), found.within_sd.powi(2));
    let one_day = between / (between + within);
    let (lower, upper) = squares.interval(Confidence::P95.miss());
    if ![one_day, lower, upper].into_iter().all(f64::is_finite) {
        return Err(Shortage::NotFitted);
    }
    Ok(Intraclass {
        mean: found.mean,
        between_sd: found.between_sd,
        within_sd: found.within_sd,
        one_day,
        lower,
        upper,
        days_needed: days_of_mean(one_day, target),
        days_needed_at_best: days_of_mean(upper, target),
        days_needed_at_worst: days_of_mean(lower, target),
    })
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
