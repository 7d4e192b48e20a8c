//! Rhythms: what was concluded from all days of a participant.

use diel_core::{AgeYears, Reasons, Rhythm, Verdict};
use jiff::Timestamp;

use crate::FlagState;

/// The numbers of a rhythm, as they are stored and as flags are raised on them.
#[derive(Debug, Clone, PartialEq)]
pub struct RhythmNumbers {
    /// Days with samples.
    pub day_count: u32,
    /// Days that counted.
    pub valid_day_count: u32,
    /// Samples used.
    pub sample_count: u32,
    /// Samples left out.
    pub left_out_sample_count: u32,
    /// The slope from the data alone, ln(nmol/L) per hour.
    pub slope_ln_per_h: Option<f64>,
    /// Its standard error.
    pub slope_se: Option<f64>,
    /// What is known of the true slope.
    pub posterior: Option<PosteriorNumbers>,
    /// The threshold, ln(nmol/L) per hour.
    pub threshold_ln_per_h: f64,
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    pub reasons: Reasons,
    /// The reference it was judged against, such as `adult-noisy@1`.
    pub reference: String,
    /// BLAKE3 of the inputs.
    pub digest: [u8; 32],
}

/// The posterior of a person's true slope.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PosteriorNumbers {
    /// Mean, ln(nmol/L) per hour.
    pub slope_ln_per_h: f64,
    /// Standard deviation.
    pub sd: f64,
    /// Lower end of the central 95 % interval.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
    /// Probability that the true slope is flatter than the threshold.
    pub probability_flat: f64,
    /// Percentile of the mean in the reference, 0 to 100.
    pub reference_percentile: f64,
    /// Reliability of the slope, 0 to 1.
    pub reliability: f64,
    /// How many more days would settle it.
    pub days_to_reliable: Option<u32>,
}

impl From<&Rhythm> for RhythmNumbers {
    fn from(rhythm: &Rhythm) -> Self {
        Self {
            day_count: rhythm.day_count,
            valid_day_count: rhythm.valid_day_count,
            sample_count: rhythm.sample_count,
            left_out_sample_count: rhythm.left_out_sample_count,
            slope_ln_per_h: rhythm
                .estimate
                .as_ref()
                .map(|estimate| estimate.slope_ln_per_h),
            slope_se: rhythm.estimate.as_ref().and_then(|estimate| estimate.se),
            posterior: rhythm.posterior.as_ref().map(|posterior| PosteriorNumbers {
                slope_ln_per_h: posterior.slope_ln_per_h,
                sd: posterior.sd,
                lower: posterior.lower,
                upper: posterior.upper,
                probability_flat: posterior.probability_flat,
                reference_percentile: posterior.reference_percentile,
                reliability: posterior.reliability,
                days_to_reliable: posterior.days_to_reliable,
            }),
            threshold_ln_per_h: rhythm.threshold_ln_per_h,
            verdict: rhythm.verdict,
            reasons: rhythm.reasons,
            reference: rhythm.reference.id().to_owned(),
            digest: rhythm.digest,
        }
    }
}

/// A stored rhythm.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRhythm {
    /// The participant's code.
    pub participant: String,
    /// The participant's group.
    pub group: String,
    /// The participant's age.
    pub age: Option<AgeYears>,
    /// Its numbers.
    pub rhythm: RhythmNumbers,
    /// The version of the policy it was judged by.
    pub policy_version: i64,
    /// The participant's flag, if one was ever raised, and where it stands.
    pub flag: Option<(String, FlagState)>,
    /// When it was judged.
    pub updated: Timestamp,
}

/// Conditions on rhythms; those that are absent do not filter.
#[derive(Debug, Clone, Default)]
pub struct RhythmFilter {
    /// Groups, any of which will do.
    pub groups: Vec<String>,
    /// Least age, years.
    pub min_age_years: Option<f64>,
    /// Greatest age, years.
    pub max_age_years: Option<f64>,
    /// Verdicts, any of which will do.
    pub verdicts: Vec<Verdict>,
    /// States of the flag, any of which will do.
    pub flag_states: Vec<FlagState>,
    /// Least posterior slope, ln(nmol/L) per hour.
    pub min_slope_ln_per_h: Option<f64>,
    /// Greatest posterior slope, ln(nmol/L) per hour.
    pub max_slope_ln_per_h: Option<f64>,
}
