//! How the service judged a person, so that the core can do it again.

use std::sync::Arc;

use diel_client::{Client, v1};
use diel_core::{
    AgeYears, Person, Policy, PolicyTerms, PopulationModel, Reference, ReferenceTerms, References,
    Sex, Strata, Threshold,
};

use crate::service::reference::only_stratum;
use crate::service::{condition, name};

/// A person, and the policy with the reference that the rhythm was judged against.
#[derive(Debug, Default)]
pub(super) struct Judging {
    pub(super) person: Person,
    pub(super) policy: Policy,
    /// Whether the policy has its reference, and not only its other terms.
    pub(super) is_complete: bool,
}

/// Asks for the reference where it is a study's. The service may know one that this program does not.
pub(super) async fn fetch(
    client: &Client,
    participant: &v1::Participant,
    policy: &v1::Policy,
    reference: &str,
) -> anyhow::Result<Judging> {
    let strata = if reference.starts_with("studies/") {
        strata(&client.get_reference(reference).await?)
    } else {
        Reference::find(name::id(reference)).map(|found| Strata::of(Arc::clone(found)))
    };
    let complete = strata.and_then(|strata| {
        let terms = terms(policy, Some(strata.id()));
        let references = References::default().with(Arc::new(strata));
        Policy::with_references(&terms, &references).ok()
    });
    let is_complete = complete.is_some();
    let policy = complete.or_else(|| Policy::new(&terms(policy, None)).ok());
    Ok(Judging {
        person: person(participant),
        policy: policy.unwrap_or_default(),
        is_complete,
    })
}

fn person(participant: &v1::Participant) -> Person {
    Person {
        age: participant
            .age_years
            .and_then(|age| AgeYears::new(age).ok()),
        sex: sex(participant.sex()),
        conditions: condition::of_messages(&participant.conditions),
    }
}

const fn sex(sex: v1::Sex) -> Sex {
    match sex {
        v1::Sex::Unspecified => Sex::Unspecified,
        v1::Sex::Female => Sex::Female,
        v1::Sex::Male => Sex::Male,
        v1::Sex::Other => Sex::Other,
    }
}

fn strata(message: &v1::Reference) -> Option<Strata> {
    let terms = |stratum: &v1::ReferenceStratum| ReferenceTerms {
        id: message.name.clone(),
        population: message.population.clone(),
        assay: message.assay.clone(),
        source: message.source.clone(),
        provisional: message.provisional,
        min_age_years: stratum.min_age_years,
        max_age_years: stratum.max_age_years,
        sex: Some(sex(stratum.sex())).filter(|sex| *sex != Sex::Unspecified),
        model: PopulationModel {
            intercept_ln: stratum.intercept_ln,
            slope_ln_per_h: stratum.slope_ln_per_h,
            car_ln: stratum.car_ln,
            intercept_sd: stratum.intercept_sd,
            slope_sd: stratum.slope_sd,
            correlation: stratum.intercept_slope_correlation,
            residual_sd: stratum.residual_sd,
        },
        basis: None,
    };
    if message.strata.is_empty() {
        let reference = Reference::new(terms(&only_stratum(message))).ok()?;
        return Some(Strata::of(Arc::new(reference)));
    }
    Strata::new(message.strata.iter().map(terms).collect()).ok()
}

fn terms(policy: &v1::Policy, reference: Option<&str>) -> PolicyTerms {
    use v1::policy::Threshold::{ThresholdLnPerH, ThresholdPercentile};

    let count = |count: i32| u32::try_from(count).ok();
    PolicyTerms {
        reference: reference.map(str::to_owned),
        threshold: policy.threshold.map(|threshold| match threshold {
            ThresholdLnPerH(slope) => Threshold::LnPerHour(slope),
            ThresholdPercentile(percentile) => Threshold::Percentile(percentile),
        }),
        probability: policy.probability,
        min_days: policy.min_days.and_then(count),
        min_days_to_report: policy.min_days_to_report.and_then(count),
        car_window_min: policy.car_window_min,
        evening_after_h: policy.evening_after_h,
        min_samples: policy.min_samples.and_then(count),
        excluding: policy
            .excluding_conditions
            .as_ref()
            .map(|set| condition::of_messages(&set.conditions)),
        min_age_years: policy.min_age_years,
        min_age_to_flag_years: policy.min_age_to_flag_years,
        min_age_for_car_years: policy.min_age_for_car_years,
        evening_limit_nmol_per_l: policy.evening_limit_nmol_per_l,
        evening_limit_share: policy.evening_limit_share,
        ..PolicyTerms::default()
    }
}
