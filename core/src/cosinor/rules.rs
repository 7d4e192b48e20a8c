//! What is fitted, and what a series must offer before it is.

use thiserror::Error;

/// The most harmonics that are fitted. More than eight cosines in a day of saliva is no description of it.
const MOST_HARMONICS: u32 = 8;

/// Beyond it the coefficients have lost half of their digits.
const MOST_CONDITION: f64 = 1e8;

/// What is fitted, and what a series must offer before it is. The default is one cosine of 24 h, with the thresholds of
/// `docs/methods.md`, which are judgement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CosinorRules {
    /// The period, hours: 24.
    pub period_h: f64,
    /// How many cosines, of period, period / 2, ...: 1, at most 8.
    pub harmonics: u32,
    /// So many distinct times more than coefficients: 2, which makes 5 for one cosine.
    pub spare_times: usize,
    /// The times must span this share of the period: 0.5.
    pub span_share: f64,
    /// The condition number of the design must be below: 10.
    pub condition_limit: f64,
}

impl Default for CosinorRules {
    fn default() -> Self {
        Self {
            period_h: 24.0,
            harmonics: 1,
            spare_times: 2,
            span_share: 0.5,
            condition_limit: 10.0,
        }
    }
}

impl CosinorRules {
    /// M, and beta and gamma of each harmonic.
    pub(super) fn coefficients(&self) -> usize {
        (1..=self.harmonics).fold(1, |count, _| count + 2)
    }

    pub(super) fn check(self) -> Result<Self, CosinorRulesError> {
        let Self {
            period_h,
            harmonics,
            span_share,
            condition_limit,
            ..
        } = self;
        if !(period_h.is_finite() && period_h > 0.0) {
            Err(CosinorRulesError::Period { period_h })
        } else if !(1..=MOST_HARMONICS).contains(&harmonics) {
            Err(CosinorRulesError::Harmonics { harmonics })
        } else if !(span_share.is_finite() && span_share >= 0.0) {
            Err(CosinorRulesError::Span { span_share })
        } else if !(1.0..=MOST_CONDITION).contains(&condition_limit) {
            Err(CosinorRulesError::Condition { condition_limit })
        } else {
            Ok(self)
        }
    }
}

/// Why rules make no sense.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum CosinorRulesError {
    /// A period is a finite time above 0.
    #[error("a period of {period_h} h is not above 0")]
    Period {
        /// The period.
        period_h: f64,
    },
    /// 1 to 8.
    #[error("{harmonics} harmonics are not 1 to {MOST_HARMONICS}")]
    Harmonics {
        /// The number.
        harmonics: u32,
    },
    /// 0 or more.
    #[error("a span of {span_share} of the period is negative or not a number")]
    Span {
        /// The share.
        span_share: f64,
    },
    /// 1 to 1e8.
    #[error("a limit of {condition_limit} on the condition number is not 1 to {MOST_CONDITION}")]
    Condition {
        /// The limit.
        condition_limit: f64,
    },
}
