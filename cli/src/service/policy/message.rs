//! Terms of a policy as messages.

use diel_client::v1;
use diel_core::{PolicyTerms, Threshold};

use crate::service::condition;

/// What was said about a policy, as a message. What was not said is left to the service.
pub(crate) fn of_terms(terms: &PolicyTerms) -> v1::Policy {
    changed(v1::Policy::default(), terms)
}

/// A policy with what was said in the place of what it said before.
pub(crate) fn changed(policy: v1::Policy, terms: &PolicyTerms) -> v1::Policy {
    let threshold = terms.threshold.map(|threshold| match threshold {
        Threshold::LnPerHour(slope) => v1::policy::Threshold::ThresholdLnPerH(slope),
        Threshold::Percentile(percentile) => v1::policy::Threshold::ThresholdPercentile(percentile),
    });
    let count = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let excluding = terms.excluding.map(|excluding| v1::ConditionSet {
        conditions: condition::to_messages(excluding),
    });
    v1::Policy {
        name: String::new(),
        create_time: None,
        reference: terms.reference.clone().unwrap_or(policy.reference),
        min_reference_persons: (terms.min_reference_persons.map(count))
            .or(policy.min_reference_persons),
        threshold: threshold.or(policy.threshold),
        probability: terms.probability.or(policy.probability),
        min_days: terms.min_days.map(count).or(policy.min_days),
        min_days_to_report: (terms.min_days_to_report.map(count)).or(policy.min_days_to_report),
        car_window_min: terms.car_window_min.or(policy.car_window_min),
        evening_after_h: terms.evening_after_h.or(policy.evening_after_h),
        min_samples: terms.min_samples.map(count).or(policy.min_samples),
        excluding_conditions: excluding.or(policy.excluding_conditions),
        min_age_years: terms.min_age_years.or(policy.min_age_years),
        min_age_to_flag_years: terms.min_age_to_flag_years.or(policy.min_age_to_flag_years),
        min_age_for_car_years: terms.min_age_for_car_years.or(policy.min_age_for_car_years),
        evening_limit_nmol_per_l: terms
            .evening_limit_nmol_per_l
            .or(policy.evening_limit_nmol_per_l),
        evening_limit_share: terms.evening_limit_share.or(policy.evening_limit_share),
        second_review: terms.second_review.or(policy.second_review),
        reopen_shift_sd: terms.reopen_shift_sd.or(policy.reopen_shift_sd),
    }
}

#[cfg(test)]
mod tests {
    use diel_core::{Condition, Conditions};

    use super::*;

    #[test]
    fn what_is_not_said_stays() {
        let before = of_terms(&PolicyTerms {
            probability: Some(0.9),
            threshold: Some(Threshold::Percentile(95.0)),
            excluding: Some(Conditions::EMPTY),
            second_review: Some(true),
            ..PolicyTerms::default()
        });
        let after = changed(
            before.clone(),
            &PolicyTerms {
                threshold: Some(Threshold::LnPerHour(-0.03)),
                min_samples: Some(12),
                ..PolicyTerms::default()
            },
        );
        assert_eq!(
            (after.probability, after.second_review),
            (Some(0.9), Some(true))
        );
        assert_eq!(after.min_samples, Some(12));
        assert_eq!(
            after.threshold,
            Some(v1::policy::Threshold::ThresholdLnPerH(-0.03))
        );
        assert_eq!(
            after.excluding_conditions,
            Some(v1::ConditionSet::default())
        );
        let excluding = PolicyTerms {
            excluding: Some(Conditions::from_iter([Condition::Travel])),
            ..PolicyTerms::default()
        };
        let set = changed(before, &excluding).excluding_conditions;
        assert_eq!(set.map(|set| set.conditions), Some(vec![6]));
    }
}
