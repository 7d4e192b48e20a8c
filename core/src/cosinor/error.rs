//! Why a series has no cosinor.

use thiserror::Error;

/// Why a series has no cosinor.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum CosinorError {
    /// A value for each time, and a time for each value.
    #[error("there are {times} times and {values} values")]
    LengthsDiffer {
        /// How many times.
        times: usize,
        /// How many values.
        values: usize,
    },
    /// NaN or an infinity among the numbers.
    #[error("the time or the value at position {position} is not a finite number")]
    NotFinite {
        /// Where, from 0.
        position: usize,
    },
    /// Too few times that differ.
    #[error("there are {distinct} distinct times; at least {needed} are needed")]
    TooFewTimes {
        /// How many times differ.
        distinct: usize,
        /// How many are needed.
        needed: usize,
    },
    /// As many coefficients as values, or more: nothing is left to tell the error by.
    #[error("{values} values leave no degree of freedom beside {coefficients} coefficients")]
    Saturated {
        /// How many values.
        values: usize,
        /// How many coefficients.
        coefficients: usize,
    },
    /// Too small a part of the period was observed.
    #[error("the times span {span_h} h; at least {needed_h} h are needed")]
    ShortSpan {
        /// From the first to the last, hours.
        span_h: f64,
        /// What is needed, hours.
        needed_h: f64,
    },
    /// The times hardly tell the coefficients from each other; infinite when they do not at all.
    #[error("the design's condition number is {condition}; it must be below {limit}")]
    IllConditioned {
        /// Greatest over least singular value of the columns 1, cos, sin.
        condition: f64,
        /// The limit.
        limit: f64,
    },
    /// Finite numbers whose squares are not.
    #[error("the values are too large to be squared")]
    TooLarge,
}
