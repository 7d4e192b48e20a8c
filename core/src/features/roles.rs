//! Which samples of a day stand for awakening, peak and evening.

use super::censoring;
use crate::rules::LATENT_PERIOD_MIN;
use crate::{Absence, DaySample, Finding, Findings, Level, Policy, SamplingDay};

/// What a sample is good for in features of the raw scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Use {
    /// A concentration in nmol/L, which may be 0, and may be implausible: a remark deletes nothing.
    Number(f64),
    /// Known on one side only.
    Censored(Absence),
    /// Missing, or outside its day.
    None,
}

impl Use {
    pub(crate) fn of(sample: &DaySample) -> Self {
        if is_outside_day(sample.findings) {
            return Self::None;
        }
        match sample.level {
            Level::Exact(value) => Self::Number(value.get()),
            level => censoring(level).map_or(Self::None, Self::Censored),
        }
    }
}

fn is_outside_day(findings: Findings) -> bool {
    findings.contains(Finding::TimeUnknown)
        || findings.contains(Finding::LongBeforeAwakening)
        || findings.contains(Finding::LongAfterAwakening)
}

/// Whether slopes leave this time out as part of the awakening response. Samples within the latent period stay in.
pub(crate) fn is_in_awakening_response(hours: f64, policy: &Policy) -> bool {
    hours > LATENT_PERIOD_MIN / 60.0 && hours <= policy.car_window_h()
}

/// Whether the level says anything on the ln scale: exact and not 0, or censored.
pub(crate) fn is_usable_on_ln_scale(sample: &DaySample) -> bool {
    !matches!(Use::of(sample), Use::None | Use::Number(0.0))
}

/// A sample that a feature rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) hours: f64,
    pub(crate) nmol_per_l: f64,
}

/// The samples that stand for parts of the day, or why there are none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Roles {
    pub(crate) wake: Result<Point, Absence>,
    pub(crate) peak: Result<Point, Absence>,
    pub(crate) bed: Result<Point, Absence>,
}

impl Roles {
    /// The wake sample is the first usable one within the wake window, the evening sample the last usable one late
    /// enough, the peak the highest up to the end of the awakening response.
    pub(crate) fn of(day: &SamplingDay, policy: &Policy) -> Self {
        let usable = || {
            day.samples
                .iter()
                .filter(|sample| is_usable_on_ln_scale(sample))
        };
        let wake = usable().find(|sample| sample.hours <= policy.wake_window_h());
        let bed = usable().rfind(|sample| sample.hours >= policy.evening_after_h());
        Self {
            wake: wake.ok_or(Absence::NoWakeSample).and_then(point),
            peak: peak(usable().filter(|sample| {
                sample.hours <= policy.car_window_h().max(policy.wake_window_h())
            })),
            bed: bed.ok_or(Absence::NoEveningSample).and_then(point),
        }
    }
}

fn point(sample: &DaySample) -> Result<Point, Absence> {
    match sample.level {
        Level::Exact(value) => Ok(Point {
            hours: sample.hours,
            nmol_per_l: value.get(),
        }),
        level => Err(censoring(level).unwrap_or(Absence::TooFewSamples)),
    }
}

/// A sample above a limit could be the peak; one below a limit only where no exact one reaches that limit.
fn peak<'a>(samples: impl Iterator<Item = &'a DaySample>) -> Result<Point, Absence> {
    let mut highest: Option<Point> = None;
    let mut highest_limit = 0.0_f64;
    for sample in samples {
        match sample.level {
            Level::Exact(value) if highest.is_none_or(|peak| value.get() > peak.nmol_per_l) => {
                highest = Some(Point {
                    hours: sample.hours,
                    nmol_per_l: value.get(),
                });
            }
            Level::Above(_) => return Err(Absence::AboveLimit),
            Level::Below(limit) => highest_limit = highest_limit.max(limit.get()),
            Level::Exact(_) | Level::Missing(_) => {}
        }
    }
    match highest {
        Some(peak) if peak.nmol_per_l >= highest_limit => Ok(peak),
        None if highest_limit == 0.0 => Err(Absence::NoPeakSample),
        _ => Err(Absence::BelowLimit),
    }
}
