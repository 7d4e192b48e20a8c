//! The standard normal distribution, accurate in the tails.

use std::f64::consts::{FRAC_1_SQRT_2, PI, SQRT_2};

use libm::erfc;
use statrs::function::erf::erfc_inv;

/// The standard normal quantile of 0.975: a central 95 % interval is this many standard deviations to either side.
pub(crate) const QUANTILE_975: f64 = 1.959_963_984_540_054;

/// Below this the ratio of density and probability is taken from its continued fraction.
const TAIL: f64 = -6.0;

/// P(Z <= z).
pub(crate) fn cumulative(z: f64) -> f64 {
    0.5 * erfc(-z * FRAC_1_SQRT_2)
}

/// P(Z > z), without the cancellation of 1 - P(Z <= z).
pub(crate) fn upper_tail(z: f64) -> f64 {
    cumulative(-z)
}

/// log P(Z <= z), finite where the probability underflows.
pub(crate) fn log_cumulative(z: f64) -> f64 {
    if z > TAIL {
        return cumulative(z).ln();
    }
    -0.5 * z * z - 0.5 * (2.0 * PI).ln() - density_over_cumulative(z).ln()
}

fn density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * PI).sqrt()
}

/// density(z) / P(Z <= z), the inverse Mills ratio of -z. Grows like -z in the lower tail, where both underflow.
pub(crate) fn density_over_cumulative(z: f64) -> f64 {
    if z > TAIL {
        return density(z) / cumulative(z);
    }
    // P(Z > x) = density(x) / (x + 1/(x + 2/(x + 3/(x + ...)))), from the inside out; 60 terms suffice from x = 6.
    let x = -z;
    (1..=60)
        .rev()
        .fold(x, |inner, term| x + f64::from(term) / inner)
}

/// The z with P(Z <= z) = p; infinite at 0 and 1 and beyond.
pub(crate) fn quantile(p: f64) -> f64 {
    if p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    // The library's inverse begins near; Newton's steps settle the last digits, which it does not reach in the tails.
    let near = -SQRT_2 * erfc_inv(2.0 * p);
    (0..3).fold(near, |z, _| {
        let error = if z <= 0.0 {
            cumulative(z) - p
        } else {
            (1.0 - p) - upper_tail(z)
        };
        z - error / density(z).max(f64::MIN_POSITIVE)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_probabilities() {
        // Abramowitz and Stegun, tables 26.1 and 26.2; R: pnorm(-10), pnorm(-35).
        for (z, p) in [
            (0.0, 0.5),
            (1.0, 0.841_344_746_068_543),
            (-1.959_963_984_540_054, 0.025),
            (-10.0, 7.619_853_024_160_527e-24),
            (-35.0, 1.124_910_706_472_406e-268),
        ] {
            assert!((cumulative(z) / p - 1.0).abs() < 1e-12, "{z}");
            assert!((upper_tail(-z) / p - 1.0).abs() < 1e-12, "{z}");
        }
    }

    #[test]
    fn logarithms_of_tails() {
        // R: pnorm(c(1, -6.1, -40), log.p = TRUE).
        for (z, log) in [
            (1.0, -0.172_753_779_023_449_88),
            (-6.1, -21.357_498_419_215_556),
            (-40.0, -804.608_442_013_753_8),
        ] {
            assert!((log_cumulative(z) / log - 1.0).abs() < 1e-12, "{z}");
        }
    }

    #[test]
    fn quantiles_return() {
        assert!((quantile(0.9) - 1.281_551_565_544_600_4).abs() < 1e-14);
        assert!((quantile(0.975) - QUANTILE_975).abs() < 1e-14);
        for p in [1e-300, 1e-12, 0.001, 0.3, 0.5, 0.999, 1.0 - 1e-12] {
            assert!((cumulative(quantile(p)) / p - 1.0).abs() < 1e-12, "{p}");
        }
        assert_eq!(
            (quantile(0.0), quantile(1.0)),
            (f64::NEG_INFINITY, f64::INFINITY)
        );
    }

    #[test]
    fn ratio_is_smooth_where_its_formula_changes_and_grows_like_its_argument() {
        let (above, below) = (
            density_over_cumulative(TAIL + 1e-9),
            density_over_cumulative(TAIL),
        );
        assert!((above - below).abs() < 1e-8);
        // For z to minus infinity, ratio = -z - 1/z + O(z^-3).
        assert!((density_over_cumulative(-1e6) - 1e6 - 1e-6).abs() < 1e-9);
        assert!((density_over_cumulative(0.0) - (2.0 / PI).sqrt()).abs() < 1e-15);
    }
}
