//! The posterior against algorithms that share nothing with it: Gaussian conditioning on the n x n covariance of the
//! samples, and quadrature over the person's line.

use diel_core::{Level, Person, Policy, PolicyTerms, Posterior, Reference, Rhythm, analyse_days};
use ndarray::{Array1, Array2, array};
use proptest::prelude::*;
use statrs::function::erf::erfc;

use crate::{above, assert_near, below, day_of, exact};

fn rhythm_of(reference: &str, days: &[Vec<(f64, Level)>]) -> Rhythm {
    let terms = PolicyTerms {
        reference: Some(reference.to_owned()),
        min_days: Some(1),
        ..PolicyTerms::default()
    };
    let days = days.iter().map(|samples| day_of(samples)).collect();
    analyse_days(&Person::default(), days, &Policy::new(&terms).unwrap()).rhythm
}

fn posterior_of(reference: &str, days: &[Vec<(f64, Level)>]) -> Posterior {
    rhythm_of(reference, days).posterior.expect("a valid day")
}

fn normal_cumulative(z: f64) -> f64 {
    0.5 * erfc(-z / std::f64::consts::SQRT_2)
}

/// Solves a x = b for a positive definite a by Cholesky's decomposition.
fn solve(a: &Array2<f64>, b: &Array2<f64>) -> Array2<f64> {
    let n = a.nrows();
    let mut l = Array2::<f64>::zeros((n, n));
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| l[[i, k]] * l[[j, k]]).sum();
            l[[i, j]] = if i == j {
                (a[[i, i]] - sum).sqrt()
            } else {
                (a[[i, j]] - sum) / l[[j, j]]
            };
        }
    }
    let mut x = b.clone();
    for mut column in x.columns_mut() {
        for i in 0..n {
            let sum: f64 = (0..i).map(|k| l[[i, k]] * column[k]).sum();
            column[i] = (column[i] - sum) / l[[i, i]];
        }
        for i in (0..n).rev() {
            let sum: f64 = (i + 1..n).map(|k| l[[k, i]] * column[k]).sum();
            column[i] = (column[i] - sum) / l[[i, i]];
        }
    }
    x
}

/// Mean and covariance of (intercept, slope) given samples: b + G X' (X G X' + s^2 I)^-1 (y - X b).
fn condition(reference: &Reference, hours: &[f64], ln: &[f64]) -> (Array1<f64>, Array2<f64>) {
    let (sd0, sd1) = (reference.intercept_sd(), reference.slope_sd());
    let covariance = reference.correlation() * sd0 * sd1;
    let g = array![[sd0 * sd0, covariance], [covariance, sd1 * sd1]];
    let x = Array2::from_shape_fn(
        (hours.len(), 2),
        |(i, j)| if j == 0 { 1.0 } else { hours[i] },
    );
    let mean = array![reference.intercept_ln(), reference.slope_ln_per_h()];
    let residual = (Array1::from(ln.to_vec()) - x.dot(&mean)).insert_axis(ndarray::Axis(1));
    let noise = Array2::<f64>::eye(hours.len()) * reference.residual_sd().powi(2);
    let v = x.dot(&g).dot(&x.t()) + noise;
    let gain = g.dot(&x.t());
    let m = &mean
        + &gain
            .dot(&solve(&v, &residual))
            .remove_axis(ndarray::Axis(1));
    let c = &g - &gain.dot(&solve(&v, &x.dot(&g)));
    (m, c)
}

proptest! {
    #[test]
    fn closed_form_is_gaussian_conditioning(
        days in prop::collection::vec(
            prop::collection::vec((1.01..19.0_f64, 0.2..50.0_f64), 0..5), 1..5),
        mornings in prop::collection::vec(0.2..50.0_f64, 4),
        evenings in prop::collection::vec(0.2..50.0_f64, 4),
        name in prop::sample::select(vec!["adult-noisy", "adult-clean", "child", "toddler", "infant"]),
    ) {
        let points: Vec<Vec<(f64, f64)>> = days.iter().enumerate().map(|(day, others)| {
            let mut points = vec![(0.0, mornings[day]), (15.0, evenings[day])];
            points.extend(others);
            points
        }).collect();
        let levels: Vec<Vec<_>> =
            points.iter().map(|day| day.iter().map(|&(h, c)| (h, exact(c))).collect()).collect();
        let rhythm = rhythm_of(name, &levels);
        let found = rhythm.posterior.unwrap();

        let reference = Reference::find(name).unwrap();
        let hours: Vec<f64> = points.iter().flatten().map(|point| point.0).collect();
        let ln: Vec<f64> = points.iter().flatten().map(|point| point.1.ln()).collect();
        let (mean, covariance) = condition(reference, &hours, &ln);
        let sd = covariance[[1, 1]].sqrt();
        prop_assert!((found.slope_ln_per_h - mean[1]).abs() < 1e-9);
        prop_assert!((found.mean[0] - mean[0]).abs() < 1e-9);
        prop_assert!((found.sd - sd).abs() < 1e-9);
        for (row, column) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            prop_assert!((found.covariance[row][column] - covariance[[row, column]]).abs() < 1e-9);
        }
        let flat = normal_cumulative((mean[1] - rhythm.threshold_ln_per_h) / sd);
        prop_assert!((found.probability_flat - flat).abs() < 1e-9);
        let z = (mean[1] - reference.slope_ln_per_h()) / reference.slope_sd();
        prop_assert!((found.reference_percentile - 100.0 * normal_cumulative(z)).abs() < 1e-7);
        let reliability = 1.0 - covariance[[1, 1]] / reference.slope_sd().powi(2);
        prop_assert!((found.reliability - reliability).abs() < 1e-9);
        prop_assert!((found.lower - (mean[1] - 1.959_963_984_540_054 * sd)).abs() < 1e-9);

        let (line, width) = found.predict(array![0.0, 7.0].view());
        prop_assert!((line[1] - (mean[0] + 7.0 * mean[1])).abs() < 1e-9);
        prop_assert!((width[0] - covariance[[0, 0]].sqrt()).abs() < 1e-9);
    }
}

/// Mean and standard deviation of the slope, and P(slope > threshold), by brute force over a grid of lines.
fn by_quadrature(
    reference: &Reference,
    samples: &[(f64, Level)],
    threshold: f64,
) -> (f64, f64, f64) {
    const STEPS: i32 = 700;
    const REACH: f64 = 7.0;
    let correlation = reference.correlation();
    let s = reference.residual_sd();
    let mut cells = Vec::new();
    for i in 0..STEPS {
        for j in 0..STEPS {
            let z0 = REACH * (2.0 * (f64::from(i) + 0.5) / f64::from(STEPS) - 1.0);
            let z1 = REACH * (2.0 * (f64::from(j) + 0.5) / f64::from(STEPS) - 1.0);
            let b0 = reference.intercept_ln() + reference.intercept_sd() * z0;
            let along = correlation * z0 + (1.0 - correlation * correlation).sqrt() * z1;
            let b1 = reference.slope_ln_per_h() + reference.slope_sd() * along;
            let prior = -0.5 * (z0 * z0 + z1 * z1);
            let likelihood: f64 = samples
                .iter()
                .map(|&(hours, level)| {
                    let line = b0 + b1 * hours;
                    match level {
                        Level::Exact(value) => -0.5 * ((value.get().ln() - line) / s).powi(2),
                        Level::Below(limit) => {
                            normal_cumulative((limit.get().ln() - line) / s).ln()
                        }
                        Level::Above(limit) => {
                            normal_cumulative((line - limit.get().ln()) / s).ln()
                        }
                        Level::Missing(_) => 0.0,
                    }
                })
                .sum();
            cells.push((b1, prior + likelihood));
        }
    }
    let highest = cells
        .iter()
        .map(|cell| cell.1)
        .fold(f64::NEG_INFINITY, f64::max);
    let weight = |cell: &(f64, f64)| (cell.1 - highest).exp();
    let total: f64 = cells.iter().map(weight).sum();
    let mean = cells.iter().map(|cell| weight(cell) * cell.0).sum::<f64>() / total;
    let variance = cells
        .iter()
        .map(|cell| weight(cell) * (cell.0 - mean).powi(2))
        .sum::<f64>()
        / total;
    let flat = cells
        .iter()
        .filter(|cell| cell.0 > threshold)
        .map(weight)
        .sum::<f64>()
        / total;
    (mean, variance.sqrt(), flat)
}

/// Expectation propagation is an approximation. On these designs it is within 2 % of a population standard deviation
/// in the mean, 2 % in the standard deviation and 0.01 in the probability.
#[test]
fn censored_samples_agree_with_quadrature() {
    let one_evening = vec![(0.0, exact(8.0)), (5.0, exact(4.0)), (15.0, below(1.5))];
    let two_limits = vec![(0.0, exact(20.0)), (4.0, above(12.0)), (14.0, below(0.5))];
    let all_censored = vec![(0.0, below(5.0)), (9.0, below(1.5)), (15.0, below(1.5))];
    let surprising = vec![(0.0, below(0.3)), (8.0, exact(6.0)), (15.0, above(25.0))];
    let designs = [
        vec![one_evening.clone(), one_evening.clone(), one_evening],
        vec![two_limits.clone(), two_limits],
        vec![all_censored.clone(), all_censored],
        vec![surprising],
    ];
    for name in ["adult-noisy", "infant"] {
        let reference = Reference::find(name).unwrap();
        for days in &designs {
            let rhythm = rhythm_of(name, days);
            let found = rhythm.posterior.unwrap();
            let samples: Vec<_> = days.iter().flatten().copied().collect();
            let (mean, sd, flat) = by_quadrature(reference, &samples, rhythm.threshold_ln_per_h);
            assert_near(found.slope_ln_per_h, mean, 0.02 * reference.slope_sd());
            assert_near(found.sd, sd, 0.02 * sd);
            assert_near(found.probability_flat, flat, 0.01);
        }
    }
}

#[test]
fn quadrature_itself_agrees_with_the_closed_form() {
    let day = vec![(0.0, exact(8.0)), (5.0, exact(4.0)), (15.0, exact(1.5))];
    let rhythm = rhythm_of("adult-noisy", std::slice::from_ref(&day));
    let found = rhythm.posterior.unwrap();
    let reference = Reference::find("adult-noisy").unwrap();
    let (mean, sd, flat) = by_quadrature(reference, &day, rhythm.threshold_ln_per_h);
    assert_near(found.slope_ln_per_h, mean, 1e-8);
    assert_near(found.sd, sd, 1e-8);
    // The threshold cuts through cells of the grid.
    assert_near(found.probability_flat, flat, 2e-3);
}

#[test]
fn a_limit_that_says_nothing_changes_nothing() {
    let known = vec![(0.0, exact(8.0)), (14.0, exact(2.0))];
    let mut padded = known.clone();
    padded.push((7.0, below(1e6)));
    let (without, with) = (
        posterior_of("adult-noisy", &[known]),
        posterior_of("adult-noisy", &[padded]),
    );
    assert_near(with.slope_ln_per_h, without.slope_ln_per_h, 1e-12);
    assert_near(with.sd, without.sd, 1e-12);
}

/// Substituting LOD / sqrt 2 flattens a slope whose evenings lie below a high limit; the censored likelihood does not.
#[test]
fn a_censored_evening_is_not_a_flat_evening() {
    let day = |evening| vec![(0.0, exact(9.0)), (4.0, exact(5.0)), (15.0, evening)];
    let censored = posterior_of(
        "adult-noisy",
        &[day(below(1.5)), day(below(1.5)), day(below(1.5))],
    );
    let substituted = {
        let evening = exact(1.5 / 2f64.sqrt());
        posterior_of("adult-noisy", &[day(evening), day(evening), day(evening)])
    };
    assert!(censored.slope_ln_per_h < substituted.slope_ln_per_h);
    assert!(censored.sd > substituted.sd);
}

#[test]
fn extreme_censoring_stays_a_distribution() {
    for level in [below(1e-300), above(1e6), below(1e-3), above(59.0)] {
        let day = vec![(0.0, level), (4.0, level), (15.0, level)];
        let found = posterior_of("adult-clean", &[day.clone(), day]);
        assert!(found.slope_ln_per_h.is_finite() && found.sd > 0.0 && found.sd < 1.0);
        assert!((0.0..=1.0).contains(&found.probability_flat));
        assert!((0.0..=1.0).contains(&found.reliability));
    }
}

#[test]
fn days_to_reliable_is_the_first_number_that_suffices() {
    let day = vec![(0.0, exact(8.0)), (14.0, exact(2.0))];
    let days = |count: usize| vec![day.clone(); count];
    let more = posterior_of("adult-noisy", &days(2))
        .days_to_reliable
        .unwrap() as usize;
    assert!(more > 1);
    assert!(posterior_of("adult-noisy", &days(2 + more)).reliability >= 0.8);
    assert!(posterior_of("adult-noisy", &days(2 + more - 1)).reliability < 0.8);
    assert_eq!(
        posterior_of("adult-noisy", &days(2 + more)).days_to_reliable,
        Some(0)
    );
    let blind = vec![(0.0, below(1e5)), (14.0, below(1e5))];
    assert_eq!(posterior_of("adult-noisy", &[blind]).days_to_reliable, None);
}

/// The adult field model with wake and bed at 14 h: three days have a reliability of .65 (independent computation in
/// numpy, printed to two digits).
#[test]
fn three_days_of_two_samples() {
    let day = vec![(0.0, exact(8.0)), (14.0, exact(2.0))];
    let rhythm = rhythm_of("adult-noisy", &vec![day; 3]);
    let own = rhythm.estimate.unwrap();
    assert_near(own.slope_ln_per_h, (0.25f64).ln() / 14.0, 1e-12);
    assert_near(rhythm.posterior.unwrap().reliability, 0.65, 0.005);
}
