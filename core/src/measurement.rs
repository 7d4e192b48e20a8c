//! What a laboratory reports of one specimen: a number, a bound, or a reason why there is none.

use thiserror::Error;

use crate::coded::coded;
use crate::range::CONCENTRATION;
use crate::{Limits, NmolPerL, Unit};

coded! {
    /// Why a specimen has no concentration.
    MissingReason, "missing" {
        NoSample = "no_sample": "The tube never reached the laboratory.",
        InsufficientVolume = "insufficient_volume": "The quantity was not sufficient (QNS).",
        RejectedByLab = "rejected_by_lab": "The laboratory masked the well or rejected the measurement.",
        InstrumentError = "instrument_error": "The instrument reported an error.",
        OutsideCurve = "outside_curve": "The reading lies outside the standard curve and no limit was given.",
    }
}

/// What a laboratory found, in the unit it reports.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// A concentration. Zero is kept, and left out of everything on the ln scale.
    Value(f64),
    /// Below this limit.
    Below(f64),
    /// Above this limit.
    Above(f64),
    /// No concentration.
    Missing(MissingReason),
}

/// A concentration for computing, in nmol/L. A censored one stays censored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Level {
    /// A measured concentration.
    Exact(NmolPerL),
    /// Somewhere below this limit, which is more than 0.
    Below(NmolPerL),
    /// Somewhere above this limit, which is more than 0.
    Above(NmolPerL),
    /// Not known at all.
    Missing(MissingReason),
}

impl Level {
    /// The value, or the limit of a censored one; `None` when missing.
    #[must_use]
    pub const fn nmol_per_l(self) -> Option<NmolPerL> {
        match self {
            Self::Exact(value) | Self::Below(value) | Self::Above(value) => Some(value),
            Self::Missing(_) => None,
        }
    }

    /// A kind and a number that order and identify a level.
    pub(crate) fn key(self) -> (u8, u64) {
        match self {
            Self::Below(limit) => (0, limit.get().to_bits()),
            Self::Exact(value) => (1, value.get().to_bits()),
            Self::Above(limit) => (2, limit.get().to_bits()),
            Self::Missing(reason) => (3, reason as u64),
        }
    }
}

/// A checked outcome with its unit.
///
/// ```
/// use diel_core::{Level, Limits, Measurement, Outcome, Unit};
/// let tube = Measurement::new(Outcome::Value(0.1), Some(Unit::UgPerDl))?;
/// let Level::Exact(value) = tube.level(&Limits::default()) else { unreachable!() };
/// assert!((value.get() - 2.7589).abs() < 1e-4);
/// # Ok::<(), diel_core::MeasurementError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measurement {
    outcome: Outcome,
    unit: Option<Unit>,
}

impl Measurement {
    /// Accepts what a laboratory reported. Minus zero becomes zero.
    ///
    /// # Errors
    /// A value must be finite and not negative, a limit finite and more than 0; neither may be more than
    /// 1,000,000 nmol/L; both need a unit.
    pub fn new(outcome: Outcome, unit: Option<Unit>) -> Result<Self, MeasurementError> {
        let outcome = match outcome {
            Outcome::Value(value) => Outcome::Value(check_amount(value, unit)?),
            Outcome::Below(limit) => Outcome::Below(check_limit(limit, unit)?),
            Outcome::Above(limit) => Outcome::Above(check_limit(limit, unit)?),
            Outcome::Missing(reason) => Outcome::Missing(reason),
        };
        Ok(Self { outcome, unit })
    }

    /// What was found, in the reported unit.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The reported unit; always there unless the outcome is missing.
    #[must_use]
    pub const fn unit(&self) -> Option<Unit> {
        self.unit
    }

    /// The concentration in nmol/L against the batch's limits: a value below the limit of detection, but not 0, is
    /// censored there, and so is a value above the upper limit of quantification.
    #[must_use]
    pub fn level(&self, limits: &Limits) -> Level {
        let unit = self.unit.unwrap_or(Unit::NmolPerL);
        let convert = |number: f64| NmolPerL::accepted(unit.nmol_per_l(number));
        match self.outcome {
            Outcome::Value(value) => limits.apply(convert(value)),
            Outcome::Below(limit) => Level::Below(convert(limit)),
            Outcome::Above(limit) => Level::Above(convert(limit)),
            Outcome::Missing(reason) => Level::Missing(reason),
        }
    }
}

fn check_amount(value: f64, unit: Option<Unit>) -> Result<f64, MeasurementError> {
    let unit = unit.ok_or(MeasurementError::UnitMissing)?;
    if !value.is_finite() {
        Err(MeasurementError::NotFinite { value })
    } else if value < 0.0 {
        Err(MeasurementError::Negative { value, unit })
    } else if unit.nmol_per_l(value) > CONCENTRATION.maximum {
        Err(MeasurementError::TooHigh { value, unit })
    } else {
        Ok(value + 0.0)
    }
}

fn check_limit(limit: f64, unit: Option<Unit>) -> Result<f64, MeasurementError> {
    match check_amount(limit, unit)? {
        0.0 => Err(MeasurementError::LimitZero),
        limit => Ok(limit),
    }
}

/// Why a measurement is not accepted. The text names the value and the rule.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum MeasurementError {
    /// A number without a unit.
    #[error("the unit is missing; state nmol/L, ug/dL, ng/mL or ug/L")]
    UnitMissing,
    /// NaN or an infinity.
    #[error("{value} is not a finite number")]
    NotFinite {
        /// The number.
        value: f64,
    },
    /// A concentration below zero.
    #[error("{value} {unit} is negative")]
    Negative {
        /// The number.
        value: f64,
        /// Its unit.
        unit: Unit,
    },
    /// A limit of zero says nothing.
    #[error("a limit of 0 is not a limit; it must be more than 0")]
    LimitZero,
    /// Above everything that is accepted.
    #[error("{value} {unit} is more than {} nmol/L, the most accepted", CONCENTRATION.maximum)]
    TooHigh {
        /// The number.
        value: f64,
        /// Its unit.
        unit: Unit,
    },
}
