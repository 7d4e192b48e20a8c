//! What whoever calibrates a plate may decide.

use super::{CurveModel, Weighting};
use crate::cosinor::Confidence;

/// What becomes of blank wells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BlankUse {
    /// Their mean is taken off every response.
    #[default]
    Subtracted,
    /// They are standards of concentration zero.
    ZeroStandard,
    /// They are shown and used for nothing.
    Aside,
}

/// Which recovery of a standard is accepted, in percent of its own concentration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Acceptance {
    /// The least.
    pub low_percent: f64,
    /// The greatest.
    pub high_percent: f64,
    /// The least of the lowest standard above zero.
    pub lowest_low_percent: f64,
    /// The greatest of the lowest standard above zero.
    pub lowest_high_percent: f64,
}

impl Default for Acceptance {
    /// 80 to 120 %, and 75 to 125 % at the lowest.
    fn default() -> Self {
        Self {
            low_percent: 80.0,
            high_percent: 120.0,
            lowest_low_percent: 75.0,
            lowest_high_percent: 125.0,
        }
    }
}

impl Acceptance {
    pub(super) fn accepts(&self, recovery_percent: f64, is_lowest: bool) -> bool {
        let (low, high) = if is_lowest {
            (self.lowest_low_percent, self.lowest_high_percent)
        } else {
            (self.low_percent, self.high_percent)
        };
        (low..=high).contains(&recovery_percent)
    }
}

/// How a plate is calibrated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationOptions {
    /// The shape of the curve.
    pub model: CurveModel,
    /// Which responses count for how much.
    pub weighting: Weighting,
    /// What becomes of blank wells.
    pub blanks: BlankUse,
    /// Which standards are accepted.
    pub acceptance: Acceptance,
    /// The limit of detection lies this many standard deviations from the response at zero.
    pub detection_sds: f64,
    /// Of the intervals of samples.
    pub confidence: Confidence,
    /// A trend over the plate or a lack of fit is remarked when chance alone would show it less often than this.
    pub remark_level: f64,
}

impl Default for CalibrationOptions {
    fn default() -> Self {
        Self {
            model: CurveModel::default(),
            weighting: Weighting::default(),
            blanks: BlankUse::default(),
            acceptance: Acceptance::default(),
            detection_sds: 3.0,
            confidence: Confidence::P95,
            remark_level: 0.01,
        }
    }
}
