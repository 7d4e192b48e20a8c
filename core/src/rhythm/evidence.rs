//! What the valid days of a person hold.

use crate::features::{is_in_awakening_response, is_usable_on_ln_scale};
use crate::{BatchVerdict, DaySample, Finding, Level, Policy, Profile};

/// Samples that a slope rests on, on the ln scale.
#[derive(Debug, Default)]
pub(super) struct Observations {
    exact: Vec<(f64, f64)>,
    censored: Vec<Censored>,
}

/// A sample known on one side only.
#[derive(Debug, Clone, Copy)]
pub(super) struct Censored {
    pub(super) hours: f64,
    pub(super) ln_limit: f64,
    pub(super) side: Side,
}

/// On which side of its limit a censored sample lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Below,
    Above,
}

impl Observations {
    /// Hours and ln(nmol/L).
    pub(super) fn exact(&self) -> &[(f64, f64)] {
        &self.exact
    }

    pub(super) fn censored(&self) -> &[Censored] {
        &self.censored
    }

    pub(super) fn push(&mut self, hours: f64, level: Level) {
        let (value, side) = match level {
            Level::Exact(value) => (value, None),
            Level::Below(limit) => (limit, Some(Side::Below)),
            Level::Above(limit) => (limit, Some(Side::Above)),
            Level::Missing(_) => return,
        };
        // Zero has no logarithm; it is not used, so that it cannot arrive here.
        let Some(ln) = value.ln() else { return };
        match side {
            None => self.exact.push((hours, ln)),
            Some(side) => self.censored.push(Censored {
                hours,
                ln_limit: ln,
                side,
            }),
        }
    }
}

/// Counts and observations of a person's days.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    pub(super) day_count: u32,
    pub(super) valid_day_count: u32,
    pub(super) sample_count: u32,
    pub(super) left_out_sample_count: u32,
    /// Valid days whose evening sample is censored at a high limit.
    pub(super) blind_evening_count: u32,
    pub(super) below_limit: bool,
    pub(super) above_limit: bool,
    pub(super) awakening_assumed: bool,
    pub(super) excluded_days: bool,
    /// Whether a sample that the slope or an awakening response of a valid day rests on is from a failed batch.
    pub(super) failed_plate: bool,
    /// The same of a batch whose quality control asks for a look.
    pub(super) plate_for_review: bool,
    pub(super) observations: Observations,
}

impl Evidence {
    /// Gathers the days in the order given, which decides the order of summation.
    pub(super) fn gather(days: &[&Profile], policy: &Policy) -> Self {
        let mut evidence = Self::default();
        for profile in days {
            evidence.add(profile, policy);
        }
        evidence
    }

    fn add(&mut self, profile: &Profile, policy: &Policy) {
        let day = &profile.day;
        self.day_count += 1;
        self.excluded_days |= !day.conditions.intersection(policy.excluding()).is_empty();
        for sample in &day.samples {
            if sample.used_in_slope {
                self.sample_count += 1;
                self.below_limit |= matches!(sample.level, Level::Below(_));
                self.above_limit |= matches!(sample.level, Level::Above(_));
                self.observations.push(sample.hours, sample.level);
            } else if !is_in_awakening_response(sample.hours, policy) {
                self.left_out_sample_count += 1;
            }
            if sample.used_in_slope || (profile.valid && is_in_response(sample, policy)) {
                self.failed_plate |= sample.batch == BatchVerdict::Fail;
                self.plate_for_review |= sample.batch == BatchVerdict::Review;
            }
        }
        if profile.valid {
            self.valid_day_count += 1;
            self.awakening_assumed |= day.findings.contains(Finding::AwakeningAssumed);
            self.blind_evening_count += u32::from(is_evening_blind(&day.samples, policy));
        }
    }
}

/// Whether an awakening response can rest on a sample that the slope leaves out.
fn is_in_response(sample: &DaySample, policy: &Policy) -> bool {
    is_in_awakening_response(sample.hours, policy) && is_usable_on_ln_scale(sample)
}

/// Whether the last used evening sample lies below a limit that hides an ordinary evening.
fn is_evening_blind(samples: &[DaySample], policy: &Policy) -> bool {
    let evening = samples
        .iter()
        .rfind(|sample| sample.used_in_slope && sample.hours >= policy.evening_after_h());
    evening.is_some_and(|sample| {
        matches!(sample.level, Level::Below(limit) if limit.get() > policy.rules().evening_limit_nmol_per_l)
    })
}
