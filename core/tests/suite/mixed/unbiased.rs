//! Slopes of many small cohorts under limits and outliers: the truth they were drawn from lies in the middle.

use diel_core::mixed::{Design, DesignParts, FitSettings, Observed, Residual, diagnostics};
use diel_core::simulate::Plan;
use diel_core::{NmolPerL, Reference};

use super::limits::{ML, cohort, fitted};

const COHORTS: u64 = 300;

/// Adults sampled five times on each of three days.
fn drawn(seed: u64, limit_of_detection: Option<f64>) -> DesignParts {
    cohort(Plan {
        persons: 100,
        preset: Reference::find("adult-noisy").expect("built in").clone(),
        limit_of_detection: limit_of_detection.and_then(|limit| NmolPerL::new(limit).ok()),
        seed,
        ..Plan::default()
    })
}

/// Slopes of cohorts and whether their 95 % intervals hold the truth.
fn assert_unbiased(change: impl Fn(&mut DesignParts), least_censored: f64) {
    let truth = Reference::find("adult-noisy")
        .expect("built in")
        .slope_ln_per_h();
    let (mut slopes, mut covered, mut censored) = (Vec::new(), 0, 0.0);
    for seed in 0..COHORTS {
        let mut parts = drawn(1_000 + seed, Some(1.5));
        change(&mut parts);
        let rows = parts.response.len() as f64;
        let found = fitted(parts, &ML);
        censored += found.n_censored as f64 / rows;
        let slope = &found.fixed[1];
        slopes.push(slope.estimate);
        covered += u64::from(slope.lower <= truth && truth <= slope.upper);
    }
    let count = COHORTS as f64;
    assert!(censored / count > least_censored, "{}", censored / count);
    let mean = slopes.iter().sum::<f64>() / count;
    let variance = slopes
        .iter()
        .map(|slope| (slope - mean).powi(2))
        .sum::<f64>()
        / (count - 1.0);
    let error = (variance / count).sqrt();
    assert!(
        (mean - truth).abs() < 3.0 * error,
        "mean slope {mean}, truth {truth}, Monte Carlo error {error}"
    );
    // Three standard errors of a share of 0.95 among 300 are 0.038.
    let share = covered as f64 / count;
    assert!(
        (share - 0.95).abs() < 0.038,
        "{share} of the intervals hold the truth"
    );
}

#[test]
fn slopes_below_the_limit_are_unbiased_and_their_intervals_cover() {
    assert_unbiased(|_| (), 0.2);
}

#[test]
fn so_they_are_above_a_limit_and_with_persons_of_whom_nothing_is_known_exactly() {
    let (highest, of_persons) = (12_f64.ln(), 60_f64.ln());
    let change = |parts: &mut DesignParts| {
        let observed = parts.observed.as_mut().expect("censoring");
        let codes = &parts.groupings[0].codes;
        for (row, value) in parts.response.iter_mut().enumerate() {
            if codes[row] < 5 && *value < of_persons {
                (observed[row], *value) = (Observed::Below, of_persons);
            } else if observed[row] == Observed::Exactly && *value > highest {
                (observed[row], *value) = (Observed::Above, highest);
            }
        }
    };
    assert_unbiased(change, 0.3);
}

#[test]
fn heavy_tails_bear_outliers_that_bend_a_normal_slope() {
    let truth = Reference::find("adult-noisy")
        .expect("built in")
        .slope_ln_per_h();
    let heavy = FitSettings {
        residual: Residual::StudentT { df: 4.0 },
        ..ML
    };
    let (mut of_heavy, mut of_normal) = (0.0, 0.0);
    let cohorts = 40;
    for seed in 0..cohorts {
        let mut parts = drawn(seed, None);
        parts.observed = None;
        // One sample in twenty, and late ones only: tubes of another morning.
        let late: Vec<usize> = (0..parts.response.len())
            .filter(|&row| parts.fixed[1].values[row] > 8.0)
            .collect();
        let wrong: Vec<usize> = late.into_iter().step_by(8).collect();
        let share = wrong.len() as f64 / parts.response.len() as f64;
        assert!((share - 0.05).abs() < 0.02, "{share}");
        for &row in &wrong {
            parts.response[row] += 4.0;
        }
        let design = Design::new(parts.clone()).expect("a design");
        let found = fitted(parts.clone(), &heavy);
        let rows = diagnostics(&design, &found).expect("rows");
        assert_eq!(rows.len(), parts.response.len());
        let mean = |rows: &mut dyn Iterator<Item = f64>| {
            let (sum, count) = rows.fold((0.0, 0.0), |(sum, count), row| (sum + row, count + 1.0));
            sum / count
        };
        let of_wrong = mean(&mut wrong.iter().map(|&row| rows[row].weight));
        let of_all = mean(&mut rows.iter().map(|row| row.weight));
        assert!(of_wrong < 0.3 * of_all, "{of_wrong} beside {of_all}");
        of_heavy += (found.fixed[1].estimate - truth) / f64::from(cohorts as u32);
        of_normal += (fitted(parts, &ML).fixed[1].estimate - truth) / f64::from(cohorts as u32);
    }
    assert!(of_normal > 0.005, "{of_normal}");
    assert!(
        of_heavy.abs() < 0.5 * of_normal,
        "{of_heavy} beside {of_normal}"
    );
}
