//! Straight lines through points.

use super::{CurveError, check_points};

/// The slope of the line through two points.
///
/// # Units
/// That of the values per that of the times.
///
/// # Errors
/// Numbers that are not finite, or equal times.
///
/// ```
/// let slope = diel_core::two_point_slope(0.0, 10f64.ln(), 16.0, 1.5f64.ln())?;
/// assert!((slope + 0.118569999055).abs() < 1e-12);
/// # Ok::<(), diel_core::CurveError>(())
/// ```
pub fn two_point_slope(
    first_time: f64,
    first: f64,
    second_time: f64,
    second: f64,
) -> Result<f64, CurveError> {
    check_points(&[first_time, second_time], &[first, second])?;
    if first_time == second_time {
        return Err(CurveError::NoTimeBetween);
    }
    Ok((second - first) / (second_time - first_time))
}

/// The straight line with the least sum of squared residuals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeastSquaresLine {
    /// The value at time 0.
    pub intercept: f64,
    /// The rise per unit of time.
    pub slope: f64,
    /// Standard error of the slope on n - 2 degrees of freedom; `None` with two points.
    pub slope_se: Option<f64>,
    /// How many points.
    pub points: usize,
}

impl LeastSquaresLine {
    /// Fits points in any order.
    ///
    /// # Errors
    /// Lengths that differ, fewer than two points, numbers that are not finite, points that all have one time.
    ///
    /// ```
    /// use diel_core::LeastSquaresLine;
    /// let values = [10f64, 7.0, 4.0, 2.5, 1.5].map(f64::ln);
    /// let line = LeastSquaresLine::fit(&[0.0, 3.0, 8.0, 12.0, 16.0], &values)?;
    /// assert!((line.slope + 0.117595015452).abs() < 1e-12);
    /// # Ok::<(), diel_core::CurveError>(())
    /// ```
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of samples are exact in a double"
    )]
    pub fn fit(times: &[f64], values: &[f64]) -> Result<Self, CurveError> {
        check_points(times, values)?;
        let points = times.len();
        let n = points as f64;
        let mean_time = times.iter().sum::<f64>() / n;
        let mean_value = values.iter().sum::<f64>() / n;
        let (mut sum_tt, mut sum_ty) = (0.0, 0.0);
        for (time, value) in times.iter().zip(values) {
            let centred = time - mean_time;
            sum_tt += centred * centred;
            sum_ty += centred * (value - mean_value);
        }
        if sum_tt <= 0.0 {
            return Err(CurveError::NoTimeBetween);
        }
        let slope = sum_ty / sum_tt;
        let residual =
            |(time, value): (&f64, &f64)| value - mean_value - slope * (time - mean_time);
        let slope_se = (points > 2).then(|| {
            let squares: f64 = times
                .iter()
                .zip(values)
                .map(|point| residual(point).powi(2))
                .sum();
            (squares / (n - 2.0) / sum_tt).sqrt()
        });
        let line = Self {
            intercept: mean_value - slope * mean_time,
            slope,
            slope_se,
            points,
        };
        // Finite numbers can still overflow.
        if line.slope.is_finite() && line.intercept.is_finite() {
            Ok(line)
        } else {
            Err(CurveError::NotFinite)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anscombe_one() {
        let x = [10.0, 8.0, 13.0, 9.0, 11.0, 14.0, 6.0, 4.0, 12.0, 7.0, 5.0];
        let y = [
            8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68,
        ];
        let line = LeastSquaresLine::fit(&x, &y).unwrap();
        // R: summary(lm(y1 ~ x1, anscombe))
        assert!((line.slope - 0.500_090_909).abs() < 1e-8);
        assert!((line.intercept - 3.000_090_909).abs() < 1e-8);
        assert!((line.slope_se.unwrap() - 0.117_905_501).abs() < 1e-8);
    }

    #[test]
    fn no_line_without_two_times() {
        let one = LeastSquaresLine::fit(&[1.0], &[2.0]);
        assert_eq!(one, Err(CurveError::TooFewPoints { points: 1 }));
        assert_eq!(
            LeastSquaresLine::fit(&[1.0, 1.0], &[2.0, 3.0]),
            Err(CurveError::NoTimeBetween)
        );
        assert_eq!(
            two_point_slope(1.0, 2.0, 1.0, 3.0),
            Err(CurveError::NoTimeBetween)
        );
        let two = LeastSquaresLine::fit(&[0.0, 2.0], &[1.0, 3.0]).unwrap();
        assert_eq!((two.slope, two.slope_se), (1.0, None));
    }
}
