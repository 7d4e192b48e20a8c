//! Reliability under a population model.

use std::sync::Arc;

use rayon::prelude::*;

use super::closed_form::{Planned, Spread};
use super::days::{Target, days_of_mean, fewest_days, reliability_of_mean};
use super::error::DesignError;
use super::metric::{METRICS, POSTERIOR_SLOPE, of_day};
use super::one_way::OneWay;
use crate::features::is_in_awakening_response;
use crate::rhythm::planned_reliability;
use crate::simulate::{Cohort, Plan};
use crate::{Absence, AgeYears, Feature, Person, Policy, Reference, analyse_days};

/// Days that each simulated person has.
const DAYS: u32 = 4;

/// Parts of the simulated persons whose spread gives the standard error.
const BATCHES: u32 = 20;

const FEWEST_PERSONS: u32 = 200;
const MOST_PERSONS: u32 = 100_000;

/// A schedule under a population model. The default has five samples a day of adults on three days.
#[derive(Debug, Clone, PartialEq)]
pub struct ReliabilityPlan {
    /// The population.
    pub reference: Arc<Reference>,
    /// Times of the samples in hours since awakening, 0 to 24, strictly increasing.
    pub schedule_h: Vec<f64>,
    /// Days of a person, 1 to 366.
    pub days: u32,
    /// The reliability to reach.
    pub target: Target,
    /// Persons simulated, 200 to 100,000.
    pub persons: u32,
    /// Equal seeds give equal numbers on every machine.
    pub seed: u64,
}

impl Default for ReliabilityPlan {
    fn default() -> Self {
        let plan = Plan::default();
        Self {
            reference: plan.preset,
            schedule_h: plan.schedule_h,
            days: plan.days,
            target: Target::default(),
            persons: 10_000,
            seed: plan.seed,
        }
    }
}

/// What a model says of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelledReliability {
    /// The metric, one of [`METRICS`], or [`POSTERIOR_SLOPE`].
    pub metric: &'static str,
    /// Reliability of one day, 0 to 1: in closed form where there is one, else simulated. Or why the schedule does not
    /// allow the metric.
    pub one_day: Feature,
    /// Reliability of the mean of 1, 2, ... days, as many as were planned; empty where there is none.
    pub by_days: Vec<f64>,
    /// Fewest days that reach the target; `None` when a year does not, or when there is no reliability.
    pub days_needed: Option<u32>,
    /// In closed form: samples on time, all of them above every limit.
    pub closed_form: Option<f64>,
    /// Of simulated days, whose samples stray from the schedule; `None` for the posterior.
    pub simulated: Option<Simulated>,
}

/// A simulated reliability of one day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Simulated {
    /// The intraclass correlation of the simulated days.
    pub one_day: f64,
    /// Its Monte Carlo standard error, from twenty parts of the persons.
    pub standard_error: f64,
}

/// The reliability of the posterior slope, then of every metric in the order of [`METRICS`].
///
/// # Errors
/// [`DesignError`] names the field and the rule.
///
/// ```
/// use diel_core::design::{ReliabilityPlan, modelled_reliability};
/// let plan = ReliabilityPlan { schedule_h: vec![0.0, 14.0], persons: 200, ..ReliabilityPlan::default() };
/// let shown = modelled_reliability(&plan)?;
/// let slope = shown.iter().find(|of| of.metric == "slope_wake_bed_ln_per_h").unwrap();
/// // 0.055^2 / (0.055^2 + 2 x 0.70^2 / 14^2), and seven days for 0.8
/// assert!((slope.one_day.unwrap() - 0.376_947).abs() < 1e-6);
/// assert_eq!(slope.days_needed, Some(7));
/// # Ok::<(), diel_core::design::DesignError>(())
/// ```
pub fn modelled_reliability(
    plan: &ReliabilityPlan,
) -> Result<Vec<ModelledReliability>, DesignError> {
    DesignError::count("persons", plan.persons, FEWEST_PERSONS, MOST_PERSONS)?;
    let cohort = |days| {
        Cohort::new(Plan {
            persons: plan.persons,
            days,
            schedule_h: plan.schedule_h.clone(),
            preset: Arc::clone(&plan.reference),
            seed: plan.seed,
            ..Plan::default()
        })
    };
    cohort(plan.days)?;
    let cohort = cohort(DAYS)?;
    let (person, policy) = (person_of(&plan.reference), Policy::default());
    let planned = Planned {
        reference: &plan.reference,
        schedule_h: &plan.schedule_h,
        person: &person,
        policy: &policy,
    };
    let metrics = simulate(&cohort, &person, &policy)
        .into_iter()
        .zip(METRICS)
        .map(|(days, metric)| of_metric(metric, &days, planned.one_day(metric), plan));
    Ok(std::iter::once(of_posterior(plan, &policy))
        .chain(metrics)
        .collect())
}

/// A person of the middle of the ages that the reference is meant for.
fn person_of(reference: &Reference) -> Person {
    let from = reference.min_age_years();
    let age = reference
        .max_age_years()
        .map_or(from, |to| from + 0.5 * (to - from));
    Person {
        age: AgeYears::new(age).ok().filter(|age| age.get() > 0.0),
        ..Person::default()
    }
}

fn of_posterior(plan: &ReliabilityPlan, policy: &Policy) -> ModelledReliability {
    let times = plan.schedule_h.iter().copied();
    let used: Vec<f64> = times
        .filter(|hours| !is_in_awakening_response(*hours, policy))
        .collect();
    let after = |days| planned_reliability(&plan.reference, &used, days);
    let one_day = if Spread::of(used.iter().copied()).squares > 0.0 {
        Ok(after(1))
    } else {
        Err(Absence::TooFewSamples)
    };
    ModelledReliability {
        metric: POSTERIOR_SLOPE,
        one_day,
        by_days: one_day.map_or_else(|_| Vec::new(), |_| (1..=plan.days).map(after).collect()),
        days_needed: one_day.ok().and_then(|_| fewest_days(plan.target, after)),
        closed_form: one_day.ok(),
        simulated: None,
    }
}

fn of_metric(
    metric: &'static str,
    days: &MetricDays,
    closed_form: Option<f64>,
    plan: &ReliabilityPlan,
) -> ModelledReliability {
    let simulated = days.simulated();
    let one_day = match (closed_form, simulated) {
        (Some(one_day), _) => Ok(one_day),
        (None, Some(simulated)) => Ok(simulated.one_day.clamp(0.0, 1.0)),
        (None, None) => Err(days.absence()),
    };
    let by_days = one_day
        .iter()
        .flat_map(|&one_day| (1..=plan.days).map(move |days| reliability_of_mean(one_day, days)));
    ModelledReliability {
        metric,
        by_days: by_days.collect(),
        days_needed: one_day
            .ok()
            .and_then(|one_day| days_of_mean(one_day, plan.target)),
        one_day,
        closed_form,
        simulated,
    }
}

/// The simulated days of one metric, batch by batch.
#[derive(Debug, Default)]
struct MetricDays {
    batches: Vec<Vec<Vec<f64>>>,
    absences: Vec<Absence>,
}

impl MetricDays {
    fn simulated(&self) -> Option<Simulated> {
        let all: Vec<&Vec<f64>> = self.batches.iter().flatten().collect();
        let one_day = OneWay::of(&all).intraclass()?;
        let each: Option<Vec<f64>> = self
            .batches
            .iter()
            .map(|persons| OneWay::of(persons).intraclass())
            .collect();
        let each = each?;
        let spread = Spread::of(each.iter().copied());
        let batches = f64::from(BATCHES);
        Some(Simulated {
            one_day,
            standard_error: (spread.squares / (batches - 1.0) / batches).sqrt(),
        })
    }

    /// The most frequent reason why a day has none.
    fn absence(&self) -> Absence {
        let counted = Absence::ALL.into_iter().map(|one| {
            (
                self.absences.iter().filter(|other| **other == one).count(),
                one,
            )
        });
        // Of equals the first declared.
        let most = counted.rev().max_by_key(|(count, _)| *count);
        most.map_or(Absence::TooFewSamples, |(_, absence)| absence)
    }
}

fn simulate(cohort: &Cohort, person: &Person, policy: &Policy) -> Vec<MetricDays> {
    let persons = cohort.plan().persons;
    let size = persons.div_ceil(BATCHES);
    let batch = |batch: u32| -> Vec<(Vec<Vec<f64>>, Option<Absence>)> {
        let mut metrics: Vec<(Vec<Vec<f64>>, Option<Absence>)> =
            vec![(Vec::new(), None); METRICS.len()];
        for position in (batch * size)..persons.min((batch + 1) * size) {
            let simulated = cohort.person(position);
            let days = simulated
                .days
                .iter()
                .map(|day| day.to_sampling_day())
                .collect();
            let mut values: Vec<Vec<f64>> = vec![Vec::new(); METRICS.len()];
            for profile in &analyse_days(person, days, policy).profiles {
                let features = of_day(&profile.features);
                for ((values, metric), feature) in values.iter_mut().zip(&mut metrics).zip(features)
                {
                    match feature {
                        Ok(value) => values.push(value),
                        Err(absence) => metric.1 = Some(absence),
                    }
                }
            }
            for (metric, values) in metrics.iter_mut().zip(values) {
                if !values.is_empty() {
                    metric.0.push(values);
                }
            }
        }
        metrics
    };
    let batches: Vec<_> = (0..BATCHES).into_par_iter().map(batch).collect();
    let mut all: Vec<MetricDays> = METRICS.iter().map(|_| MetricDays::default()).collect();
    for batch in batches {
        for (days, (persons, absence)) in all.iter_mut().zip(batch) {
            days.batches.push(persons);
            days.absences.extend(absence);
        }
    }
    all
}
