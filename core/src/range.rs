//! Ranges of accepted numbers, each declared once. The error speaks in the words of the declaration.

use thiserror::Error;

/// The accepted numbers of one quantity, both ends included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// What is measured, such as "a concentration".
    pub what: &'static str,
    /// The least accepted number.
    pub minimum: f64,
    /// The greatest accepted number.
    pub maximum: f64,
    /// The unit of all three.
    pub unit: &'static str,
}

impl Range {
    /// Returns the number when it lies in the range; minus zero becomes zero.
    ///
    /// # Errors
    /// [`RangeError`] names the number and the rule it breaks.
    ///
    /// ```
    /// let error = diel_core::range::CONCENTRATION.check(-3.0).unwrap_err();
    /// assert_eq!(error.to_string(), "-3 nmol/L is negative");
    /// ```
    pub fn check(&self, value: f64) -> Result<f64, RangeError> {
        let range = *self;
        if !value.is_finite() {
            Err(RangeError::NotFinite { value })
        } else if value < self.minimum && self.minimum == 0.0 {
            Err(RangeError::Negative { value, range })
        } else if value < self.minimum {
            Err(RangeError::TooLow { value, range })
        } else if value > self.maximum {
            Err(RangeError::TooHigh { value, range })
        } else {
            Ok(value + 0.0)
        }
    }
}

/// Concentrations that are accepted. The upper end is far above any saliva (60 nmol/L is already implausible): it
/// only keeps a slipped unit or a garbled number out.
pub const CONCENTRATION: Range = Range {
    what: "a concentration",
    minimum: 0.0,
    maximum: 1.0e6,
    unit: "nmol/L",
};

/// Ages that are accepted.
pub const AGE: Range = Range {
    what: "an age",
    minimum: 0.0,
    maximum: 130.0,
    unit: "years",
};

/// Concentrations that standards are made with, in whichever unit the plate's are.
pub const NOMINAL: Range = Range {
    what: "a standard's concentration",
    minimum: 0.0,
    maximum: 1.0e9,
    unit: "of the standards' unit",
};

/// Dilutions that are accepted; below 1 a sample was concentrated.
pub const DILUTION: Range = Range {
    what: "a dilution",
    minimum: 1.0e-3,
    maximum: 1.0e6,
    unit: "fold",
};

/// Why a number is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum RangeError {
    /// NaN or an infinity.
    #[error("{value} is not a finite number")]
    NotFinite {
        /// The number.
        value: f64,
    },
    /// Below zero where zero is the least.
    #[error("{value} {} is negative", range.unit)]
    Negative {
        /// The number.
        value: f64,
        /// The rule.
        range: Range,
    },
    /// Below the least accepted.
    #[error("{value} {} is less than {}, the least accepted for {}", range.unit, range.minimum, range.what)]
    TooLow {
        /// The number.
        value: f64,
        /// The rule.
        range: Range,
    },
    /// Above the greatest accepted.
    #[error("{value} {} is more than {}, the most accepted for {}", range.unit, range.maximum, range.what)]
    TooHigh {
        /// The number.
        value: f64,
        /// The rule.
        range: Range,
    },
}
