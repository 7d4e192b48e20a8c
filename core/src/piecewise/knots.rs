//! The knots and the basis between them.

use thiserror::Error;

/// The most knots: nine segments a day are more than a day of saliva has samples.
const MOST_KNOTS: usize = 8;

/// Where segments meet: hours since awakening, strictly increasing.
#[derive(Debug, Clone, PartialEq)]
pub struct Knots(Vec<f64>);

/// Why numbers are no knots.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum KnotsError {
    /// NaN or an infinity.
    #[error("a knot at {hours} h is not a finite time")]
    NotFinite {
        /// The knot.
        hours: f64,
    },
    /// Each knot lies after the one before.
    #[error("the knot at {hours} h does not lie after the one at {before_h} h")]
    NotIncreasing {
        /// The knot.
        hours: f64,
        /// The knot before it.
        before_h: f64,
    },
    /// Too many.
    #[error("{knots} knots are more than {MOST_KNOTS}")]
    TooMany {
        /// How many.
        knots: usize,
    },
}

impl Knots {
    /// Accepts knots, hours since awakening. None at all makes one straight line.
    ///
    /// # Errors
    /// Knots that are not finite or not strictly increasing, or more than eight.
    pub fn new(hours: Vec<f64>) -> Result<Self, KnotsError> {
        if hours.len() > MOST_KNOTS {
            return Err(KnotsError::TooMany { knots: hours.len() });
        }
        if let Some(&hours) = hours.iter().find(|hours| !hours.is_finite()) {
            return Err(KnotsError::NotFinite { hours });
        }
        for pair in hours.windows(2) {
            if let &[before_h, hours] = pair
                && hours <= before_h
            {
                return Err(KnotsError::NotIncreasing { hours, before_h });
            }
        }
        Ok(Self(hours))
    }

    /// The knots, hours since awakening.
    #[must_use]
    pub fn hours(&self) -> &[f64] {
        &self.0
    }

    /// The segments: where each begins and ends, hours. The first has no beginning and the last no end.
    pub fn segments(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let begins = std::iter::once(f64::NEG_INFINITY).chain(self.0.iter().copied());
        let ends = self.0.iter().copied().chain(std::iter::once(f64::INFINITY));
        begins.zip(ends)
    }
}

impl Default for Knots {
    /// 0.5 and 2 h.
    fn default() -> Self {
        Self(vec![0.5, 2.0])
    }
}

/// The hours spent in each segment up to a time, one number a segment; they sum to the time.
///
/// A time before awakening belongs to the first segment, as a negative number. A time that is not a number stays one.
///
/// ```
/// use diel_core::piecewise::{Knots, basis};
/// let at = |hours| basis(hours, &Knots::default());
/// assert_eq!(at(0.25), [0.25, 0.0, 0.0]);
/// assert_eq!(at(1.5), [0.5, 1.0, 0.0]);
/// assert_eq!(at(16.0), [0.5, 1.5, 14.0]);
/// ```
#[must_use]
pub fn basis(hours: f64, knots: &Knots) -> Vec<f64> {
    knots
        .segments()
        .map(|segment| hours_within(hours, segment))
        .collect()
}

/// The hours from the beginning of a segment to a time, no fewer than 0 and no more than the segment has. The first
/// segment is counted from awakening, and has no beginning to stop at.
pub(super) fn hours_within(hours: f64, (begin, end): (f64, f64)) -> f64 {
    if hours.is_nan() {
        return hours;
    }
    if begin == f64::NEG_INFINITY {
        hours.min(end)
    } else {
        (hours - begin).clamp(0.0, end - begin)
    }
}
