//! Tail probabilities of Student's t and Fisher's F, accurate far out: never one minus a probability near one.

use std::f64::consts::PI;

use statrs::function::beta::checked_beta_reg;
use statrs::function::gamma::ln_gamma;
use thiserror::Error;

use crate::normal;

/// Newton's steps toward a quantile; they come from one side, and a dozen suffice from one degree of freedom up.
const MOST_STEPS: usize = 60;

/// The share of samples in which an interval is to cover the truth, 0.5 to 0.9999.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Confidence(f64);

/// A share that no interval is made for.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("a confidence of {value} does not lie from 0.5 to 0.9999")]
pub struct ConfidenceError {
    /// The share.
    pub value: f64,
}

impl Confidence {
    /// The customary 95 %.
    pub const P95: Self = Self(0.95);

    /// Accepts a share.
    ///
    /// # Errors
    /// Shares outside 0.5 to 0.9999.
    pub fn new(value: f64) -> Result<Self, ConfidenceError> {
        if (0.5..=0.9999).contains(&value) {
            Ok(Self(value))
        } else {
            Err(ConfidenceError { value })
        }
    }

    /// The share of samples that an interval may miss.
    pub(crate) fn miss(self) -> f64 {
        1.0 - self.0
    }
}

/// P(|T| > |t|) for Student's t on `df` degrees of freedom, which need not be whole.
pub(crate) fn student_two_sided(t: f64, df: f64) -> f64 {
    let square = t * t;
    if square.is_nan() || df.is_nan() || df <= 0.0 {
        return f64::NAN;
    }
    if square.is_infinite() {
        return 0.0;
    }
    // P(|T| > t) = I_x(df/2, 1/2) at x = df / (df + t^2).
    checked_beta_reg(0.5 * df, 0.5, df / (df + square)).unwrap_or(f64::NAN)
}

/// The t that |T| exceeds with the probability that the confidence leaves.
pub(crate) fn student_quantile(confidence: Confidence, df: f64) -> f64 {
    let miss = confidence.miss();
    let ln_scale = ln_gamma(0.5 * (df + 1.0)) - ln_gamma(0.5 * df) - 0.5 * (df * PI).ln();
    // P(|T| > t) is convex for t > 0 and the normal quantile lies below the root, so Newton's steps never overshoot.
    let mut t = normal::quantile(1.0 - 0.5 * miss);
    for _ in 0..MOST_STEPS {
        let density = (ln_scale - 0.5 * (df + 1.0) * (t * t / df).ln_1p()).exp();
        let step = (student_two_sided(t, df) - miss) / (2.0 * density);
        t += step;
        if step.abs() <= 1e-14 * t {
            break;
        }
    }
    t
}

/// P(F > f) on an even number 2 `pairs` and on `df2` degrees of freedom, which need not be whole.
///
/// With x = df2 / (df2 + 2 pairs f) this is I_x(df2/2, pairs) = x^(df2/2) sum over j < pairs of
/// (df2/2)(df2/2 + 1)...(df2/2 + j - 1) / j! (1 - x)^j: a finite sum of positive terms.
pub(crate) fn f_of_pairs(f: f64, pairs: u32, df2: f64) -> f64 {
    if f <= 0.0 {
        return 1.0;
    }
    let ratio = 2.0 * f64::from(pairs) * f / df2;
    let beyond = 1.0 / (1.0 + 1.0 / ratio);
    let (mut term, mut sum) = (1.0, 0.0);
    for j in 0..pairs {
        sum += term;
        term *= (0.5 * df2 + f64::from(j)) / f64::from(j + 1) * beyond;
    }
    ((-0.5 * df2 * ratio.ln_1p()).exp() * sum).min(1.0)
}

/// Degrees of freedom from which F is taken by a cube root that is all but normal: the continued fraction of the
/// incomplete beta function ends too early there.
const NEARLY_NORMAL_FROM: f64 = 40_000.0;

/// P(F > f) on any degrees of freedom; to five digits where they are more than 40,000 together, by the cube root of Wilson and
/// Hilferty in the form of Paulson 1942 (Annals of Mathematical Statistics 13:233-235).
pub(crate) fn f_tail(f: f64, df1: f64, df2: f64) -> f64 {
    if f <= 0.0 {
        return 1.0;
    }
    if df1 + df2 > NEARLY_NORMAL_FROM && df1.min(df2) > 3.0 {
        let (one, two) = (2.0 / (9.0 * df1), 2.0 / (9.0 * df2));
        let root = f.cbrt();
        let spread = (two * root * root + one).sqrt();
        return normal::upper_tail(((1.0 - two) * root - (1.0 - one)) / spread);
    }
    checked_beta_reg(0.5 * df2, 0.5 * df1, df2 / (df2 + df1 * f)).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_ratio(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-10, "{found} {expected}");
    }

    #[test]
    fn student_tails_and_quantiles() {
        // scipy 1.17.1: 2 stats.t.sf(t, df), stats.t.isf((1 - c) / 2, df).
        for (t, df, p) in [
            (1.0, 1.0, 0.5),
            (2.5, 9.0, 0.033_861_827_682_985_735),
            (-12.5, 22.0, 1.808_047_478_945_827_5e-11),
            (40.0, 30.0, 1.372_604_519_440_641_7e-27),
            (300.0, 7.5, 1.422_079_485_990_394e-16),
            (0.01, 5.0, 0.992_408_018_042_581_9),
        ] {
            assert_ratio(student_two_sided(t, df), p);
        }
        for (confidence, df, t) in [
            (0.95, 1.0, 12.706_204_736_174_694),
            (0.95, 2.0, 4.302_652_729_749_462),
            (0.95, 9.0, 2.262_157_162_798_205),
            (0.99, 45.0, 2.689_585_019_374_643),
            (0.5, 3.0, 0.764_892_328_404_344_3),
            (0.9999, 4.5, 12.909_431_314_322_443),
        ] {
            let confidence = Confidence::new(confidence).unwrap();
            assert_ratio(student_quantile(confidence, df), t);
        }
        assert_eq!(student_two_sided(f64::INFINITY, 3.0), 0.0);
        assert!(Confidence::new(f64::NAN).is_err());
    }

    #[test]
    fn f_tails() {
        // scipy 1.17.1: stats.f.sf(f, 2 pairs, df2).
        for (f, pairs, df2, p) in [
            (6.136_222_049_85, 1, 9.0, 0.020_840_735_060_148_875),
            (681.1604, 1, 45.0, 2.282_636_004_186_739e-34),
            (3.5, 2, 70.0, 0.011_568_818_155_528_274),
            (3.5, 3, 68.0, 0.004_475_378_627_026_848),
            (10_000.0, 1, 100.0, 6.921_450_685_940_711e-116),
            (5.0, 2, 7.5, 0.028_534_699_768_035_18),
            (0.001, 3, 20.0, 0.999_999_994_077_345_3),
        ] {
            assert_ratio(f_of_pairs(f, pairs, df2), p);
        }
        assert_eq!(f_of_pairs(0.0, 1, 9.0), 1.0);
        assert_eq!(f_of_pairs(f64::INFINITY, 1, 9.0), 0.0);
    }

    #[test]
    fn f_tails_on_any_degrees_of_freedom() {
        // R 4.2.2: pf(f, df1, df2, lower.tail = FALSE).
        for (f, df1, df2, p, tolerance) in [
            (1.5, 5.0, 10.0, 0.273_286_515_475_77, 1e-10),
            (0.3, 39.0, 80.5, 0.999_960_344_139_94, 1e-10),
            (2.2, 99.0, 200.0, 1.306_400_598_148_62e-6, 1e-10),
            (3.0, 7.0, 4.0, 0.152_573_385_252_631, 1e-10),
            (1.05, 1999.0, 3999.0, 0.102_567_444_531_179, 1e-10),
            (0.96, 1500.0, 2800.0, 0.814_761_784_474_638, 1e-10),
            (1.02, 5000.0, 20_000.0, 0.186_249_277_311_582, 1e-10),
            (1.02, 1000.0, 2900.0, 0.347_967_575_391_98, 1e-10),
            (1.01, 20_000.0, 60_000.0, 0.193_696_166_799_094, 1e-5),
            (0.9, 1990.0, 2000.0, 0.990_663_592_961_261, 1e-10),
        ] {
            let found = f_tail(f, df1, df2);
            assert!((found / p - 1.0).abs() < tolerance, "{f}: {found} {p}");
        }
        assert_eq!(f_tail(0.0, 5.0, 10.0), 1.0);
    }
}
