//! What a policy says of the review of flags. It changes no number and no verdict.

use super::PolicyViolation;
use super::check::violation_of_range;
use crate::range::Range;

const SHIFT: Range = Range {
    what: "a shift that opens a flag again",
    minimum: 0.0,
    maximum: 100.0,
    unit: "posterior SD",
};

/// How flags are reviewed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reviewing {
    /// Whether a decision needs a second reviewer's.
    pub second_review: bool,
    /// Data that move the posterior mean of the slope by more than this many of the posterior standard deviations that
    /// the decision rests on open a decided flag again.
    pub reopen_shift_sd: f64,
}

impl Reviewing {
    /// One reviewer; opened again by more than one standard deviation.
    pub const DEFAULT: Self = Self {
        second_review: false,
        reopen_shift_sd: 1.0,
    };

    pub(super) fn violation(&self) -> Option<PolicyViolation> {
        violation_of_range("reopen_shift_sd", self.reopen_shift_sd, SHIFT)
    }
}
