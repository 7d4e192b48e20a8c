//! Policies and references.

use diel_core::{Policy, PolicyError, PolicyTerms, Threshold};
use diel_proto::v1 as pb;
use diel_store::StoredPolicy;

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
    let terms = message.map(terms).transpose();
    let terms = match terms {
        Ok(terms) => terms.unwrap_or_default(),
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
    let days = |field: &'static str, days: Option<i32>| {
        days.map(|days| u32::try_from(days).map_err(|_| (field, format!("{days} is negative"))))
            .transpose()
    };
    let reference = message
        .reference
        .strip_prefix("references/")
        .unwrap_or(&message.reference);
    Ok(PolicyTerms {
        reference: (!reference.is_empty() && reference != BY_AGE).then(|| reference.to_owned()),
        min_reference_persons: days("min_reference_persons", message.min_reference_persons)?,
        threshold: message.threshold.map(|threshold| match threshold {
            pb::policy::Threshold::ThresholdLnPerH(slope) => Threshold::LnPerHour(slope),
            pb::policy::Threshold::ThresholdPercentile(percentile) => {
                Threshold::Percentile(percentile)
            }
        }),
        probability: message.probability,
        min_days: days("min_days", message.min_days)?,
        min_days_to_report: days("min_days_to_report", message.min_days_to_report)?,
        car_window_min: message.car_window_min,
        evening_after_h: message.evening_after_h,
    })
}

/// A stored policy as a message.
pub(crate) fn to_proto(study: &str, stored: &StoredPolicy) -> pb::Policy {
    let terms = stored.terms.clone();
    let days = |days: Option<u32>| days.and_then(|days| i32::try_from(days).ok());
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
        min_days: days(terms.min_days),
        min_days_to_report: days(terms.min_days_to_report),
        car_window_min: terms.car_window_min,
        evening_after_h: terms.evening_after_h,
        create_time: Some(time_to_proto(stored.created)),
        min_reference_persons: days(terms.min_reference_persons),
    }
}
