//! What a user may say of a policy.

use std::sync::Arc;

use crate::person::Conditions;
use crate::reference::Strata;

/// Which reference a policy judges against.
#[derive(Debug, Clone, PartialEq)]
pub enum ReferenceChoice {
    /// The built-in one of the participant's age.
    ByAge,
    /// This one. Where it has strata, a person in none of them is not judged.
    Named(Arc<Strata>),
    /// The study's newest frozen one; `None`, and then by age, while there is none that rests on enough persons.
    Own(Option<Arc<Strata>>),
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
    /// The name of a reference; "auto" and absent choose by age, "own" the study's newest frozen reference once it rests
    /// on enough persons and by age before that.
    pub reference: Option<String>,
    /// Persons with enough days that the study's own reference must rest on. Default 100.
    pub min_reference_persons: Option<u32>,
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
    /// Samples that the slope must rest on to flag. Default 0: what the valid days have.
    pub min_samples: Option<u32>,
    /// Conditions under which a day does not count and a person is not judged. Default: all.
    pub excluding: Option<Conditions>,
    /// Age below which nobody is judged, in years. Default 1/6.
    pub min_age_years: Option<f64>,
    /// Age below which nobody is flagged, in years: a flat rhythm is then not established. Default 1.
    pub min_age_to_flag_years: Option<f64>,
    /// Age below which no awakening response is computed, in years. Default 4.
    pub min_age_for_car_years: Option<f64>,
    /// An evening sample below a limit above this counts as hardly known, nmol/L. Default 1.
    pub evening_limit_nmol_per_l: Option<f64>,
    /// More than this share of the valid days with such an evening keeps a rhythm from being flagged, 0 to 1. Default
    /// 0.5.
    pub evening_limit_share: Option<f64>,
    /// Whether a decision about a flag needs a second reviewer's. Default: no.
    pub second_review: Option<bool>,
    /// Data that move the posterior mean of the slope by more than this many posterior standard deviations open a decided
    /// flag again. Default 1.
    pub reopen_shift_sd: Option<f64>,
}

/// The word for a reference chosen by age.
pub const REFERENCE_BY_AGE: &str = "auto";

/// Another word for it.
pub(super) const BY_AGE: &str = "by-age";

/// The word for the study's own reference.
pub const REFERENCE_OWN: &str = "own";

/// How the names of references begin that belong to studies.
pub(super) const OF_STUDIES: &str = "studies/";
