//! What is answered about designs.

use diel_core::design::{ModelledReliability, ObservedReliability, Power};
use diel_proto::v1 as pb;

/// What a model says of a metric, as a message.
pub(crate) fn modelled_to_proto(shown: ModelledReliability) -> pb::ModelledReliability {
    pb::ModelledReliability {
        metric: shown.metric.to_owned(),
        one_day: shown.one_day.ok(),
        absence: shown
            .one_day
            .err()
            .map_or_else(String::new, |absence| absence.code().to_owned()),
        by_days: shown.by_days,
        days_needed: shown.days_needed.map(small),
        closed_form_one_day: shown.closed_form,
        simulated_one_day: shown.simulated.map(|simulated| simulated.one_day),
        simulated_standard_error: shown.simulated.map(|simulated| simulated.standard_error),
    }
}

/// What days show of a metric, as a message.
pub(crate) fn observed_to_proto(shown: &ObservedReliability) -> pb::ObservedReliability {
    let found = shown.intraclass.as_ref().ok();
    let days = |of: Option<u32>| of.map(small);
    pb::ObservedReliability {
        metric: shown.metric.to_owned(),
        person_count: small(shown.persons),
        repeated_person_count: small(shown.persons_with_repeats),
        day_count: small(shown.days),
        shortage: shown
            .intraclass
            .as_ref()
            .err()
            .map_or_else(String::new, |why| why.code().to_owned()),
        mean: found.map(|found| found.mean),
        between_sd: found.map(|found| found.between_sd),
        within_sd: found.map(|found| found.within_sd),
        one_day: found.map(|found| found.one_day),
        lower: found.map(|found| found.lower),
        upper: found.map(|found| found.upper),
        days_needed: found.and_then(|found| days(found.days_needed)),
        days_needed_at_best: found.and_then(|found| days(found.days_needed_at_best)),
        days_needed_at_worst: found.and_then(|found| days(found.days_needed_at_worst)),
    }
}

/// What simulated studies found, as a message.
pub(crate) fn power_to_proto(power: &Power) -> pb::SimulatedPower {
    let [first, second] = power.persons;
    pb::SimulatedPower {
        first_group_count: small(first),
        second_group_count: small(second),
        study_count: small(power.studies),
        power: power.power,
        standard_error: power.standard_error,
        coverage: power.coverage,
        mean_estimate_ln_per_h: power.mean_estimate_ln_per_h,
        mean_se_ln_per_h: power.mean_se_ln_per_h,
        singular_count: small(power.singular),
        not_fitted_count: small(power.not_fitted),
    }
}

/// A count as a message has it.
pub(crate) fn small(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
