//! Areas and increases of a response, after Pruessner et al. 2003.

use super::{CurveError, check_points};

/// Area under the curve with respect to ground, AUCg = `sum of (t[i+1] - t[i]) (y[i+1] + y[i]) / 2`.
///
/// # Units
/// The product of the two units given, such as nmol/L x min.
///
/// # Errors
/// Lengths that differ, fewer than two points, numbers that are not finite, times that do not strictly increase.
///
/// ```
/// let area = diel_core::auc_ground(&[0.0, 30.0, 45.0, 60.0], &[10.0, 15.0, 14.0, 12.0])?;
/// assert_eq!(area, 787.5);
/// # Ok::<(), diel_core::CurveError>(())
/// ```
///
/// # References
/// Pruessner JC et al. 2003, Psychoneuroendocrinology 28:916-931.
pub fn auc_ground(times: &[f64], values: &[f64]) -> Result<f64, CurveError> {
    check_points(times, values)?;
    if times
        .windows(2)
        .any(|pair| matches!(pair, [earlier, later] if later <= earlier))
    {
        return Err(CurveError::NotIncreasing);
    }
    Ok(trapezoids(times, values))
}

/// Area under the curve with respect to increase, AUCi = `AUCg - y[1] (t[n] - t[1])`. Its sign is kept: a curve that
/// falls has a negative one.
///
/// # Units
/// The product of the two units given, such as nmol/L x min.
///
/// # Errors
/// As [`auc_ground`].
///
/// ```
/// let area = diel_core::auc_increase(&[0.0, 30.0, 45.0, 60.0], &[10.0, 15.0, 14.0, 12.0])?;
/// assert_eq!(area, 187.5);
/// # Ok::<(), diel_core::CurveError>(())
/// ```
///
/// # References
/// Pruessner JC et al. 2003, Psychoneuroendocrinology 28:916-931.
pub fn auc_increase(times: &[f64], values: &[f64]) -> Result<f64, CurveError> {
    auc_ground(times, values).map(|ground| ground - baseline(times, values))
}

/// Mean of the later values minus the first, MnInc.
///
/// # Units
/// That of the values.
///
/// # Errors
/// Fewer than two values, or numbers that are not finite.
///
/// ```
/// let increase = diel_core::mean_increase(&[10.0, 15.0, 14.0, 12.0])?;
/// assert!((increase - 11.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), diel_core::CurveError>(())
/// ```
pub fn mean_increase(values: &[f64]) -> Result<f64, CurveError> {
    check_points(values, values)?;
    Ok(mean_increase_of(values))
}

/// Highest of the later values minus the first; negative when all are lower.
///
/// # Units
/// That of the values.
///
/// # Errors
/// Fewer than two values, or numbers that are not finite.
pub fn max_increase(values: &[f64]) -> Result<f64, CurveError> {
    check_points(values, values)?;
    Ok(max_increase_of(values))
}

/// The sum of trapezoids of points that are already checked; equal times add nothing.
pub(crate) fn trapezoids(times: &[f64], values: &[f64]) -> f64 {
    let widths = times.windows(2).map(|pair| {
        if let [earlier, later] = pair {
            later - earlier
        } else {
            0.0
        }
    });
    let heights = values.windows(2).map(|pair| pair.iter().sum::<f64>() / 2.0);
    widths
        .zip(heights)
        .map(|(width, height)| width * height)
        .sum()
}

/// The rectangle under the first value.
pub(crate) fn baseline(times: &[f64], values: &[f64]) -> f64 {
    match (times, values) {
        ([first, .., last], [start, ..]) => start * (last - first),
        _ => 0.0,
    }
}

/// [`mean_increase`] of values that are already checked.
#[expect(clippy::cast_precision_loss, reason = "a day has few samples")]
pub(crate) fn mean_increase_of(values: &[f64]) -> f64 {
    match values {
        [first, later @ ..] if !later.is_empty() => {
            later.iter().sum::<f64>() / later.len() as f64 - first
        }
        _ => 0.0,
    }
}

/// [`max_increase`] of values that are already checked.
pub(crate) fn max_increase_of(values: &[f64]) -> f64 {
    match values {
        [first, later @ ..] if !later.is_empty() => {
            later.iter().copied().fold(f64::NEG_INFINITY, f64::max) - first
        }
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_falling_series_keeps_its_sign() {
        assert_eq!(auc_increase(&[0.0, 30.0], &[12.0, 6.0]), Ok(-90.0));
        assert_eq!(max_increase(&[12.0, 6.0]), Ok(-6.0));
    }

    #[test]
    fn zeros_and_negative_numbers_are_numbers() {
        assert_eq!(
            auc_ground(&[-10.0, 0.0, 10.0, 20.0], &[12.0, -6.0, 4.0, 4.0]),
            Ok(60.0)
        );
        assert_eq!(auc_ground(&[0.0, 1.0], &[0.0, 0.0]), Ok(0.0));
    }

    #[test]
    fn what_is_no_curve_is_refused() {
        let refused = |times: &[f64], values: &[f64]| auc_ground(times, values).unwrap_err();
        assert_eq!(
            refused(&[0.0], &[1.0]),
            CurveError::TooFewPoints { points: 1 }
        );
        assert_eq!(
            refused(&[0.0, 1.0], &[1.0]),
            CurveError::LengthsDiffer {
                times: 2,
                values: 1
            }
        );
        assert_eq!(
            refused(&[0.0, 10.0, 10.0], &[1.0, 3.0, 2.0]),
            CurveError::NotIncreasing
        );
        assert_eq!(
            refused(&[0.0, 1.0], &[1.0, f64::NAN]),
            CurveError::NotFinite
        );
        assert_eq!(
            mean_increase(&[]),
            Err(CurveError::TooFewPoints { points: 0 })
        );
    }
}
