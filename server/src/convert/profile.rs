//! Profiles.

use diel_core::{Features, Findings, Level, Moment};
use diel_proto::v1 as pb;
use diel_store::StoredProfile;
use jiff::civil::Date;

use super::participant::conditions_to_proto;
use super::time::moment_to_proto;
use crate::name;

/// A stored profile as a message, without its samples.
pub(crate) fn to_proto(study: &str, stored: &StoredProfile) -> pb::Profile {
    pb::Profile {
        name: name::of_profile(study, &stored.participant, stored.date),
        sample_count: stored.sample_count,
        valid: stored.valid,
        conditions: conditions_to_proto(stored.conditions),
        ..with_features(
            &stored.participant,
            Some(stored.date),
            stored.awakening,
            &stored.features,
            stored.findings,
        )
    }
}

/// A profile fresh from the core as a message; its samples are added by the caller, who knows their specimens.
pub(crate) fn computed(participant: &str, profile: &diel_core::Profile) -> pb::Profile {
    pb::Profile {
        sample_count: i32::try_from(profile.day.samples.len()).unwrap_or(i32::MAX),
        valid: profile.valid,
        conditions: conditions_to_proto(profile.day.conditions),
        ..with_features(
            participant,
            profile.day.date,
            profile.day.awakening,
            &profile.features,
            profile.findings,
        )
    }
}

/// One sample of a profile as a message.
pub(crate) fn sample_to_proto(
    sample: &diel_core::DaySample,
    specimen: &str,
    label: &str,
    collected: Moment,
    measurement: pb::Measurement,
) -> pb::ProfileSample {
    pb::ProfileSample {
        specimen: specimen.to_owned(),
        label: label.to_owned(),
        collection_time: Some(moment_to_proto(collected)),
        hours_since_awakening: sample.hours,
        concentration: Some(measurement),
        concentration_nmol_per_l: match sample.level {
            Level::Exact(value) | Level::Below(value) | Level::Above(value) => Some(value.get()),
            Level::Missing(_) => None,
        },
        used_in_slope: sample.used_in_slope,
        findings: codes(sample.findings),
        ..pb::ProfileSample::default()
    }
}

fn with_features(
    participant: &str,
    date: Option<Date>,
    awakening: Option<Moment>,
    features: &Features,
    findings: Findings,
) -> pb::Profile {
    pb::Profile {
        participant: participant.to_owned(),
        sampling_date: date.map(|date| date.to_string()).unwrap_or_default(),
        awakening_time: awakening.map(moment_to_proto),
        awakening_utc_offset_minutes: awakening.map_or(0, Moment::utc_offset_minutes),
        wake_nmol_per_l: features.wake_nmol_per_l.ok(),
        peak_nmol_per_l: features.peak_nmol_per_l.ok(),
        bed_nmol_per_l: features.bed_nmol_per_l.ok(),
        slope_wake_bed_ln_per_h: features.slope_wake_bed_ln_per_h.ok(),
        slope_peak_bed_ln_per_h: features.slope_peak_bed_ln_per_h.ok(),
        slope_regression_ln_per_h: features.slope_regression_ln_per_h.ok(),
        slope_regression_se: features.slope_regression_se.ok(),
        slope_wake_bed_nmol_per_l_per_h: features.slope_wake_bed_nmol_per_l_per_h.ok(),
        car_auc_g_nmol_min_per_l: features.car_auc_g_nmol_min_per_l.ok(),
        car_auc_i_nmol_min_per_l: features.car_auc_i_nmol_min_per_l.ok(),
        car_mean_increase_nmol_per_l: features.car_mean_increase_nmol_per_l.ok(),
        car_max_increase_nmol_per_l: features.car_max_increase_nmol_per_l.ok(),
        day_auc_g_nmol_h_per_l: features.day_auc_g_nmol_h_per_l.ok(),
        dynamic_range_ln: features.dynamic_range_ln.ok(),
        evening_morning_ratio: features.evening_morning_ratio.ok(),
        mesor: features.mesor.ok(),
        amplitude: features.amplitude.ok(),
        peak_clock_time: features.peak_clock_time.ok(),
        cosinor_p: features.cosinor_p.ok(),
        findings: codes(findings),
        absent_features: features
            .iter()
            .filter_map(|(feature, value)| {
                let reason = value.err()?;
                Some(pb::AbsentFeature {
                    feature: feature.to_owned(),
                    reason: reason.code().to_owned(),
                })
            })
            .collect(),
        ..pb::Profile::default()
    }
}

fn codes(findings: Findings) -> Vec<String> {
    findings
        .iter()
        .map(|finding| finding.code().to_owned())
        .collect()
}
