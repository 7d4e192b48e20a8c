//! Features of one day. Each is a number or the reason why there is none.

mod car;
mod cosinor;
mod roles;
mod slopes;

use crate::cosinor::CosinorFitter;
use crate::curve::trapezoids;
use crate::{Absence, Feature, Level, Person, Policy, SamplingDay};

pub(crate) use roles::{Roles, Use, is_in_awakening_response, is_usable_on_ln_scale};

/// What one day tells, each a number or why there is none. Nothing is substituted for a censored sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Features {
    /// Concentration of the wake sample, nmol/L.
    pub wake_nmol_per_l: Feature,
    /// Highest concentration up to the end of the awakening response, nmol/L.
    pub peak_nmol_per_l: Feature,
    /// Concentration of the evening sample, nmol/L.
    pub bed_nmol_per_l: Feature,
    /// (ln bed - ln wake) / hours between, ln(nmol/L) per hour.
    pub slope_wake_bed_ln_per_h: Feature,
    /// (ln bed - ln peak) / hours between, ln(nmol/L) per hour.
    pub slope_peak_bed_ln_per_h: Feature,
    /// Least-squares slope of ln C without the awakening response, ln(nmol/L) per hour.
    pub slope_regression_ln_per_h: Feature,
    /// Its standard error on n - 2 degrees of freedom.
    pub slope_regression_se: Feature,
    /// (bed - wake) / hours between, nmol/L per hour.
    pub slope_wake_bed_nmol_per_l_per_h: Feature,
    /// AUCg of the awakening response, nmol/L x min.
    pub car_auc_g_nmol_min_per_l: Feature,
    /// AUCi of the awakening response with its sign, nmol/L x min.
    pub car_auc_i_nmol_min_per_l: Feature,
    /// Mean of the later samples of the awakening response minus the first, nmol/L.
    pub car_mean_increase_nmol_per_l: Feature,
    /// Highest of the later samples of the awakening response minus the first, nmol/L.
    pub car_max_increase_nmol_per_l: Feature,
    /// AUCg of the whole day, nmol/L x h.
    pub day_auc_g_nmol_h_per_l: Feature,
    /// ln of the highest over the lowest concentration.
    pub dynamic_range_ln: Feature,
    /// Evening over wake concentration.
    pub evening_morning_ratio: Feature,
    /// MESOR of a cosinor of 24 h without the awakening response, ln(nmol/L). A day seldom determines a cosinor, and
    /// no verdict rests on one.
    pub mesor: Feature,
    /// Its amplitude, ln(nmol/L).
    pub amplitude: Feature,
    /// When its curve is highest: hours after local midnight, 0 to 24, by the clock of the awakening.
    pub peak_clock_time: Feature,
    /// The p of its zero-amplitude test.
    pub cosinor_p: Feature,
}

impl Features {
    /// The names, in the order of [`Features::iter`].
    pub const NAMES: [&'static str; 19] = [
        "wake_nmol_per_l",
        "peak_nmol_per_l",
        "bed_nmol_per_l",
        "slope_wake_bed_ln_per_h",
        "slope_peak_bed_ln_per_h",
        "slope_regression_ln_per_h",
        "slope_regression_se",
        "slope_wake_bed_nmol_per_l_per_h",
        "car_auc_g_nmol_min_per_l",
        "car_auc_i_nmol_min_per_l",
        "car_mean_increase_nmol_per_l",
        "car_max_increase_nmol_per_l",
        "day_auc_g_nmol_h_per_l",
        "dynamic_range_ln",
        "evening_morning_ratio",
        "mesor",
        "amplitude",
        "peak_clock_time",
        "cosinor_p",
    ];

    /// Names and features.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Feature)> {
        let features = [
            self.wake_nmol_per_l,
            self.peak_nmol_per_l,
            self.bed_nmol_per_l,
            self.slope_wake_bed_ln_per_h,
            self.slope_peak_bed_ln_per_h,
            self.slope_regression_ln_per_h,
            self.slope_regression_se,
            self.slope_wake_bed_nmol_per_l_per_h,
            self.car_auc_g_nmol_min_per_l,
            self.car_auc_i_nmol_min_per_l,
            self.car_mean_increase_nmol_per_l,
            self.car_max_increase_nmol_per_l,
            self.day_auc_g_nmol_h_per_l,
            self.dynamic_range_ln,
            self.evening_morning_ratio,
            self.mesor,
            self.amplitude,
            self.peak_clock_time,
            self.cosinor_p,
        ];
        Self::NAMES.into_iter().zip(features)
    }
}

/// Times and values handed to kernels, kept between days so that a feature allocates nothing.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    times: Vec<f64>,
    values: Vec<f64>,
    cosinor: CosinorFitter,
}

impl Scratch {
    fn clear(&mut self) {
        self.times.clear();
        self.values.clear();
    }

    fn push(&mut self, time: f64, value: f64) {
        self.times.push(time);
        self.values.push(value);
    }
}

/// Computes the features of a day whose samples are in order.
pub(crate) fn features(
    day: &SamplingDay,
    roles: &Roles,
    person: &Person,
    policy: &Policy,
    scratch: &mut Scratch,
) -> Features {
    let wake_bed = slopes::between(roles.wake, roles.bed);
    let peak_bed = slopes::between(roles.peak, roles.bed);
    let outside_response = slopes::outside_response(day, policy, scratch);
    let line = outside_response.and_then(|()| slopes::regression(scratch));
    let cosinor = outside_response.and_then(|()| cosinor::of_day(day.awakening, scratch));
    let car = car::response(day, person, policy, scratch);
    Features {
        wake_nmol_per_l: roles.wake.map(|point| point.nmol_per_l),
        peak_nmol_per_l: roles.peak.map(|point| point.nmol_per_l),
        bed_nmol_per_l: roles.bed.map(|point| point.nmol_per_l),
        slope_wake_bed_ln_per_h: wake_bed.map(|slope| slope.ln_per_h),
        slope_peak_bed_ln_per_h: peak_bed.map(|slope| slope.ln_per_h),
        slope_regression_ln_per_h: line.map(|line| line.slope),
        slope_regression_se: line.and_then(|line| line.slope_se.ok_or(Absence::TwoSamples)),
        slope_wake_bed_nmol_per_l_per_h: wake_bed.map(|slope| slope.nmol_per_l_per_h),
        car_auc_g_nmol_min_per_l: car.map(|car| car.auc_g),
        car_auc_i_nmol_min_per_l: car.map(|car| car.auc_i),
        car_mean_increase_nmol_per_l: car.map(|car| car.mean_increase),
        car_max_increase_nmol_per_l: car.map(|car| car.max_increase),
        day_auc_g_nmol_h_per_l: day_area(day, scratch),
        dynamic_range_ln: dynamic_range(day),
        evening_morning_ratio: roles
            .wake
            .and_then(|wake| Ok(roles.bed?.nmol_per_l / wake.nmol_per_l)),
        mesor: cosinor.map(|cosinor| cosinor.mesor),
        amplitude: cosinor.map(|cosinor| cosinor.amplitude),
        peak_clock_time: cosinor.and_then(|cosinor| cosinor.peak_clock_time),
        cosinor_p: cosinor.map(|cosinor| cosinor.p),
    }
}

fn day_area(day: &SamplingDay, scratch: &mut Scratch) -> Feature {
    scratch.clear();
    for sample in &day.samples {
        match Use::of(sample) {
            Use::Number(nmol_per_l) => scratch.push(sample.hours, nmol_per_l),
            Use::Censored(absence) => return Err(absence),
            Use::None => {}
        }
    }
    match scratch.times.as_slice() {
        [] | [_] => Err(Absence::TooFewSamples),
        [first, .., last] if first == last => Err(Absence::NoTimeBetween),
        _ => Ok(trapezoids(&scratch.times, &scratch.values)),
    }
}

fn dynamic_range(day: &SamplingDay) -> Feature {
    let (mut count, mut lowest, mut highest) = (0_u32, f64::INFINITY, 0.0_f64);
    for sample in &day.samples {
        match Use::of(sample) {
            Use::Number(nmol_per_l) if nmol_per_l > 0.0 => {
                count += 1;
                lowest = lowest.min(nmol_per_l);
                highest = highest.max(nmol_per_l);
            }
            Use::Censored(absence) => return Err(absence),
            Use::Number(_) | Use::None => {}
        }
    }
    if count < 2 {
        Err(Absence::TooFewSamples)
    } else {
        Ok(highest.ln() - lowest.ln())
    }
}

/// The reason that goes with a censored level.
pub(crate) const fn censoring(level: Level) -> Option<Absence> {
    match level {
        Level::Below(_) => Some(Absence::BelowLimit),
        Level::Above(_) => Some(Absence::AboveLimit),
        Level::Exact(_) | Level::Missing(_) => None,
    }
}
