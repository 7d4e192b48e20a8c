//! What a user may say of a policy.

use crate::reference::Reference;

/// Which reference a policy judges against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ReferenceChoice {
    /// The built-in one of the participant's age.
    ByAge,
    /// This one, whatever the age.
    Named(&'static Reference),
}

/// The slope above which (flatter than which) a slope counts as flat.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Threshold {
    /// A slope, ln(nmol/L) per hour.
    LnPerHour(f64),
    /// A percentile of the reference's true slopes.
    Percentile(f64),
}

/// What a user may say of a policy; what is left out takes its default.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PolicyTerms {
    /// The name of a reference; "auto" and absent choose by age.
    pub reference: Option<String>,
    /// Default: the 90th percentile.
    pub threshold: Option<Threshold>,
    /// Posterior probability from which a rhythm is put before a reviewer. Default 0.8.
    pub probability: Option<f64>,
    /// Valid days needed to flag. Default 3.
    pub min_days: Option<u32>,
    /// Valid days needed to report. Default 2, or `min_days` where that is less.
    pub min_days_to_report: Option<u32>,
    /// Length of the awakening response that slopes leave out, in minutes. Default 60.
    pub car_window_min: Option<f64>,
    /// A day needs a sample at least this many hours after awakening. Default 8.
    pub evening_after_h: Option<f64>,
}

/// The word for a reference chosen by age.
pub const REFERENCE_BY_AGE: &str = "auto";
