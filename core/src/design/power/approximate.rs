//! Power without simulation: a t test of the persons' own slopes.
//!
//! Without missing samples, and with variances known, the estimate of hours:group is the difference of the groups' means of
//! least-squares slopes over all samples: an awakening response that both groups share cancels. Its variance is
//! (1/n1 + 1/n2) (s1^2 + s^2 / sum (t - mean t)^2), and estimated from the slopes themselves it has n1 + n2 - 2 degrees
//! of freedom.

use super::PowerStudy;
use super::plan::{FEWEST_PERSONS, MOST_PERSONS_PER_GROUP};
use crate::design::DesignError;
use crate::design::closed_form::Spread;
use crate::normal;
use crate::tails::{Confidence, student_quantile};
use statrs::function::gamma::ln_gamma;

/// Intervals of Simpson's rule; twelve digits with the densities that occur.
const INTERVALS: u32 = 400;

/// So many standard deviations of a chi distribution to either side hold all of it that counts.
const REACH: f64 = 9.0;

impl PowerStudy {
    /// The approximate power with so many persons in the first group. A share of missing samples is taken from the samples of
    /// everybody alike; a limit of detection is not looked at.
    ///
    /// # Errors
    /// [`DesignError`] for a number of persons that is too small or too large.
    pub fn approximate_power(&self, per_group: u32) -> Result<f64, DesignError> {
        let [first, second] = self.persons(per_group)?.map(f64::from);
        let variance = (1.0 / first + 1.0 / second) * self.slope_variance();
        let noncentrality = self.difference_ln_per_h().abs() / variance.sqrt();
        Ok(power_of_t(
            noncentrality,
            first + second - 2.0,
            self.plan().alpha,
        ))
    }

    /// The fewest persons in the first group whose approximate power reaches this; `None` when the most that are planned do not.
    pub(super) fn approximate_persons(&self, power: f64) -> Option<u32> {
        let enough = |persons| {
            self.approximate_power(persons)
                .is_ok_and(|found| found >= power)
        };
        let (mut too_few, mut reached) = (FEWEST_PERSONS - 1, FEWEST_PERSONS);
        while !enough(reached) {
            if reached >= MOST_PERSONS_PER_GROUP {
                return None;
            }
            too_few = reached;
            reached = reached.saturating_mul(2).min(MOST_PERSONS_PER_GROUP);
        }
        while reached - too_few > 1 {
            let middle = too_few + (reached - too_few) / 2;
            if enough(middle) {
                reached = middle;
            } else {
                too_few = middle;
            }
        }
        Some(reached)
    }

    /// The variance of a person's least-squares slope around the group's mean.
    fn slope_variance(&self) -> f64 {
        let plan = self.plan();
        let reference = &plan.reference;
        let squares = Spread::of(plan.schedule_h.iter().copied()).squares;
        let seen = f64::from(plan.days) * (1.0 - plan.missing) * squares;
        reference.slope_sd().powi(2) + reference.residual_sd().powi(2) / seen
    }
}

/// P(|T| > critical t) for T = (Z + noncentrality) / sqrt(chi^2 / df): the normal tails given the estimated spread, averaged
/// over its distribution.
fn power_of_t(noncentrality: f64, df: f64, alpha: f64) -> f64 {
    let Ok(confidence) = Confidence::new(1.0 - alpha) else {
        return f64::NAN;
    };
    let critical = student_quantile(confidence, df);
    let reach = REACH / (2.0 * df).sqrt();
    let (from, to) = ((1.0 - reach).max(0.0), 1.0 + reach);
    let step = (to - from) / f64::from(INTERVALS);
    let half = 0.5 * df;
    let ln_scale = std::f64::consts::LN_2 + half * half.ln() - ln_gamma(half);
    let sum: f64 = (0..=INTERVALS)
        .map(|index| {
            let spread = from + step * f64::from(index);
            if spread <= 0.0 {
                return 0.0;
            }
            let density = (ln_scale + (df - 1.0) * spread.ln() - half * spread * spread).exp();
            let beyond = normal::upper_tail(critical * spread - noncentrality)
                + normal::cumulative(-critical * spread - noncentrality);
            let weight = match index {
                0 | INTERVALS => 1.0,
                _ if index % 2 == 1 => 4.0,
                _ => 2.0,
            };
            weight * density * beyond
        })
        .sum();
    (sum * step / 3.0).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::power_of_t;

    #[test]
    fn power_of_the_t_test_as_r_has_it() {
        // R 4.2: power.t.test(n = n, delta = d, sd = 1, sig.level = a, strict = TRUE)$power; the noncentrality is d sqrt(n / 2).
        for (n, d, alpha, power) in [
            (20.0, 1.0, 0.05, 0.868_953_027_725),
            (5.0, 1.0, 0.05, 0.286_295_493_381),
            (3.0, 2.0, 0.05, 0.462_640_811_891),
            (64.0, 0.5, 0.05, 0.801_459_557_922),
            (2.0, 3.0, 0.1, 0.617_245_128_027),
            (500.0, 0.15, 0.01, 0.417_590_470_087),
            (20.0, 0.001, 0.05, 0.050_001_088_919),
        ] {
            let found = power_of_t(d * f64::sqrt(n / 2.0), 2.0 * n - 2.0, alpha);
            assert!((found - power).abs() < 1e-8, "{n} {d}: {found} {power}");
        }
    }
}
