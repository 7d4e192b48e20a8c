//! Limits of detection and quantification of an assay.

use thiserror::Error;

use crate::{Level, NmolPerL};

/// The limits of a batch, in nmol/L. The default has none.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Limits {
    /// Limit of detection (LOD).
    pub detection: Option<NmolPerL>,
    /// Lower limit of quantification (LLOQ). Kept for display; it censors nothing.
    pub quantification_low: Option<NmolPerL>,
    /// Upper limit of quantification (ULOQ).
    pub quantification_high: Option<NmolPerL>,
}

impl Limits {
    /// Accepts limits that agree with each other.
    ///
    /// # Errors
    /// Each must be more than 0, and detection <= lower quantification < upper quantification.
    ///
    /// ```
    /// use diel_core::{Limits, NmolPerL};
    /// let nmol = |x| NmolPerL::new(x).ok();
    /// assert!(Limits::new(nmol(0.19), nmol(0.33), nmol(82.8)).is_ok());
    /// assert!(Limits::new(nmol(0.5), nmol(0.33), None).is_err());
    /// ```
    pub fn new(
        detection: Option<NmolPerL>,
        quantification_low: Option<NmolPerL>,
        quantification_high: Option<NmolPerL>,
    ) -> Result<Self, LimitsError> {
        if [detection, quantification_low, quantification_high]
            .into_iter()
            .flatten()
            .any(|limit| limit.get() <= 0.0)
        {
            return Err(LimitsError::Zero);
        }
        if let (Some(detection), Some(low)) = (detection, quantification_low)
            && detection > low
        {
            return Err(LimitsError::DetectionAboveQuantification {
                detection: detection.get(),
                low: low.get(),
            });
        }
        if let (Some(low), Some(high)) = (quantification_low.or(detection), quantification_high)
            && low >= high
        {
            return Err(LimitsError::LowNotBelowHigh {
                low: low.get(),
                high: high.get(),
            });
        }
        Ok(Self {
            detection,
            quantification_low,
            quantification_high,
        })
    }

    /// Censors a value outside the limits. A value of 0 stays exact: it is a report, not a bound.
    pub(crate) fn apply(&self, value: NmolPerL) -> Level {
        match (self.detection, self.quantification_high) {
            (Some(detection), _) if value < detection && value.get() > 0.0 => {
                Level::Below(detection)
            }
            (_, Some(high)) if value > high => Level::Above(high),
            _ => Level::Exact(value),
        }
    }
}

/// Why limits are not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum LimitsError {
    /// A limit of zero says nothing.
    #[error("a limit of 0 is not a limit; it must be more than 0")]
    Zero,
    /// A value can be quantified only where it can be detected.
    #[error(
        "the limit of detection, {detection} nmol/L, is above the lower limit of quantification, {low} nmol/L"
    )]
    DetectionAboveQuantification {
        /// Limit of detection, nmol/L.
        detection: f64,
        /// Lower limit of quantification, nmol/L.
        low: f64,
    },
    /// Nothing could be quantified between them.
    #[error(
        "the lower limit, {low} nmol/L, is not below the upper limit of quantification, {high} nmol/L"
    )]
    LowNotBelowHigh {
        /// The lower limit, nmol/L.
        low: f64,
        /// Upper limit of quantification, nmol/L.
        high: f64,
    },
}
