//! The piecewise-linear curve with the least sum of squared residuals.

use thiserror::Error;

use super::knots::{Knots, hours_within};
use crate::least_squares::LeastSquares;
use crate::tails::{Confidence, student_quantile};

/// The piecewise-linear curve of one day, or of the days of one person laid over each other.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PiecewiseLine {
    /// The curve at awakening, in the unit of the values.
    pub wake: f64,
    /// Its standard error; `None` when nothing is left to tell the error by.
    pub wake_se: Option<f64>,
    /// The segments, by time.
    pub segments: Vec<Segment>,
    /// Residual degrees of freedom.
    pub residual_df: usize,
    /// Standard deviation of the residuals; `None` on no degrees of freedom.
    pub residual_sd: Option<f64>,
}

/// A straight segment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// Where it begins, hours since awakening; minus infinity for the first.
    pub begin_h: f64,
    /// Where it ends, hours since awakening; infinity for the last.
    pub end_h: f64,
    /// The rise per hour, in the unit of the values.
    pub slope_per_h: f64,
    /// Its standard error; `None` when nothing is left to tell the error by.
    pub slope_se: Option<f64>,
}

/// Why points have no piecewise-linear curve.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum PiecewiseError {
    /// A value for each time, and a time for each value.
    #[error("there are {times} times and {values} values")]
    LengthsDiffer {
        /// How many times.
        times: usize,
        /// How many values.
        values: usize,
    },
    /// NaN or an infinity among the numbers, or finite ones too large to be squared.
    #[error("a time or a value is not a finite number, or is too large to be squared")]
    NotFinite,
    /// As many coefficients as points or more.
    #[error("there are {points} points; at least {needed} are needed")]
    TooFewPoints {
        /// How many points.
        points: usize,
        /// How many are needed.
        needed: usize,
    },
    /// No point tells this segment's slope from those of the others.
    #[error("the points do not determine the slope from {begin_h} h to {end_h} h")]
    SegmentWithoutSupport {
        /// Where the segment begins.
        begin_h: f64,
        /// Where it ends.
        end_h: f64,
    },
}

impl PiecewiseLine {
    /// Fits points in any order, times in hours since awakening. With as many points as coefficients the curve goes
    /// through all of them and has no standard errors.
    ///
    /// # Errors
    /// See [`PiecewiseError`]; a segment whose slope nothing determines is named.
    ///
    /// ```
    /// use diel_core::piecewise::{Knots, PiecewiseLine};
    /// let hours = [0.0, 0.5, 2.0, 12.0];
    /// let line = PiecewiseLine::fit(&hours, &[2.0, 2.5, 2.2, 0.2], &Knots::default())?;
    /// let slopes: Vec<f64> = line.segments.iter().map(|segment| segment.slope_per_h).collect();
    /// for (slope, expected) in slopes.iter().zip([1.0, -0.2, -0.2]) {
    ///     assert!((slope - expected).abs() < 1e-12);
    /// }
    /// # Ok::<(), diel_core::piecewise::PiecewiseError>(())
    /// ```
    pub fn fit(hours: &[f64], values: &[f64], knots: &Knots) -> Result<Self, PiecewiseError> {
        let needed = knots.hours().len() + 2;
        if hours.len() != values.len() {
            return Err(PiecewiseError::LengthsDiffer {
                times: hours.len(),
                values: values.len(),
            });
        }
        if hours.iter().chain(values).any(|number| !number.is_finite()) {
            return Err(PiecewiseError::NotFinite);
        }
        if hours.len() < needed {
            return Err(PiecewiseError::TooFewPoints {
                points: hours.len(),
                needed,
            });
        }
        let mut squares = LeastSquares::default();
        squares.begin(values.iter().copied());
        squares.push_column(std::iter::repeat(1.0));
        for segment in knots.segments() {
            squares.push_column(hours.iter().map(|&hours| hours_within(hours, segment)));
        }
        squares.solve().map_err(|dependent| {
            let segment = knots.segments().nth(dependent.column.saturating_sub(1));
            let (begin_h, end_h) = segment.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
            PiecewiseError::SegmentWithoutSupport { begin_h, end_h }
        })?;
        let line = Self::of(&squares, knots, hours.len() - needed);
        let is_finite = line.wake.is_finite()
            && line.residual_sd.is_none_or(f64::is_finite)
            && line.segments.iter().all(|one| one.slope_per_h.is_finite());
        is_finite.then_some(line).ok_or(PiecewiseError::NotFinite)
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of samples are exact in a double"
    )]
    fn of(squares: &LeastSquares, knots: &Knots, residual_df: usize) -> Self {
        let variance = (residual_df > 0).then(|| squares.residual_square() / residual_df as f64);
        let se = |position| {
            variance
                .map(|variance| (variance * squares.unscaled_covariance(position, position)).sqrt())
        };
        let (wake, slopes) = squares.coefficients().split_first().unwrap_or((&0.0, &[]));
        let segments = knots.segments().zip(slopes).zip(1..);
        Self {
            wake: *wake,
            wake_se: se(0),
            segments: segments
                .map(|(((begin_h, end_h), slope), position)| Segment {
                    begin_h,
                    end_h,
                    slope_per_h: *slope,
                    slope_se: se(position),
                })
                .collect(),
            residual_df,
            residual_sd: variance.map(f64::sqrt),
        }
    }

    /// Half the width of a segment's confidence interval, t SE; `None` on no degrees of freedom.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of samples are exact in a double"
    )]
    pub fn half_width(&self, segment: &Segment, confidence: Confidence) -> Option<f64> {
        let se = segment.slope_se?;
        Some(student_quantile(confidence, self.residual_df as f64) * se)
    }
}
