//! Worked examples from the documentation of the programs in use, with their data.

use diel_core::cosinor::{Confidence, Cosinor, Individual, PopulationCosinor};
use serde_json::Value;

use super::{assert_same_angle, data_beside, loose};
use crate::assert_near;

fn numbers(list: &Value) -> Vec<f64> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect()
}

fn near(found: f64, expected: &Value, tolerance: f64) {
    let expected = expected.as_f64().unwrap();
    assert_near(found, expected, tolerance * expected.abs().max(1.0));
}

/// A probability or an F is told by its digits, however small or great.
#[track_caller]
fn same_digits(found: f64, expected: &Value, tolerance: f64) {
    assert_near(found / expected.as_f64().unwrap(), 1.0, tolerance);
}

#[test]
fn every_case_of_the_documentation() {
    let Some(path) = data_beside("reference/cosinor_cases.json") else {
        return;
    };
    let cases: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let mut compared = 0;
    for case in cases.as_array().unwrap() {
        match case["feature"].as_str().unwrap() {
            "single_cosinor" => single(case),
            "population_mean_cosinor" => population(case),
            "cosinor_with_binary_covariate" => two_groups(case),
            other => panic!("no test for {other}"),
        }
        compared += 1;
    }
    assert_eq!(compared, 7);
}

fn single(case: &Value) {
    let (hours, values) = (numbers(&case["times"]), numbers(&case["values"]));
    let period_h = case["period"].as_f64().unwrap();
    let (expected, tolerance) = (&case["expected"], case["tolerance"].as_f64().unwrap());
    let fit = |harmonics| loose(period_h, harmonics).fit(&hours, &values).unwrap();
    let cosinor = fit(1);
    let wave = &cosinor.waves[0];
    near(wave.amplitude(), &expected["amplitude"], tolerance);
    let phi = wave.acrophase_rad().unwrap();
    // Their convention is cos(wt + phi).
    for name in ["acrophase_rad", "acrophase_rad_mod2pi"] {
        if let Some(theirs) = expected[name].as_f64() {
            assert_same_angle(-phi, theirs, tolerance);
        }
    }
    if expected["zero_amplitude_F"].is_number() {
        near(cosinor.mesor, &expected["mesor"], tolerance);
        // Printed to seven digits.
        same_digits(
            cosinor.zero_amplitude_f,
            &expected["zero_amplitude_F"],
            1e-6,
        );
        same_digits(cosinor.zero_amplitude_p, &expected["p"], 1e-5);
        near(
            cosinor.explained_share,
            &expected["percent_rhythm"],
            tolerance,
        );
        assert_eq!(Some(cosinor.residual_df as u64), expected["df2"].as_u64());
        return;
    }
    let evaluated = &case["evaluated"];
    near(cosinor.mesor, &evaluated["mesor"], tolerance);
    near(wave.beta(), &evaluated["beta_cos"], tolerance);
    near(wave.gamma(), &evaluated["gamma_sin"], tolerance);
    near(wave.peak_h().unwrap(), &evaluated["peak_hour"], tolerance);
    same_digits(cosinor.zero_amplitude_f, &evaluated["F"], tolerance);
    same_digits(
        cosinor.zero_amplitude_p,
        &expected["zero_amplitude_p"],
        tolerance,
    );
    near(cosinor.residual_square, &expected["RSS"], tolerance);
    for (harmonics, name) in [(2, "two_harmonics"), (3, "three_harmonics")] {
        let (cosinor, expected) = (fit(harmonics), &expected[name]);
        near(cosinor.residual_square, &expected["RSS"], tolerance);
        let (highest, lowest) = (cosinor.highest().unwrap(), cosinor.lowest().unwrap());
        // Theirs is read off a grid.
        near(
            0.5 * (highest.value - lowest.value),
            &expected["amplitude_half_range"],
            1e-5,
        );
        near(
            0.5 * (highest.value + lowest.value),
            &expected["midrange"],
            1e-5,
        );
    }
}

fn population(case: &Value) {
    let hours = numbers(&case["times"]);
    let (expected, tolerance) = (&case["expected"], case["tolerance"].as_f64().unwrap());
    let mut fitter = loose(24.0, 1);
    let individuals: Vec<Individual> = case["values"]
        .as_array()
        .unwrap()
        .iter()
        .map(|values| Individual::of(&fitter.fit(&hours, &numbers(values)).unwrap()))
        .collect();
    let population = PopulationCosinor::of(&individuals, 24.0).unwrap();
    assert_eq!(
        Some(u64::from(population.individuals)),
        expected["k"].as_u64()
    );
    let wave = &population.wave;
    near(wave.amplitude(), &expected["amplitude"], tolerance);
    let phi = wave.acrophase_rad().unwrap();
    let theirs = expected["acrophase_rad"].as_f64().unwrap();
    assert_same_angle(-phi, theirs, tolerance);
    if expected["mesor"].is_number() {
        near(population.mesor, &expected["mesor"], tolerance);
    }
    if expected["detection_p"].is_number() {
        same_digits(
            population.zero_amplitude_p,
            &expected["detection_p"],
            tolerance,
        );
        let amplitude = wave.amplitude_interval(Confidence::P95).unwrap();
        let interval = numbers(&expected["amplitude_ci"]);
        assert_near(amplitude.lower, interval[0], tolerance);
        assert_near(amplitude.upper, interval[1], tolerance);
        let acrophase = wave.acrophase_interval_rad(Confidence::P95).unwrap();
        let interval = numbers(&expected["acrophase_ci"]);
        // The ends change places with the sign.
        assert_same_angle(-acrophase.upper, interval[0], tolerance);
        assert_same_angle(-acrophase.lower, interval[1], tolerance);
    }
}

/// A model in which everything may differ between two groups is two fits with one residual variance.
fn two_groups(case: &Value) {
    let (times, values) = (numbers(&case["times"]), numbers(&case["values"]));
    let groups = numbers(&case["covariate_X"]);
    let (expected, tolerance) = (&case["expected"], case["tolerance"].as_f64().unwrap());
    let fits = [0.0, 1.0].map(|group| {
        let of_group = |numbers: &[f64]| -> Vec<f64> {
            let pairs = numbers.iter().zip(&groups);
            pairs
                .filter(|(_, of)| **of == group)
                .map(|(number, _)| *number)
                .collect()
        };
        loose(12.0, 1)
            .fit(&of_group(&times), &of_group(&values))
            .unwrap()
    });
    let [first, second] = &fits;
    let square: f64 = fits.iter().map(|fit| fit.residual_square).sum();
    let df: usize = fits.iter().map(|fit| fit.residual_df).sum();
    let pooled_sd = (square / df as f64).sqrt();
    let scaled = |fit: &Cosinor, se: f64| se * pooled_sd / fit.residual_sd;
    let ols = &expected["ols"];
    near(first.mesor, &ols["intercept"][0], tolerance);
    near(
        scaled(first, first.mesor_se),
        &ols["intercept"][1],
        tolerance,
    );
    near(second.mesor - first.mesor, &ols["X"][0], tolerance);
    near(first.waves[0].beta(), &ols["rrr"][0], tolerance);
    near(first.waves[0].gamma(), &ols["sss"][0], tolerance);
    let transformed = &expected["transformed"];
    for (fit, amplitude, acrophase) in [(first, "amp", "acr"), (second, "amp_X1", "acr_X1")] {
        let wave = &fit.waves[0];
        near(wave.amplitude(), &transformed[amplitude]["est"], tolerance);
        near(
            scaled(fit, wave.amplitude_se().unwrap()),
            &transformed[amplitude]["se"],
            tolerance,
        );
        near(
            wave.acrophase_rad().unwrap(),
            &transformed[acrophase]["est"],
            tolerance,
        );
        near(
            scaled(fit, wave.acrophase_se_rad().unwrap()),
            &transformed[acrophase]["se"],
            tolerance,
        );
    }
}
