//! Rhythms and verdicts.

use diel_core::{AgeYears, RHYTHM_METHOD, Verdict};
use diel_proto::v1 as pb;
use diel_store::{RhythmNumbers, StoredRhythm};

use super::time::to_proto as time_to_proto;
use crate::name;

/// A stored rhythm as a message.
pub(crate) fn to_proto(study: &str, stored: &StoredRhythm) -> pb::Rhythm {
    pb::Rhythm {
        name: name::of_rhythm(study, &stored.participant),
        participant: stored.participant.clone(),
        group: stored.group.clone(),
        age_years: stored.age.map(AgeYears::get),
        policy: name::of_child(study, "policies", stored.policy_version),
        flag: stored
            .flag
            .as_ref()
            .map(|(id, _)| name::of_child(study, "flags", id))
            .unwrap_or_default(),
        update_time: Some(time_to_proto(stored.updated)),
        ..with_numbers(&stored.rhythm)
    }
}

/// A rhythm fresh from the core as a message.
pub(crate) fn computed(
    participant: &str,
    group: &str,
    age: Option<AgeYears>,
    rhythm: &diel_core::Rhythm,
) -> pb::Rhythm {
    pb::Rhythm {
        participant: participant.to_owned(),
        group: group.to_owned(),
        age_years: age.map(AgeYears::get),
        posterior_line: line_to_proto(rhythm),
        ..with_numbers(&RhythmNumbers::from(rhythm))
    }
}

/// The posterior of the line of a rhythm fresh from the core.
pub(crate) fn line_to_proto(rhythm: &diel_core::Rhythm) -> Option<pb::PosteriorLine> {
    let posterior = rhythm.posterior.as_ref()?;
    let ([intercept, slope], [[v00, v01], [_, v11]]) = (posterior.mean, posterior.covariance);
    Some(pb::PosteriorLine {
        intercept_ln: intercept,
        slope_ln_per_h: slope,
        intercept_variance: v00,
        intercept_slope_covariance: v01,
        slope_variance: v11,
    })
}

fn with_numbers(numbers: &RhythmNumbers) -> pb::Rhythm {
    let posterior = numbers.posterior.as_ref();
    pb::Rhythm {
        day_count: count(numbers.day_count),
        valid_day_count: count(numbers.valid_day_count),
        sample_count: count(numbers.sample_count),
        left_out_sample_count: count(numbers.left_out_sample_count),
        slope_ln_per_h: numbers.slope_ln_per_h,
        slope_se: numbers.slope_se,
        posterior_slope_ln_per_h: posterior.map(|p| p.slope_ln_per_h),
        posterior_sd: posterior.map(|p| p.sd),
        posterior_lower_ln_per_h: posterior.map(|p| p.lower),
        posterior_upper_ln_per_h: posterior.map(|p| p.upper),
        probability_flat: posterior.map(|p| p.probability_flat),
        threshold_ln_per_h: Some(numbers.threshold_ln_per_h),
        reference_percentile: posterior.map(|p| p.reference_percentile),
        reliability: posterior.map(|p| p.reliability),
        days_to_reliable: posterior.and_then(|p| p.days_to_reliable).map(count),
        verdict: verdict_to_proto(numbers.verdict) as i32,
        reasons: codes(numbers),
        reference: name::of_reference(&numbers.reference),
        input_digest: digest(numbers),
        method: RHYTHM_METHOD.to_owned(),
        ..pb::Rhythm::default()
    }
}

/// The evidence of a flag as a message.
pub(crate) fn evidence_to_proto(
    study: &str,
    numbers: &RhythmNumbers,
    policy_version: i64,
) -> pb::FlagEvidence {
    let posterior = numbers.posterior.as_ref();
    let number = |read: fn(&diel_store::PosteriorNumbers) -> f64| posterior.map_or(0.0, read);
    pb::FlagEvidence {
        posterior_slope_ln_per_h: number(|p| p.slope_ln_per_h),
        posterior_sd: number(|p| p.sd),
        posterior_lower_ln_per_h: number(|p| p.lower),
        posterior_upper_ln_per_h: number(|p| p.upper),
        probability_flat: number(|p| p.probability_flat),
        threshold_ln_per_h: numbers.threshold_ln_per_h,
        reference_percentile: number(|p| p.reference_percentile),
        reliability: number(|p| p.reliability),
        valid_day_count: count(numbers.valid_day_count),
        sample_count: count(numbers.sample_count),
        left_out_sample_count: count(numbers.left_out_sample_count),
        reasons: codes(numbers),
        reference: name::of_reference(&numbers.reference),
        policy: name::of_child(study, "policies", policy_version),
        input_digest: digest(numbers),
        method: RHYTHM_METHOD.to_owned(),
    }
}

pub(crate) fn verdict_from_proto(number: i32) -> Option<Verdict> {
    match pb::Verdict::try_from(number).ok()? {
        pb::Verdict::Unspecified => None,
        pb::Verdict::NotFlat => Some(Verdict::NotFlat),
        pb::Verdict::Indeterminate => Some(Verdict::Indeterminate),
        pb::Verdict::FlatForReview => Some(Verdict::FlatForReview),
        pb::Verdict::InsufficientData => Some(Verdict::InsufficientData),
    }
}

pub(crate) fn verdict_to_proto(verdict: Verdict) -> pb::Verdict {
    match verdict {
        Verdict::NotFlat => pb::Verdict::NotFlat,
        Verdict::Indeterminate => pb::Verdict::Indeterminate,
        Verdict::FlatForReview => pb::Verdict::FlatForReview,
        Verdict::InsufficientData => pb::Verdict::InsufficientData,
    }
}

fn codes(numbers: &RhythmNumbers) -> Vec<String> {
    numbers
        .reasons
        .iter()
        .map(|reason| reason.code().to_owned())
        .collect()
}

fn digest(numbers: &RhythmNumbers) -> String {
    blake3::Hash::from_bytes(numbers.digest)
        .to_hex()
        .to_string()
}

fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
