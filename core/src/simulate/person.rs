//! One simulated person, from a stream of random numbers of its own.

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal, StandardUniform};

use super::Plan;
use crate::rules::LATENT_PERIOD_MIN;
use crate::{Level, MissingReason, NmolPerL, SamplingDay};

/// Standard deviation of the time of a sample around its schedule within the first hour and a half, minutes. The first
/// sample is only ever late. Judgement.
const JITTER_MORNING_MIN: f64 = 1.5;

/// The same for later samples, minutes. Judgement.
const JITTER_LATER_MIN: f64 = 12.0;

/// Schedules up to here are timed as closely as a morning, hours.
const MORNING_H: f64 = 1.5;

/// The awakening response peaks here and ends at [`CAR_END_H`]; between and before it is linear. Hours.
const CAR_PEAK_H: f64 = 0.5;

/// See [`CAR_PEAK_H`].
const CAR_END_H: f64 = 1.0;

/// Times are noted to a tenth of a minute, as steps per hour.
const TIME_STEPS_PER_H: f64 = 600.0;

/// Concentrations are reported to 0.0001 nmol/L, as steps per nmol/L.
const LEVEL_STEPS: f64 = 10_000.0;

/// What is true of a simulated person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Truth {
    /// ln(nmol/L) at awakening.
    pub intercept_ln: f64,
    /// True slope, ln(nmol/L) per hour.
    pub slope_ln_per_h: f64,
    /// Whether the person was drawn from the flattened population. Its slopes spread around the flat slope as those of
    /// others around theirs, so that a person may be drawn flat and have a steeper slope than one who was not: tests of
    /// detection compare the true slope with the threshold.
    pub flat: bool,
}

/// A simulated sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimulatedSample {
    /// Intended time, hours since awakening.
    pub scheduled_h: f64,
    /// Actual time, hours since awakening.
    pub hours: f64,
    /// What the laboratory reports.
    pub level: Level,
}

/// A simulated day: its samples by time.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedDay {
    /// One sample for each time of the schedule.
    pub samples: Vec<SimulatedSample>,
}

impl SimulatedDay {
    /// The day as the analysis takes it.
    #[must_use]
    pub fn to_sampling_day(&self) -> SamplingDay {
        SamplingDay::from_hours(
            None,
            self.samples
                .iter()
                .map(|sample| (sample.hours, sample.level, None)),
        )
    }
}

/// A simulated person.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedPerson {
    /// What is true of the person.
    pub truth: Truth,
    /// What was sampled.
    pub days: Vec<SimulatedDay>,
}

pub(super) fn draw(plan: &Plan, position: u32) -> SimulatedPerson {
    let mut random = ChaCha12Rng::seed_from_u64(plan.seed);
    random.set_stream(u64::from(position));
    let truth = draw_truth(plan, &mut random);
    let days = (0..plan.days)
        .map(|_| draw_day(plan, &truth, &mut random))
        .collect();
    SimulatedPerson { truth, days }
}

fn draw_truth(plan: &Plan, random: &mut ChaCha12Rng) -> Truth {
    let preset = &plan.preset;
    let flat = uniform(random) < plan.flat_fraction;
    let mean_slope = if flat {
        plan.flat_slope
    } else {
        preset.slope_ln_per_h()
    };
    let (first, second) = (normal(random), normal(random));
    let correlation = preset.correlation();
    let slope_part = correlation * first + (1.0 - correlation * correlation).sqrt() * second;
    Truth {
        intercept_ln: preset.intercept_ln() + preset.intercept_sd() * first,
        slope_ln_per_h: mean_slope + preset.slope_sd() * slope_part,
        flat,
    }
}

fn draw_day(plan: &Plan, truth: &Truth, random: &mut ChaCha12Rng) -> SimulatedDay {
    let mut earliest = 0.0;
    let samples = plan
        .schedule_h
        .iter()
        .map(|&scheduled_h| {
            let hours = draw_time(scheduled_h, earliest, random);
            earliest = hours + 1.0 / TIME_STEPS_PER_H;
            let line = truth.intercept_ln + truth.slope_ln_per_h * hours;
            let response = plan.preset.car_ln() * response_share(scheduled_h);
            let ln = line + response + plan.preset.residual_sd() * normal(random);
            let missing = uniform(random) < plan.missing;
            let level = if missing {
                Level::Missing(MissingReason::NoSample)
            } else {
                report(ln, plan)
            };
            SimulatedSample {
                scheduled_h,
                hours,
                level,
            }
        })
        .collect();
    SimulatedDay { samples }
}

/// A time near the schedule, after the sample before it.
fn draw_time(scheduled_h: f64, earliest: f64, random: &mut ChaCha12Rng) -> f64 {
    let jitter_min = if scheduled_h <= MORNING_H {
        JITTER_MORNING_MIN
    } else {
        JITTER_LATER_MIN
    };
    let deviation = jitter_min / 60.0 * normal(random);
    let hours = if scheduled_h == 0.0 {
        deviation.abs()
    } else {
        scheduled_h + deviation
    };
    (hours.max(earliest) * TIME_STEPS_PER_H).round() / TIME_STEPS_PER_H
}

/// The share of the awakening response at a scheduled time: a triangle from the end of the latent period.
pub(crate) fn response_share(hours: f64) -> f64 {
    let begin = LATENT_PERIOD_MIN / 60.0;
    let rise = (hours - begin) / (CAR_PEAK_H - begin);
    let fall = (CAR_END_H - hours) / (CAR_END_H - CAR_PEAK_H);
    rise.min(fall).clamp(0.0, 1.0)
}

/// What a laboratory reports of a true ln concentration.
fn report(ln: f64, plan: &Plan) -> Level {
    let rounded = (libm::exp(ln) * LEVEL_STEPS).round().max(1.0) / LEVEL_STEPS;
    let value = NmolPerL::accepted(rounded.min(crate::range::CONCENTRATION.maximum));
    match plan.limit_of_detection {
        Some(limit) if value < limit => Level::Below(limit),
        _ => Level::Exact(value),
    }
}

fn normal(random: &mut ChaCha12Rng) -> f64 {
    StandardNormal.sample(random)
}

fn uniform(random: &mut ChaCha12Rng) -> f64 {
    StandardUniform.sample(random)
}
