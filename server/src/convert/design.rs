//! Designs of studies: what is asked of them.

mod answer;
mod population;

use diel_core::NmolPerL;
use diel_core::design::{DesignError, Difference, PowerPlan, PowerStudy, ReliabilityPlan, Target};
use diel_proto::v1 as pb;

pub(crate) use self::answer::{modelled_to_proto, observed_to_proto, power_to_proto, small};
pub(crate) use self::population::{Model, Population, population};
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

/// How large a study is, or is to become.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Extent {
    Persons(u32),
    Power(Target),
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
