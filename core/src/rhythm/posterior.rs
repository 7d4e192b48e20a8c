//! The posterior of a person's line given the reference.

use ndarray::{Array1, ArrayView1};

use super::censored::with_censored;
use super::evidence::Observations;
use super::gaussian::{Information, Prior};
use crate::Reference;
use crate::normal::{self, QUANTILE_975};
use crate::rules::{MAX_DAYS_TO_RELIABLE, RELIABLE};

/// What is known of a person's true line, given the reference and the samples.
///
/// # Units
/// Slopes in ln(nmol/L) per hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Posterior {
    /// Posterior mean of the slope.
    pub slope_ln_per_h: f64,
    /// Posterior standard deviation of the slope.
    pub sd: f64,
    /// Lower end of the central 95 % interval.
    pub lower: f64,
    /// Upper end of the central 95 % interval.
    pub upper: f64,
    /// Probability that the slope is flatter than the threshold.
    pub probability_flat: f64,
    /// Percentile of the posterior mean among the reference's true slopes; 100 is flattest.
    pub reference_percentile: f64,
    /// 1 - posterior variance / variance between persons, from 0 (nothing learned) to 1.
    pub reliability: f64,
    /// More days like these that would bring the reliability to 0.8; 0 when it is there, `None` when more than a year.
    pub days_to_reliable: Option<u32>,
    /// Means of (intercept in ln(nmol/L), slope).
    pub mean: [f64; 2],
    /// Covariance of (intercept, slope).
    pub covariance: [[f64; 2]; 2],
}

impl Posterior {
    pub(super) fn of(
        reference: &Reference,
        observations: &Observations,
        days: u32,
        threshold_ln_per_h: f64,
    ) -> Self {
        let prior = Prior::of(reference);
        let precision = 1.0 / prior.residual_variance;
        let mut exact = Information::default();
        for &(hours, ln) in observations.exact() {
            exact.add(hours, precision, precision * (ln - prior.at(hours)));
        }
        let seen = with_censored(&prior, exact, observations.censored());
        let after = prior.after(&seen);
        let (slope, sd) = (prior.slope + after.m1, after.v11.sqrt());
        Self {
            slope_ln_per_h: slope,
            sd,
            lower: slope - QUANTILE_975 * sd,
            upper: slope + QUANTILE_975 * sd,
            probability_flat: normal::upper_tail((threshold_ln_per_h - slope) / sd),
            reference_percentile: reference.percentile_of(slope),
            reliability: reliability(&prior, &seen),
            days_to_reliable: days_to_reliable(&prior, &seen, days),
            mean: [prior.intercept + after.m0, slope],
            covariance: [[after.v00, after.v01], [after.v01, after.v11]],
        }
    }

    /// The person's curve at hours since awakening: mean and standard deviation of ln(nmol/L), each of the length of
    /// `hours`. The deviation is that of the curve, not that of a sample around it.
    #[must_use]
    pub fn predict(&self, hours: ArrayView1<'_, f64>) -> (Array1<f64>, Array1<f64>) {
        let [intercept, slope] = self.mean;
        let [[v00, v01], [_, v11]] = self.covariance;
        let mean = hours.mapv(|t| intercept + slope * t);
        let sd = hours.mapv(|t| (v00 + 2.0 * t * v01 + t * t * v11).max(0.0).sqrt());
        (mean, sd)
    }
}

/// The reliability that so many days of exact samples at these hours since awakening will have.
pub(crate) fn planned_reliability(reference: &Reference, hours: &[f64], days: u32) -> f64 {
    let prior = Prior::of(reference);
    let mut a_day = Information::default();
    for &hours in hours {
        a_day.add(hours, 1.0 / prior.residual_variance, 0.0);
    }
    reliability(&prior, &a_day.times(f64::from(days)))
}

fn reliability(prior: &Prior, seen: &Information) -> f64 {
    (1.0 - prior.after(seen).v11 / prior.slope_variance()).clamp(0.0, 1.0)
}

/// The fewest more days with the average information of the days so far. Reliability rises with days, so that bisection
/// finds it.
fn days_to_reliable(prior: &Prior, seen: &Information, days: u32) -> Option<u32> {
    let average = seen.times(1.0 / f64::from(days.max(1)));
    let reliable_after =
        |more: u32| reliability(prior, &average.times(f64::from(days.max(1) + more))) >= RELIABLE;
    let (mut too_few, mut enough) = (0, MAX_DAYS_TO_RELIABLE);
    if reliable_after(0) {
        return Some(0);
    }
    if !reliable_after(enough) {
        return None;
    }
    while enough - too_few > 1 {
        let middle = too_few + (enough - too_few) / 2;
        if reliable_after(middle) {
            enough = middle
        } else {
            too_few = middle
        }
    }
    Some(enough)
}
