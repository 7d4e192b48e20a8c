//! Reliability under a population model.

use std::sync::Arc;

use rayon::prelude::*;

use super::closed_form::{Planned, Spread};
use super::days::{Target, days_of_mean, fewest_days, reliability_of_mean};
use super::error::DesignError;
use super::metric::{METRICS, POSTERIOR_SLOPE, of_day};
use super::one_way::OneWay;
use super::watch::{Stopped, Watch};
use crate::features::is_in_awakening_response;
use crate::rhythm::planned_reliability;
use crate::simulate::{Cohort, Plan, SimulatedDay};
use crate::{Absence, AgeYears, Feature, Person, Policy, Reference, analyse_days};

/// Days that each simulated person has.
const DAYS: u32 = 4;

/// Persons that are simulated before anybody is told. Fixed, and results are gathered in order, so that nothing depends on the
/// number of threads.
const PERSONS_A_CHUNK: u32 = 512;

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
/// `watch` learns how many persons are simulated, and may stop.
///
/// # Errors
/// [`Stopped`] by the watcher, or for a plan that is not accepted, with the field and the rule.
///
/// ```
/// use std::ops::ControlFlow;
/// use diel_core::design::{ReliabilityPlan, modelled_reliability};
/// let plan = ReliabilityPlan { schedule_h: vec![0.0, 14.0], persons: 200, ..ReliabilityPlan::default() };
/// let shown = modelled_reliability(&plan, &mut |_| ControlFlow::Continue(()))?;
/// let slope = shown.iter().find(|of| of.metric == "slope_wake_bed_ln_per_h").unwrap();
/// // 0.055^2 / (0.055^2 + 2 x 0.70^2 / 14^2), and seven days for 0.8
/// assert!((slope.one_day.unwrap() - 0.376_947).abs() < 1e-6);
/// assert_eq!(slope.days_needed, Some(7));
/// # Ok::<(), diel_core::design::Stopped>(())
/// ```
pub fn modelled_reliability(
    plan: &ReliabilityPlan,
    watch: &mut Watch<'_>,
) -> Result<Vec<ModelledReliability>, Stopped> {
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
    cohort(plan.days).map_err(DesignError::from)?;
    let cohort = cohort(DAYS).map_err(DesignError::from)?;
    let (person, policy) = (person_of(&plan.reference), Policy::default());
    let planned = Planned {
        reference: &plan.reference,
        schedule_h: &plan.schedule_h,
        person: &person,
        policy: &policy,
    };
    let metrics = simulate(&cohort, &person, &policy, watch)?
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
    /// Persons without the metric on some day, by the reason of the last such day.
    absences: [u32; Absence::ALL.len()],
}

/// What one person's days tell of a metric.
#[derive(Debug, Default, Clone)]
struct PersonDays {
    values: Vec<f64>,
    absence: Option<Absence>,
}

impl MetricDays {
    fn add(&mut self, of_person: PersonDays) {
        if let Some(batch) = self.batches.last_mut()
            && !of_person.values.is_empty()
        {
            batch.push(of_person.values);
        }
        for (count, absence) in self.absences.iter_mut().zip(Absence::ALL) {
            *count += u32::from(of_person.absence == Some(absence));
        }
    }

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

    /// The most frequent reason why a day has none; of equals the first declared.
    fn absence(&self) -> Absence {
        let counted = self.absences.iter().zip(Absence::ALL).rev();
        let most = counted.max_by_key(|(count, _)| **count);
        most.map_or(Absence::TooFewSamples, |(_, absence)| absence)
    }
}

fn simulate(
    cohort: &Cohort,
    person: &Person,
    policy: &Policy,
    watch: &mut Watch<'_>,
) -> Result<Vec<MetricDays>, Stopped> {
    let persons = cohort.plan().persons;
    let batch = persons.div_ceil(BATCHES);
    let mut all: Vec<MetricDays> = METRICS.iter().map(|_| MetricDays::default()).collect();
    let mut done = 0;
    while done < persons {
        let next = persons.min(done + PERSONS_A_CHUNK);
        let one = |position| days_of(cohort, position, person, policy);
        let chunk: Vec<Vec<PersonDays>> = (done..next).into_par_iter().map(one).collect();
        for (position, of_person) in (done..).zip(chunk) {
            for (metric, days) in all.iter_mut().zip(of_person) {
                if position % batch == 0 {
                    metric.batches.push(Vec::new());
                }
                metric.add(days);
            }
        }
        done = next;
        if watch(done).is_break() {
            return Err(Stopped::ByWatcher);
        }
    }
    Ok(all)
}

/// The metrics of a simulated person's days.
fn days_of(cohort: &Cohort, position: u32, person: &Person, policy: &Policy) -> Vec<PersonDays> {
    let simulated = cohort.person(position);
    let days = simulated.days.iter();
    let days = days.map(SimulatedDay::to_sampling_day).collect();
    let mut metrics = vec![PersonDays::default(); METRICS.len()];
    for profile in &analyse_days(person, days, policy).profiles {
        for (metric, feature) in metrics.iter_mut().zip(of_day(&profile.features)) {
            match feature {
                Ok(value) => metric.values.push(value),
                Err(absence) => metric.absence = Some(absence),
            }
        }
    }
    metrics
}
