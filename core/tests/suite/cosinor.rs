//! The cosinor against published answers, R, and its own promises.

mod cases;
mod cortisol;
mod coverage;
mod day;
mod populations;
mod refusals;

use std::f64::consts::{PI, TAU};
use std::path::{Path, PathBuf};

use diel_core::cosinor::{Confidence, Cosinor, CosinorFitter, CosinorRules, NoAcrophase};
use proptest::prelude::*;

use crate::assert_near;

/// Data beside the workspace, or `None` and a loud word where they are absent.
#[expect(clippy::print_stderr, reason = "a test that could not run must say so")]
fn data_beside(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared")
        .join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("SKIPPED: {name} is not here, nothing was compared");
    None
}

/// The distance of two angles on the circle.
#[track_caller]
fn assert_same_angle(found: f64, expected: f64, tolerance: f64) {
    let apart = (found - expected + PI).rem_euclid(TAU) - PI;
    assert!(apart.abs() <= tolerance, "{found} is not {expected}");
}

/// Rules for series that the defaults refuse.
fn loose(period_h: f64, harmonics: u32) -> CosinorFitter {
    CosinorFitter::new(CosinorRules {
        period_h,
        harmonics,
        spare_times: 0,
        span_share: 0.0,
        condition_limit: 1e3,
    })
    .unwrap()
}

/// Hours through a day, and noise that no cosine fits.
const HOURS: [f64; 9] = [0.0, 2.5, 5.0, 8.0, 11.0, 13.0, 16.5, 19.0, 22.0];
const NOISE: [f64; 9] = [0.1, -0.2, 0.15, 0.05, -0.1, 0.2, -0.15, 0.0, -0.05];

fn series(mesor: f64, amplitude: f64, peak_h: f64, noise: f64) -> Vec<f64> {
    HOURS
        .iter()
        .zip(NOISE)
        .map(|(hour, e)| mesor + amplitude * (TAU * (hour - peak_h) / 24.0).cos() + noise * e)
        .collect()
}

#[test]
fn a_peak_exactly_at_zero_has_the_acrophase_zero() {
    let hours: Vec<f64> = (0..12).map(|sample| f64::from(sample) * 2.0).collect();
    for amplitude in [1.0, 0.3, 1e-3, 1e6] {
        let values: Vec<f64> = hours
            .iter()
            .map(|hour| 5.0 + amplitude * (TAU * hour / 24.0).cos())
            .collect();
        let cosinor = Cosinor::fit(&hours, &values).unwrap();
        let phi = cosinor.waves[0].acrophase_rad().unwrap();
        assert!((0.0..1e-8).contains(&phi), "{phi}");
        assert_near(cosinor.waves[0].peak_h().unwrap(), 0.0, 1e-8);
    }
}

#[test]
fn constant_values_are_an_answer() {
    for value in [0.1, 7.0, -3.3e8] {
        let cosinor = Cosinor::fit(&HOURS, &[value; 9]).unwrap();
        assert_eq!(cosinor.mesor, value);
        assert_eq!(
            (cosinor.zero_amplitude_f, cosinor.zero_amplitude_p),
            (0.0, 1.0)
        );
        assert_eq!((cosinor.explained_share, cosinor.residual_sd), (0.0, 0.0));
        let wave = &cosinor.waves[0];
        assert_eq!((wave.amplitude(), wave.acrophase_rad()), (0.0, None));
        assert_eq!((wave.peak_h(), wave.amplitude_se()), (None, None));
        assert_eq!(
            wave.acrophase_interval_rad(Confidence::P95),
            Err(NoAcrophase::NoAmplitude)
        );
        assert_eq!(cosinor.highest(), None);
    }
}

/// science: 12, 18, 6, 1.5 nmol/L at 07:00, 07:30, 12:00, 22:00 has p = .363 and a curve far below 0.
#[test]
fn four_samples_of_a_day_say_nothing_and_are_refused() {
    let (hours, values) = ([7.0, 7.5, 12.0, 22.0], [12.0, 18.0, 6.0, 1.5]);
    assert!(Cosinor::fit(&hours, &values).is_err());
    let cosinor = loose(24.0, 1).fit(&hours, &values).unwrap();
    assert_near(cosinor.zero_amplitude_p, 0.363, 5e-4);
    assert_near(cosinor.lowest().unwrap().value, -3.06, 5e-3);
    assert_eq!(
        cosinor.waves[0].acrophase_interval_rad(Confidence::P95),
        Err(NoAcrophase::RegionCoversZero)
    );
}

#[test]
fn intervals_lie_around_their_estimates_and_widen_with_confidence() {
    let cosinor = Cosinor::fit(&HOURS, &series(2.0, 1.0, 8.0, 1.0)).unwrap();
    let wave = &cosinor.waves[0];
    let phi = wave.acrophase_rad().unwrap();
    let (narrow, wide) = (
        Confidence::new(0.8).unwrap(),
        Confidence::new(0.99).unwrap(),
    );
    let (inner, outer) = (
        wave.acrophase_interval_rad(narrow).unwrap(),
        wave.acrophase_interval_rad(wide).unwrap(),
    );
    assert!(outer.lower < inner.lower && inner.lower < phi);
    assert!(phi < inner.upper && inner.upper < outer.upper);
    // Where the amplitude is many standard errors long, Fieller's interval is that of the delta method.
    let sharp = Cosinor::fit(&HOURS, &series(2.0, 1.0, 8.0, 1e-4)).unwrap();
    let sharp = &sharp.waves[0];
    let interval = sharp.acrophase_interval_rad(Confidence::P95).unwrap();
    // R: qt(.975, 6) = 2.446911851.
    let delta = 2.446_911_851 * sharp.acrophase_se_rad().unwrap();
    assert_near((interval.upper - interval.lower) / (2.0 * delta), 1.0, 1e-6);
    let peak = sharp.peak_interval_h(Confidence::P95).unwrap();
    assert!(peak.lower < 8.0 && 8.0 < peak.upper && peak.upper - peak.lower < 0.01);
    let amplitude = sharp.amplitude_interval(Confidence::P95).unwrap();
    assert!(amplitude.lower < 1.0 && 1.0 < amplitude.upper);
    let mesor = cosinor.mesor_interval(Confidence::P95);
    assert_near(
        mesor.upper - cosinor.mesor,
        2.446_911_851 * cosinor.mesor_se,
        1e-9,
    );
}

#[test]
fn harmonics_of_a_known_curve_are_found_again() {
    let hours: Vec<f64> = (0..24).map(f64::from).collect();
    let curve = |t: f64| {
        let angle = TAU * t / 24.0;
        3.0 + 2.0 * (angle - 1.0).cos() + 0.5 * (2.0 * angle - 4.0).cos()
    };
    let values: Vec<f64> = hours.iter().map(|&t| curve(t)).collect();
    let rules = CosinorRules {
        harmonics: 2,
        ..CosinorRules::default()
    };
    let cosinor = CosinorFitter::new(rules)
        .unwrap()
        .fit(&hours, &values)
        .unwrap();
    assert_near(cosinor.mesor, 3.0, 1e-13);
    for (wave, (amplitude, phi, period)) in cosinor
        .waves
        .iter()
        .zip([(2.0, 1.0, 24.0), (0.5, 4.0, 12.0)])
    {
        assert_near(wave.amplitude(), amplitude, 1e-13);
        assert_near(wave.acrophase_rad().unwrap(), phi, 1e-12);
        assert_eq!(wave.period_h(), period);
    }
    let (highest, lowest) = (cosinor.highest().unwrap(), cosinor.lowest().unwrap());
    // On a grid of seconds no point of the curve lies beyond its extremes, and some come near.
    let seconds = (0..86_400).map(|second| curve(f64::from(second) / 3600.0));
    let (top, bottom) = seconds.fold((f64::MIN, f64::MAX), |(top, bottom), value| {
        (top.max(value), bottom.min(value))
    });
    assert_near(highest.value, top, 1e-8);
    assert_near(lowest.value, bottom, 1e-8);
    assert_near(curve(highest.hours), highest.value, 1e-12);
}

proptest! {
    #[test]
    fn the_order_of_the_input_does_not_matter(turn in 0..9_usize, mesor in -5.0..5.0_f64, amplitude in 0.1..3.0_f64) {
        let values = series(mesor, amplitude, 9.0, 1.0);
        let one = Cosinor::fit(&HOURS, &values).unwrap();
        let (mut hours, mut turned) = (HOURS.to_vec(), values);
        hours.rotate_left(turn);
        turned.rotate_left(turn);
        hours.reverse();
        turned.reverse();
        let other = Cosinor::fit(&hours, &turned).unwrap();
        assert_near(other.mesor, one.mesor, 1e-12);
        assert_near(other.waves[0].amplitude(), one.waves[0].amplitude(), 1e-12);
        assert_near(other.zero_amplitude_f / one.zero_amplitude_f, 1.0, 1e-10);
    }

    #[test]
    fn a_shift_in_time_turns_the_acrophase_and_nothing_else(shift in -60.0..60.0_f64, peak in 0.0..24.0_f64) {
        let values = series(2.0, 1.0, peak, 1.0);
        let one = Cosinor::fit(&HOURS, &values).unwrap();
        let later = Cosinor::fit(&HOURS.map(|hour| hour + shift), &values).unwrap();
        let (wave, moved) = (&one.waves[0], &later.waves[0]);
        assert_near(later.mesor, one.mesor, 1e-11);
        assert_near(moved.amplitude(), wave.amplitude(), 1e-11);
        assert_near(moved.amplitude_se().unwrap(), wave.amplitude_se().unwrap(), 1e-11);
        assert_near(moved.acrophase_se_rad().unwrap(), wave.acrophase_se_rad().unwrap(), 1e-11);
        assert_near(later.zero_amplitude_f / one.zero_amplitude_f, 1.0, 1e-9);
        assert_same_angle(
            moved.acrophase_rad().unwrap(),
            wave.acrophase_rad().unwrap() + TAU * shift / 24.0,
            1e-10,
        );
        let phi = moved.acrophase_rad().unwrap();
        prop_assert!((0.0..TAU).contains(&phi) && (0.0..24.0).contains(&moved.peak_h().unwrap()));
    }

    #[test]
    fn a_change_of_unit_changes_the_unit_only(factor in 1e-3..1e3_f64, shift in -100.0..100.0_f64) {
        let values = series(2.0, 1.0, 8.0, 1.0);
        let one = Cosinor::fit(&HOURS, &values).unwrap();
        let scaled: Vec<f64> = values.iter().map(|value| value * factor + shift).collect();
        let other = Cosinor::fit(&HOURS, &scaled).unwrap();
        assert_near((other.mesor - shift) / factor, one.mesor, 1e-9);
        assert_near(other.waves[0].amplitude() / factor, one.waves[0].amplitude(), 1e-9);
        assert_near(other.zero_amplitude_f / one.zero_amplitude_f, 1.0, 1e-8);
    }
}
