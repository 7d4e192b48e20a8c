//! Persons whose bedtime samples lie below a high limit of detection.

use std::sync::Arc;

use diel_core::simulate::{Cohort, Plan};
use diel_core::{
    Analysis, Level, NmolPerL, Person, Policy, PolicyTerms, Reference, SamplingDay, analyse_days,
};

const PERSONS: u32 = 6_000;
const LIMIT_NMOL_PER_L: f64 = 1.5;

/// What is reported of a sample: its level, or a number in the place of "below the limit".
fn days(person: &diel_core::simulate::SimulatedPerson, substitute: bool) -> Vec<SamplingDay> {
    let level = |level: Level| match level {
        Level::Below(limit) if substitute => {
            Level::Exact(NmolPerL::new(limit.get() / std::f64::consts::SQRT_2).unwrap())
        }
        level => level,
    };
    let day = |day: &diel_core::simulate::SimulatedDay| {
        let samples = day.samples.iter();
        SamplingDay::from_hours(
            None,
            samples.map(|sample| (sample.hours, level(sample.level), None)),
        )
    };
    person.days.iter().map(day).collect()
}

#[test]
fn a_high_limit_of_detection_does_not_flatten_persons() {
    let truth = Reference::find("adult-noisy").unwrap();
    let terms = PolicyTerms {
        reference: Some("adult-noisy".to_owned()),
        ..PolicyTerms::default()
    };
    let policy = Policy::new(&terms).unwrap();
    let plan = Plan {
        persons: PERSONS,
        preset: Arc::clone(truth),
        limit_of_detection: NmolPerL::new(LIMIT_NMOL_PER_L).ok(),
        seed: 15,
        ..Plan::default()
    };
    let (mut bias, mut substituted, mut covered, mut below, mut evenings) =
        (0.0, 0.0, 0_u32, 0_u32, 0_u32);
    for person in Cohort::new(plan).unwrap().persons() {
        for sample in person.days.iter().filter_map(|day| day.samples.last()) {
            evenings += 1;
            below += u32::from(matches!(sample.level, Level::Below(_)));
        }
        let true_slope = person.truth.slope_ln_per_h;
        let judged = |substitute: bool| -> Analysis {
            analyse_days(&Person::default(), days(&person, substitute), &policy)
        };
        let posterior = judged(false).rhythm.posterior.expect("three days");
        bias += posterior.slope_ln_per_h - true_slope;
        covered += u32::from((posterior.lower..=posterior.upper).contains(&true_slope));
        substituted += judged(true)
            .rhythm
            .posterior
            .expect("three days")
            .slope_ln_per_h
            - true_slope;
    }
    let share = f64::from(below) / f64::from(evenings);
    assert!(
        (0.5..0.6).contains(&share),
        "{share} of bedtime samples are below the limit"
    );
    let relative = |sum: f64| sum / f64::from(PERSONS) / truth.slope_ln_per_h().abs();
    // The mean of 6,000 persons is known to about 0.6 % of the mean slope.
    assert!(
        relative(bias).abs() < 0.02,
        "posterior slopes are off by {}",
        relative(bias)
    );
    assert!(
        relative(substituted) > 0.10,
        "substitution flattens by {}",
        relative(substituted)
    );
    let coverage = f64::from(covered) / f64::from(PERSONS);
    assert!(
        (0.94..=0.96).contains(&coverage),
        "95 % intervals cover {coverage}"
    );
}
