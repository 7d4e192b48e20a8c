//! The cosinor among the features of a day.

use std::f64::consts::TAU;

use diel_core::{
    Absence, Features, Level, Moment, NmolPerL, Person, Policy, SamplingDay, analyse_days, profile,
};

use crate::{assert_near, below, day_of, exact};

/// Every 2 h: ln C = 1.5 + 0.8 cos(2 pi (t - 21) / 24).
fn two_hourly() -> Vec<(f64, Level)> {
    (0..=10)
        .map(|sample| f64::from(sample) * 2.0)
        .map(|hours| {
            let ln = 1.5 + 0.8 * (TAU * (hours - 21.0) / 24.0).cos();
            (hours, exact(ln.exp()))
        })
        .collect()
}

fn features(day: SamplingDay) -> Features {
    profile(day, &Person::default(), &Policy::default()).features
}

fn cosinor(features: &Features) -> [Result<f64, Absence>; 4] {
    [
        features.mesor,
        features.amplitude,
        features.peak_clock_time,
        features.cosinor_p,
    ]
}

#[test]
fn a_day_sampled_every_two_hours() {
    let mut day = day_of(&two_hourly());
    // 2026-05-04T04:45Z, 06:45 by the clock; the peak 21 h later is at 03:45.
    day.awakening = Some(Moment::new(1_777_869_900_000_000, 120).unwrap());
    let features = features(day);
    assert_near(features.mesor.unwrap(), 1.5, 1e-12);
    assert_near(features.amplitude.unwrap(), 0.8, 1e-12);
    assert_near(features.peak_clock_time.unwrap(), 3.75, 1e-9);
    assert!(features.cosinor_p.unwrap() < 1e-30);
}

#[test]
fn the_awakening_response_is_left_out() {
    let mut samples = two_hourly();
    samples.push((0.5, exact(40.0)));
    let with = features(day_of(&samples));
    assert_eq!(cosinor(&with), cosinor(&features(day_of(&two_hourly()))));
}

#[test]
fn what_a_day_does_not_tell_has_a_reason() {
    let absent = |samples: &[(f64, Level)]| cosinor(&features(day_of(samples)));
    let five = [0.0, 0.5, 4.0, 9.0, 15.0].map(|hours| (hours, exact(10.0 - hours / 2.0)));
    assert_eq!(absent(&five), [Err(Absence::FewTimes); 4]);
    assert_eq!(absent(&[]), [Err(Absence::FewTimes); 4]);
    let morning = [0.0, 1.5, 3.0, 4.5, 6.0, 8.0].map(|hours| (hours, exact(10.0 - hours)));
    assert_eq!(absent(&morning), [Err(Absence::ShortSpan); 4]);
    let mut censored = two_hourly();
    censored[9].1 = below(1.0);
    assert_eq!(absent(&censored), [Err(Absence::BelowLimit); 4]);
    let [mesor, amplitude, peak, p] = absent(&two_hourly());
    assert!(mesor.is_ok() && amplitude.is_ok() && p.is_ok());
    assert_eq!(peak, Err(Absence::NoClock));
    let level = [5.0, 7.0, 4.0, 6.0, 8.0, 3.0, 6.0, 7.0, 4.0, 5.0, 6.0];
    let flat: Vec<_> = two_hourly()
        .iter()
        .zip(level)
        .map(|((hours, _), nmol_per_l)| (*hours, exact(nmol_per_l)))
        .collect();
    let [_, _, peak, p] = absent(&flat);
    assert!(p.unwrap() > 0.05);
    assert_eq!(peak, Err(Absence::AmplitudeCoversZero));
}

/// A flat cosinor of a day raises no flag by itself: the verdict is that of the slope.
#[test]
fn no_verdict_rests_on_a_cosinor() {
    // ln C falls by 0.1 an hour, and yet the cosinor of each day, peak at awakening, is there or not by its noise.
    let day = |hours: &[f64]| {
        let level = |hours: f64| Level::Exact(NmolPerL::new((2.5 - 0.1 * hours).exp()).unwrap());
        day_of(
            &hours
                .iter()
                .map(|&hours| (hours, level(hours)))
                .collect::<Vec<_>>(),
        )
    };
    let analyse = |hours: &[f64]| {
        let days = (0..3).map(|_| day(hours)).collect();
        analyse_days(&Person::default(), days, &Policy::default())
    };
    let (with, without) = (
        analyse(&[0.0, 3.0, 6.0, 9.0, 12.0, 15.0]),
        analyse(&[0.0, 9.0, 15.0]),
    );
    assert!(with.profiles[0].features.mesor.is_ok());
    assert!(without.profiles[0].features.mesor.is_err());
    assert_eq!(with.rhythm.verdict, without.rhythm.verdict);
}
