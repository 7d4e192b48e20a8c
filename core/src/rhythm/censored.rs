//! Expectation propagation for samples that are known on one side of a limit only.
//!
//! The likelihood of a sample below L is P(y < ln L) = Phi((ln L - f) / s), with f the person's line at its time and s
//! the residual standard deviation. Each such factor is replaced by a normal one in f, refined in turn against all
//! others until none moves. The factors are log-concave, so that every precision stays positive.

use super::evidence::{Censored, Side};
use super::gaussian::{Information, Prior};
use crate::normal;

/// The greatest relative movement of a factor at which refining ends.
const TOLERANCE: f64 = 1.0e-12;

/// Refining ends after so many rounds at the latest; a few dozen are usual.
const MAX_ROUNDS: usize = 500;

/// Steps are halved from this round on, should the full ones go round in circles.
const DAMPED_FROM: usize = 100;

/// A normal factor in f, relative to the prior's line: precision, and precision times mean.
#[derive(Debug, Clone, Copy, Default)]
struct Factor {
    precision: f64,
    weighted: f64,
}

/// Adds the normal factors of the censored samples to the information of the exact ones.
pub(super) fn with_censored(
    prior: &Prior,
    exact: Information,
    censored: &[Censored],
) -> Information {
    let mut factors = vec![Factor::default(); censored.len()];
    let mut all = exact;
    for round in 0..MAX_ROUNDS {
        let step = if round < DAMPED_FROM { 1.0 } else { 0.5 };
        let mut movement = 0.0_f64;
        for (factor, sample) in factors.iter_mut().zip(censored) {
            let target = refine(prior, &all, *factor, sample);
            let precision = step * (target.precision - factor.precision);
            let weighted = step * (target.weighted - factor.weighted);
            all.add(sample.hours, precision, weighted);
            factor.precision += precision;
            factor.weighted += weighted;
            let relative = |change: f64, now: f64| change.abs() / (1.0 + now.abs());
            movement = movement
                .max(relative(precision, factor.precision))
                .max(relative(weighted, factor.weighted));
        }
        // Summed afresh, so that rounding errors do not gather over the rounds.
        all = exact;
        for (factor, sample) in factors.iter().zip(censored) {
            all.add(sample.hours, factor.precision, factor.weighted);
        }
        if movement <= TOLERANCE {
            break;
        }
    }
    all
}

/// The factor that gives the line at the sample's time the mean and variance it has under the true likelihood.
fn refine(prior: &Prior, all: &Information, factor: Factor, sample: &Censored) -> Factor {
    let mut others = *all;
    others.add(sample.hours, -factor.precision, -factor.weighted);
    let (mean, variance) = prior.after(&others).at(sample.hours);
    let limit = sample.ln_limit - prior.at(sample.hours);
    let sign = match sample.side {
        Side::Below => -1.0,
        Side::Above => 1.0,
    };
    let spread = (prior.residual_variance + variance).sqrt();
    let z = sign * (mean - limit) / spread;
    let ratio = normal::density_over_cumulative(z);
    let pull = sign * ratio / spread;
    // ratio (z + ratio) lies between 0 and 1; rounding must not take it out.
    let curvature = (ratio * (z + ratio)).clamp(0.0, 1.0) / (spread * spread);
    let shrinkage = 1.0 - variance * curvature;
    Factor {
        precision: curvature / shrinkage,
        weighted: (pull + mean * curvature) / shrinkage,
    }
}
