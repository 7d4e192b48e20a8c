//! Intervals and p of one series and of one population, by simulation from seeds.

use std::f64::consts::TAU;

use diel_core::cosinor::{
    Confidence, Cosinor, CosinorFitter, Individual, Interval, PopulationCosinor,
};
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::SeedableRng as _;
use rand_distr::{Distribution as _, StandardNormal};

const SIMULATIONS: u32 = 4_000;
const MESOR: f64 = 1.6;
const PEAK_H: f64 = 8.0;

/// A share of 4,000 whose truth is 0.05 has a standard error of 0.0034.
#[track_caller]
fn assert_near_5_percent(what: &str, count: u32) {
    let share = f64::from(count) / f64::from(SIMULATIONS);
    assert!((0.04..=0.06).contains(&share), "{what}: {share}");
}

fn normal(source: &mut ChaCha12Rng) -> f64 {
    StandardNormal.sample(source)
}

/// Ten unevenly spaced values with errors of standard deviation 0.5.
fn series(source: &mut ChaCha12Rng, fitter: &mut CosinorFitter, amplitude: f64) -> Cosinor {
    let hours = [0.0, 1.0, 3.0, 5.0, 8.0, 10.0, 13.0, 17.0, 19.0, 22.0];
    let values = hours.map(|hour| {
        MESOR + amplitude * (TAU * (hour - PEAK_H) / 24.0).cos() + 0.5 * normal(source)
    });
    fitter.fit(&hours, &values).unwrap()
}

fn misses(interval: Interval, truth: f64) -> bool {
    truth < interval.lower || truth > interval.upper
}

#[test]
fn intervals_of_one_series_cover_the_truth() {
    let mut source = ChaCha12Rng::seed_from_u64(1);
    let mut fitter = CosinorFitter::default();
    let (mut mesor, mut amplitude, mut acrophase) = (0, 0, 0);
    for _ in 0..SIMULATIONS {
        let cosinor = series(&mut source, &mut fitter, 1.5);
        let wave = &cosinor.waves[0];
        mesor += u32::from(misses(cosinor.mesor_interval(Confidence::P95), MESOR));
        let interval = wave.amplitude_interval(Confidence::P95).unwrap();
        amplitude += u32::from(misses(interval, 1.5));
        // Without an interval no acrophase is excluded.
        let interval = wave.acrophase_interval_rad(Confidence::P95);
        let truth = TAU * PEAK_H / 24.0;
        acrophase += u32::from(interval.is_ok_and(|interval| misses(interval, truth)));
    }
    assert_near_5_percent("mesor", mesor);
    assert_near_5_percent("amplitude", amplitude);
    assert_near_5_percent("acrophase", acrophase);
}

#[test]
fn where_there_is_no_wave_one_in_twenty_is_found() {
    let mut source = ChaCha12Rng::seed_from_u64(2);
    let mut fitter = CosinorFitter::default();
    let (mut found, mut acrophases) = (0, 0);
    for _ in 0..SIMULATIONS {
        let cosinor = series(&mut source, &mut fitter, 0.0);
        found += u32::from(cosinor.zero_amplitude_p < 0.05);
        let interval = cosinor.waves[0].acrophase_interval_rad(Confidence::P95);
        acrophases += u32::from(interval.is_ok());
    }
    assert_near_5_percent("zero amplitude", found);
    assert!(acrophases <= found, "{acrophases} acrophases of nothing");
}

#[test]
fn a_population_without_a_common_rhythm_is_found_one_time_in_twenty() {
    let mut source = ChaCha12Rng::seed_from_u64(3);
    let mut population = |beta: f64| {
        let individuals: Vec<Individual> = (0..12)
            .map(|_| {
                let shared = normal(&mut source);
                Individual {
                    mesor: MESOR + 0.3 * normal(&mut source),
                    beta: beta + 0.5 * shared,
                    gamma: 0.3 * shared + 0.2 * normal(&mut source),
                }
            })
            .collect();
        PopulationCosinor::of(&individuals, 24.0).unwrap()
    };
    let (mut found, mut mesor, mut acrophase) = (0, 0, 0);
    for _ in 0..SIMULATIONS {
        found += u32::from(population(0.0).zero_amplitude_p < 0.05);
        let rhythmic = population(1.5);
        mesor += u32::from(misses(rhythmic.mesor_interval(Confidence::P95), MESOR));
        // The truth is 0, and the interval may lie on either side of the turn.
        let interval = rhythmic
            .wave
            .acrophase_interval_rad(Confidence::P95)
            .unwrap();
        acrophase += u32::from(misses(interval, 0.0) && misses(interval, TAU));
    }
    assert_near_5_percent("zero amplitude", found);
    assert_near_5_percent("mesor", mesor);
    assert_near_5_percent("acrophase", acrophase);
}
