//! Policies and references.

use diel_core::{Policy, PolicyError, PolicyTerms, Threshold};
use diel_proto::v1 as pb;
use diel_store::StoredPolicy;

use super::participant::{conditions_from_proto, conditions_to_proto};
use super::time::to_proto as time_to_proto;
use crate::name;
use crate::violations::Violations;

/// The name that lets age choose the reference.
const BY_AGE: &str = "auto";

/// Reads a policy; absent fields take their defaults. Whether a reference of a study exists is for the store to tell.
pub(crate) fn from_proto(
    message: Option<&pb::Policy>,
    violations: &mut Violations,
) -> Option<PolicyTerms> {
    let excluding = message
        .and_then(|message| message.excluding_conditions.as_ref())
        .map(|set| {
            violations.within("excluding_conditions", |violations| {
                conditions_from_proto(&set.conditions, violations)
            })
        });
    let terms = message.map(terms).transpose();
    let terms = match terms {
        Ok(terms) => PolicyTerms {
            excluding,
            ..terms.unwrap_or_default()
        },
        Err((field, text)) => {
            violations.add(field, text);
            return None;
        }
    };
    match Policy::check_terms(&terms) {
        Ok(terms) => Some(terms),
        Err(error) => {
            add(&error, violations);
            None
        }
    }
}

/// Reads a policy for samples that are analysed and not stored: it can name the built-in references.
pub(crate) fn built_in(
    message: Option<&pb::Policy>,
    violations: &mut Violations,
) -> Option<Policy> {
    let terms = from_proto(message, violations)?;
    match Policy::new(&terms) {
        Ok(policy) => Some(policy),
        Err(error) => {
            add(&error, violations);
            None
        }
    }
}

/// Notes every broken rule of a policy.
pub(crate) fn add(error: &PolicyError, violations: &mut Violations) {
    for violation in error.violations() {
        violations.add(violation.field, violation.rule.clone());
    }
}

fn terms(message: &pb::Policy) -> Result<PolicyTerms, (&'static str, String)> {
    let count = |field: &'static str, count: Option<i32>| {
        count
            .map(|count| u32::try_from(count).map_err(|_| (field, format!("{count} is negative"))))
            .transpose()
    };
    let reference = message
        .reference
        .strip_prefix("references/")
        .unwrap_or(&message.reference);
    Ok(PolicyTerms {
        reference: (!reference.is_empty() && reference != BY_AGE).then(|| reference.to_owned()),
        min_reference_persons: count("min_reference_persons", message.min_reference_persons)?,
        threshold: message.threshold.map(|threshold| match threshold {
            pb::policy::Threshold::ThresholdLnPerH(slope) => Threshold::LnPerHour(slope),
            pb::policy::Threshold::ThresholdPercentile(percentile) => {
                Threshold::Percentile(percentile)
            }
        }),
        probability: message.probability,
        min_days: count("min_days", message.min_days)?,
        min_days_to_report: count("min_days_to_report", message.min_days_to_report)?,
        car_window_min: message.car_window_min,
        evening_after_h: message.evening_after_h,
        min_samples: count("min_samples", message.min_samples)?,
        excluding: None,
        min_age_years: message.min_age_years,
        min_age_to_flag_years: message.min_age_to_flag_years,
        min_age_for_car_years: message.min_age_for_car_years,
        evening_limit_nmol_per_l: message.evening_limit_nmol_per_l,
        evening_limit_share: message.evening_limit_share,
        second_review: message.second_review,
        reopen_shift_sd: message.reopen_shift_sd,
    })
}

/// A stored policy as a message.
pub(crate) fn to_proto(study: &str, stored: &StoredPolicy) -> pb::Policy {
    let terms = stored.terms.clone();
    let count = |count: Option<u32>| count.and_then(|count| i32::try_from(count).ok());
    pb::Policy {
        name: name::of_child(study, "policies", stored.version),
        reference: terms.reference.unwrap_or_else(|| BY_AGE.to_owned()),
        threshold: terms.threshold.map(|threshold| match threshold {
            Threshold::LnPerHour(slope) => pb::policy::Threshold::ThresholdLnPerH(slope),
            Threshold::Percentile(percentile) => {
                pb::policy::Threshold::ThresholdPercentile(percentile)
            }
        }),
        probability: terms.probability,
        min_days: count(terms.min_days),
        min_days_to_report: count(terms.min_days_to_report),
        car_window_min: terms.car_window_min,
        evening_after_h: terms.evening_after_h,
        create_time: Some(time_to_proto(stored.created)),
        min_reference_persons: count(terms.min_reference_persons),
        min_samples: count(terms.min_samples),
        excluding_conditions: terms.excluding.map(|excluding| pb::ConditionSet {
            conditions: conditions_to_proto(excluding),
        }),
        min_age_years: terms.min_age_years,
        min_age_to_flag_years: terms.min_age_to_flag_years,
        min_age_for_car_years: terms.min_age_for_car_years,
        evening_limit_nmol_per_l: terms.evening_limit_nmol_per_l,
        evening_limit_share: terms.evening_limit_share,
        second_review: terms.second_review,
        reopen_shift_sd: terms.reopen_shift_sd,
    }
}
