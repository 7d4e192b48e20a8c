//! What stands in a well.

use std::fmt;

use crate::range::{DILUTION, NOMINAL, RangeError};

/// The concentration that a standard was made with, in the unit of the plate's standards; 0 is the zero standard.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Nominal(f64);

impl Nominal {
    /// Accepts a number in the unit of the plate's standards.
    ///
    /// # Errors
    /// NaN, infinities, negative numbers and numbers above 1,000,000,000 are refused.
    pub fn new(value: f64) -> Result<Self, RangeError> {
        NOMINAL.check(value).map(Self)
    }

    /// The number, in the unit of the plate's standards.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// By how much a sample was diluted before it was pipetted: 1 is undiluted, 4 is one part in four.
///
/// ```
/// use diel_core::plate::Dilution;
/// assert_eq!(Dilution::default().factor(), 1.0);
/// assert!(Dilution::new(0.0).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Dilution(f64);

impl Dilution {
    /// Accepts a factor; below 1 the sample was concentrated.
    ///
    /// # Errors
    /// NaN, infinities, and factors below 0.001 or above 1,000,000 are refused.
    pub fn new(factor: f64) -> Result<Self, RangeError> {
        DILUTION.check(factor).map(Self)
    }

    /// The factor that brings what the well holds back to what the tube holds.
    #[must_use]
    pub const fn factor(self) -> f64 {
        self.0
    }
}

impl Default for Dilution {
    fn default() -> Self {
        Self(1.0)
    }
}

impl fmt::Display for Dilution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What stands in a well.
#[derive(Debug, Clone, PartialEq)]
pub enum WellRole {
    /// A standard of known concentration.
    Standard {
        /// The known concentration.
        nominal: Nominal,
    },
    /// Everything but the analyte and its label: the response of the plate itself.
    Blank,
    /// A control, whose results are followed from plate to plate.
    Control {
        /// The name that its range is kept under.
        name: String,
    },
    /// A specimen.
    Sample {
        /// The id on the tube.
        id: String,
        /// By how much it was diluted.
        dilution: Dilution,
    },
    /// Nothing that counts.
    Empty,
}
