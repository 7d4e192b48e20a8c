//! Slopes of one day.

use super::roles::{Point, is_in_awakening_response, is_usable_on_ln_scale};
use super::{Scratch, censoring};
use crate::{Absence, CurveError, LeastSquaresLine, Level, Policy, SamplingDay};

/// The slope between two samples on both scales.
#[derive(Debug, Clone, Copy)]
pub(super) struct TwoPointSlope {
    pub(super) ln_per_h: f64,
    pub(super) nmol_per_l_per_h: f64,
}

pub(super) fn between(
    morning: Result<Point, Absence>,
    evening: Result<Point, Absence>,
) -> Result<TwoPointSlope, Absence> {
    let (morning, evening) = (morning?, evening?);
    let hours = evening.hours - morning.hours;
    if hours <= 0.0 {
        return Err(Absence::NoTimeBetween);
    }
    Ok(TwoPointSlope {
        ln_per_h: (evening.nmol_per_l.ln() - morning.nmol_per_l.ln()) / hours,
        nmol_per_l_per_h: (evening.nmol_per_l - morning.nmol_per_l) / hours,
    })
}

/// Gathers hours and ln C of all samples outside the awakening response. One censored sample among them makes what
/// rests on them absent: a curve through the others would be drawn toward the exact ones.
pub(super) fn outside_response(
    day: &SamplingDay,
    policy: &Policy,
    scratch: &mut Scratch,
) -> Result<(), Absence> {
    scratch.clear();
    let outside_response = day
        .samples
        .iter()
        .filter(|sample| !is_in_awakening_response(sample.hours, policy));
    for sample in outside_response.filter(|sample| is_usable_on_ln_scale(sample)) {
        match sample.level {
            Level::Exact(value) => scratch.push(sample.hours, value.get().ln()),
            level => return Err(censoring(level).unwrap_or(Absence::TooFewSamples)),
        }
    }
    Ok(())
}

/// Least squares of ln C on hours over what was gathered outside the awakening response.
pub(super) fn regression(scratch: &Scratch) -> Result<LeastSquaresLine, Absence> {
    LeastSquaresLine::fit(&scratch.times, &scratch.values).map_err(|error| match error {
        CurveError::NoTimeBetween => Absence::NoTimeBetween,
        _ => Absence::TooFewSamples,
    })
}
