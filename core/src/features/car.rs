//! The cortisol awakening response (CAR), on raw nmol/L against minutes.

use super::{Scratch, Use};
use crate::curve::{baseline, max_increase_of, mean_increase_of, trapezoids};
use crate::{Absence, Person, Policy, SamplingDay};

/// Areas in nmol/L x min, increases in nmol/L.
#[derive(Debug, Clone, Copy)]
pub(super) struct AwakeningResponse {
    pub(super) auc_g: f64,
    pub(super) auc_i: f64,
    pub(super) mean_increase: f64,
    pub(super) max_increase: f64,
}

/// The response over all samples from the wake sample to the end of the window, at the times they were collected.
pub(super) fn response(
    day: &SamplingDay,
    person: &Person,
    policy: &Policy,
    scratch: &mut Scratch,
) -> Result<AwakeningResponse, Absence> {
    if person.is_younger_than(policy.ages().car_years) {
        return Err(Absence::Under4Years);
    }
    scratch.clear();
    for sample in day
        .samples
        .iter()
        .filter(|sample| sample.hours <= policy.car_window_h())
    {
        match Use::of(sample) {
            Use::Number(nmol_per_l) => scratch.push(sample.hours * 60.0, nmol_per_l),
            Use::Censored(absence) => return Err(absence),
            Use::None => {}
        }
    }
    let (times, values) = (scratch.times.as_slice(), scratch.values.as_slice());
    match times {
        [first, ..] if *first > policy.rules().wake_window_min => {
            return Err(Absence::NoWakeSample);
        }
        [] => return Err(Absence::NoWakeSample),
        [_] => return Err(Absence::TooFewSamples),
        [first, .., last] if first == last => return Err(Absence::NoTimeBetween),
        _ => {}
    }
    let auc_g = trapezoids(times, values);
    Ok(AwakeningResponse {
        auc_g,
        auc_i: auc_g - baseline(times, values),
        mean_increase: mean_increase_of(values),
        max_increase: max_increase_of(values),
    })
}
