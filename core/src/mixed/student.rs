//! Student's t distribution: tails and quantiles.

use statrs::distribution::{Continuous, ContinuousCDF, StudentsT};

use crate::normal;

/// Degrees of freedom beyond which t is the normal distribution to ten digits of a quantile.
const NORMAL_FROM: f64 = 1e10;

/// P(|T| > |t|), accurate in the tails.
pub(super) fn two_sided(t: f64, df: f64) -> f64 {
    match distribution(df) {
        Some(distribution) => (2.0 * distribution.sf(t.abs())).min(1.0),
        None => 2.0 * normal::upper_tail(t.abs()),
    }
}

/// The t with P(T <= t) = p for p from 0.5 to 1.
pub(super) fn quantile(p: f64, df: f64) -> f64 {
    let near = normal::quantile(p);
    let Some(distribution) = distribution(df) else {
        return near;
    };
    // The tail falls monotonically: bisection finds the quantile whatever the degrees of freedom, Newton its digits.
    let (mut low, mut high) = (near, near.max(1.0));
    while distribution.sf(high) > 1.0 - p && high < 1e300 {
        low = high;
        high *= 2.0;
    }
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if distribution.sf(middle) > 1.0 - p {
            low = middle;
        } else {
            high = middle;
        }
    }
    let middle = 0.5 * (low + high);
    let density = distribution.pdf(middle);
    if density > 0.0 {
        middle + (distribution.sf(middle) - (1.0 - p)) / density
    } else {
        middle
    }
}

fn distribution(df: f64) -> Option<StudentsT> {
    if df < NORMAL_FROM {
        StudentsT::new(0.0, 1.0, df.max(1e-3)).ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_and_tails_of_tables() {
        // R 4.2: qt(0.975, c(1, 2.5, 17, 1e6)).
        for (df, t) in [
            (1.0, 12.706_204_736_174_7),
            (2.5, 3.574_654_842_003_69),
            (17.0, 2.109_815_577_833_32),
            (1e6, 1.959_966_356_814_11),
        ] {
            assert!(
                (quantile(0.975, df) / t - 1.0).abs() < 1e-9,
                "{df}: {}",
                quantile(0.975, df)
            );
            assert!((two_sided(t, df) - 0.05).abs() < 1e-10, "{df}");
        }
        assert!((quantile(0.975, f64::INFINITY) - 1.959_963_984_540_054).abs() < 1e-12);
        // R 4.2: 2 * pt(-30, 10).
        assert!((two_sided(-30.0, 10.0) / 3.961_792_342_031_32e-11 - 1.0).abs() < 1e-6);
    }
}
