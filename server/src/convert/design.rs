//! Designs of studies: what is asked of them, and what is answered.

use std::sync::Arc;

use diel_core::design::{
    DesignError, Difference, ModelledReliability, ObservedReliability, Power, PowerPlan,
    PowerStudy, ReliabilityPlan, Target,
};
use diel_core::{
    AgeYears, NmolPerL, Person, PopulationModel, Reference, ReferenceTerms, Sex, Strata,
};
use diel_proto::v1 as pb;

use super::participant::sex_from_proto;
use crate::name;
use crate::violations::Violations;

/// The most samples of a day.
const SAMPLES_A_DAY: usize = 100;
/// The most studies that one call simulates.
const STUDIES: u32 = 10_000;
/// The most persons in the first group.
pub(crate) const PERSONS_PER_GROUP: u32 = 1_000;
/// The most samples that one simulation draws: seconds on one core.
pub(crate) const SAMPLES: u64 = 20_000_000;
/// Days that the simulation of a model gives each person.
const DAYS_SIMULATED: u64 = 4;

/// A population that is asked for.
#[derive(Debug)]
pub(crate) struct Population {
    pub(crate) model: Model,
    /// Chooses among strata.
    pub(crate) person: Person,
}

/// Where the numbers of a population are.
#[derive(Debug)]
pub(crate) enum Model {
    Here(Strata),
    OfStudy { study: String, reference: String },
}

/// How large a study is, or is to become.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Extent {
    Persons(u32),
    Power(Target),
}

/// Reads a population.
pub(crate) fn population(
    message: Option<&pb::Population>,
    violations: &mut Violations,
) -> Option<Population> {
    let Some(message) = message else {
        violations.add("population", "is missing");
        return None;
    };
    violations.within("population", |violations| {
        let age = message
            .age_years
            .and_then(|years| violations.take("age_years", AgeYears::new(years)));
        let sex = sex_from_proto(message.sex, violations);
        let model = match &message.model {
            Some(pb::population::Model::Reference(name)) => {
                violations.take("reference", named(name))
            }
            Some(pb::population::Model::Numbers(numbers)) => {
                violations.within("numbers", |violations| of_numbers(numbers, violations))
            }
            None => {
                violations.add(
                    "reference",
                    "is missing, and so is numbers; one of them is required",
                );
                None
            }
        };
        Some(Population {
            model: model?,
            person: Person {
                age,
                sex,
                ..Person::default()
            },
        })
    })
}

fn named(name: &str) -> Result<Model, String> {
    let Some(builtin) = name.strip_prefix("references/") else {
        let (study, reference) = name::child(name, "references")?;
        return Ok(Model::OfStudy {
            study: study.to_owned(),
            reference: reference.to_owned(),
        });
    };
    let found = Reference::find(builtin).ok_or_else(|| {
        let known: Vec<String> = Reference::builtin()
            .iter()
            .map(|reference| name::of_reference(reference.id()))
            .collect();
        format!(
            "{name:?} is not a reference; known are {}",
            known.join(", ")
        )
    })?;
    Ok(Model::Here(Strata::of(Arc::clone(found))))
}

fn of_numbers(message: &pb::ReferenceStratum, violations: &mut Violations) -> Option<Model> {
    let sex = sex_from_proto(message.sex, violations);
    let reference = Reference::new(ReferenceTerms {
        id: "numbers".to_owned(),
        population: String::new(),
        assay: String::new(),
        source: String::new(),
        provisional: false,
        min_age_years: message.min_age_years,
        max_age_years: message.max_age_years,
        sex: (sex != Sex::Unspecified).then_some(sex),
        model: PopulationModel {
            intercept_ln: message.intercept_ln,
            slope_ln_per_h: message.slope_ln_per_h,
            car_ln: message.car_ln,
            intercept_sd: message.intercept_sd,
            slope_sd: message.slope_sd,
            correlation: message.intercept_slope_correlation,
            residual_sd: message.residual_sd,
        },
        basis: None,
    });
    violations
        .take("", reference)
        .map(|reference| Model::Here(Strata::of(Arc::new(reference))))
}

/// Reads a reliability or a power to reach; 0 is 0.8.
pub(crate) fn target(field: &str, value: f64, violations: &mut Violations) -> Option<Target> {
    if value == 0.0 {
        return Some(Target::default());
    }
    take(field, Target::new(value), violations)
}

/// Reads what a model is asked, but for the population.
pub(crate) fn reliability_plan(
    message: &pb::ModelDesign,
    target: Target,
    violations: &mut Violations,
) -> Option<ReliabilityPlan> {
    let default = ReliabilityPlan::default();
    let schedule_h = schedule(&message.schedule_hours, violations)?;
    let persons = count_or(
        "simulated_person_count",
        message.simulated_person_count,
        default.persons,
        violations,
    )?;
    let a_person = DAYS_SIMULATED * u64::try_from(schedule_h.len()).unwrap_or(u64::MAX);
    if u64::from(persons) * a_person > SAMPLES {
        let rule = format!(
            "{persons} persons of {DAYS_SIMULATED} days and this schedule are more than {SAMPLES} samples, the most that one call simulates"
        );
        violations.add("simulated_person_count", rule);
    }
    Some(ReliabilityPlan {
        schedule_h,
        days: count_or("days", message.days, 0, violations)?,
        target,
        persons,
        seed: seed(message.seed, violations)?,
        ..default
    })
}

/// Reads what a study of two groups is to be like, but for the population.
pub(crate) fn power_plan(
    message: &pb::EstimatePowerRequest,
    violations: &mut Violations,
) -> Option<PowerPlan> {
    let default = PowerPlan::default();
    let difference = match message.difference {
        Some(pb::estimate_power_request::Difference::DifferenceLnPerH(slope)) => {
            Some(Difference::LnPerHour(slope))
        }
        Some(pb::estimate_power_request::Difference::DifferenceSds(sds)) => {
            Some(Difference::Sds(sds))
        }
        None => {
            violations.add(
                "difference_ln_per_h",
                "is missing, and so is difference_sds; one of them is required",
            );
            None
        }
    };
    let limit = message
        .limit_of_detection_nmol_per_l
        .map(|limit| violations.take("limit_of_detection_nmol_per_l", NmolPerL::new(limit)));
    let or = |number: f64, default: f64| if number == 0.0 { default } else { number };
    let studies = count_or(
        "study_count",
        message.study_count,
        default.studies,
        violations,
    )?;
    if studies > STUDIES {
        violations.add(
            "study_count",
            format!("{studies} is not from 1 to {STUDIES}"),
        );
    }
    Some(PowerPlan {
        schedule_h: schedule(&message.schedule_hours, violations)?,
        days: count_or("days", message.days, 0, violations)?,
        missing: message.missing_share,
        limit_of_detection: match limit {
            None => None,
            Some(limit) => Some(limit?),
        },
        difference: difference?,
        ratio: or(message.group_ratio, default.ratio),
        alpha: or(message.alpha, default.alpha),
        studies,
        seed: seed(message.seed, violations)?,
        ..default
    })
}

/// Reads how large a study is to be.
pub(crate) fn extent(
    message: &pb::EstimatePowerRequest,
    violations: &mut Violations,
) -> Option<Extent> {
    match message.extent {
        Some(pb::estimate_power_request::Extent::PersonsPerGroup(persons)) => {
            let persons = count_or("persons_per_group", persons, 0, violations)?;
            if !(2..=PERSONS_PER_GROUP).contains(&persons) {
                violations.add(
                    "persons_per_group",
                    format!("{persons} is not from 2 to {PERSONS_PER_GROUP}"),
                );
            }
            Some(Extent::Persons(persons))
        }
        Some(pb::estimate_power_request::Extent::TargetPower(power)) => {
            take("target_power", Target::new(power), violations).map(Extent::Power)
        }
        None => {
            violations.add(
                "persons_per_group",
                "is missing, and so is target_power; one of them is required",
            );
            None
        }
    }
}

/// Unwraps what the core accepts, or notes the field and the rule.
pub(crate) fn take<T>(
    field: &str,
    checked: Result<T, DesignError>,
    violations: &mut Violations,
) -> Option<T> {
    violations.take(field, checked.map_err(|error| error.rule))
}

/// The field of a request that the core calls otherwise.
pub(crate) fn field_of(error: &DesignError, difference: Difference) -> &'static str {
    match (error.field, difference) {
        ("schedule_h", _) => "schedule_hours",
        ("missing", _) => "missing_share",
        ("limit_of_detection", _) => "limit_of_detection_nmol_per_l",
        ("ratio", _) => "group_ratio",
        ("studies", _) => "study_count",
        ("persons", _) => "simulated_person_count",
        ("difference", Difference::LnPerHour(_)) => "difference_ln_per_h",
        ("difference", Difference::Sds(_)) => "difference_sds",
        (field, _) => field,
    }
}

fn schedule(hours: &[f64], violations: &mut Violations) -> Option<Vec<f64>> {
    if hours.len() > SAMPLES_A_DAY {
        violations.add(
            "schedule_hours",
            format!("{} times; at most {SAMPLES_A_DAY} are allowed", hours.len()),
        );
        return None;
    }
    Some(hours.to_vec())
}

/// A count that is 0 where nothing was said.
fn count_or(field: &str, number: i32, default: u32, violations: &mut Violations) -> Option<u32> {
    match u32::try_from(number) {
        Ok(0) => Some(default),
        Ok(count) => Some(count),
        Err(_) => {
            violations.add(field, format!("{number} is negative"));
            None
        }
    }
}

fn seed(number: i64, violations: &mut Violations) -> Option<u64> {
    match u64::try_from(number) {
        Ok(seed) => Some(seed.max(1)),
        Err(_) => {
            violations.add("seed", format!("{number} is negative"));
            None
        }
    }
}

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

/// The most persons in the first group that one simulation of this study can have.
pub(crate) fn most_persons(study: &PowerStudy) -> u32 {
    let fits = |persons: u32| {
        study
            .samples(persons)
            .is_ok_and(|samples| samples <= SAMPLES)
    };
    let (mut most, mut too_many) = (1, PERSONS_PER_GROUP + 1);
    while too_many - most > 1 {
        let middle = most + (too_many - most) / 2;
        if fits(middle) {
            most = middle;
        } else {
            too_many = middle;
        }
    }
    most
}
