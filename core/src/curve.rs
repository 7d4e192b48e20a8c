//! Kernels on curves given as slices of times and values: areas, increases, slopes. They know nothing of samples, take
//! any finite numbers, and are public so that published answers can be checked.

mod area;
mod line;

use thiserror::Error;

pub use area::{auc_ground, auc_increase, max_increase, mean_increase};
pub(crate) use area::{baseline, max_increase_of, mean_increase_of, trapezoids};
pub use line::{LeastSquaresLine, two_point_slope};

/// Why a kernel has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CurveError {
    /// A value for each time, and a time for each value.
    #[error("there are {times} times and {values} values")]
    LengthsDiffer {
        /// How many times.
        times: usize,
        /// How many values.
        values: usize,
    },
    /// Two points at least.
    #[error("there are {points} points; at least 2 are needed")]
    TooFewPoints {
        /// How many points.
        points: usize,
    },
    /// NaN or an infinity among the numbers.
    #[error("a time or value is not a finite number")]
    NotFinite,
    /// Areas need order.
    #[error("the times are not strictly increasing")]
    NotIncreasing,
    /// A slope needs time.
    #[error("all points have the same time")]
    NoTimeBetween,
}

fn check_points(times: &[f64], values: &[f64]) -> Result<(), CurveError> {
    if times.len() != values.len() {
        Err(CurveError::LengthsDiffer {
            times: times.len(),
            values: values.len(),
        })
    } else if times.len() < 2 {
        Err(CurveError::TooFewPoints {
            points: times.len(),
        })
    } else if times.iter().chain(values).any(|number| !number.is_finite()) {
        Err(CurveError::NotFinite)
    } else {
        Ok(())
    }
}
