//! Profiles: the days of a participant as they were judged.

use diel_core::{Conditions, Features, Findings, Moment, Profile};
use jiff::civil::Date;

/// A stored profile.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredProfile {
    /// The participant's code.
    pub participant: String,
    /// The date of the sampling day.
    pub date: Date,
    /// When the day began.
    pub awakening: Option<Moment>,
    /// Whether the awakening was recorded, rather than taken from the first sample.
    pub awakening_recorded: bool,
    /// How many samples the day has.
    pub sample_count: i32,
    /// Whether the day counts for the rhythm.
    pub valid: bool,
    /// Conditions that hold on the day.
    pub conditions: Conditions,
    /// Its numbers.
    pub features: Features,
    /// Findings on the day and its samples.
    pub findings: Findings,
}

impl StoredProfile {
    /// A day as it is stored when it is judged; `None` for one without a date, which is not stored.
    #[must_use]
    pub fn of(participant: &str, profile: &Profile) -> Option<Self> {
        let day = &profile.day;
        Some(Self {
            participant: participant.to_owned(),
            date: day.date?,
            awakening: day.awakening,
            awakening_recorded: day.awakening_recorded,
            sample_count: i32::try_from(day.samples.len()).unwrap_or(i32::MAX),
            valid: profile.valid,
            conditions: day.conditions,
            features: profile.features,
            findings: profile.findings,
        })
    }
}

/// Conditions on profiles; those that are absent do not filter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProfileFilter {
    /// A participant's code.
    pub participant: Option<String>,
    /// Groups, any of which will do.
    pub groups: Vec<String>,
    /// Least age, years.
    pub min_age_years: Option<f64>,
    /// Greatest age, years.
    pub max_age_years: Option<f64>,
    /// First date.
    pub first_date: Option<Date>,
    /// Last date.
    pub last_date: Option<Date>,
    /// Least regression slope, ln(nmol/L) per hour.
    pub min_slope_ln_per_h: Option<f64>,
    /// Greatest regression slope, ln(nmol/L) per hour.
    pub max_slope_ln_per_h: Option<f64>,
    /// Only days that count.
    pub valid_only: bool,
    /// None behind this participant and date, in the order of the list.
    pub through: Option<(String, Date)>,
}
