//! Censored responses and heavy tails in mixed models.

use std::sync::Arc;

use diel_core::mixed::{
    Column, Criterion, Design, DesignParts, FitError, FitSettings, Grouping, MixedFit, Observed,
    RandomTerm, Residual, conditional_modes, fit,
};
use diel_core::simulate::{Cohort, Plan};
use diel_core::{Level, NmolPerL, Reference};

use super::tables::{column, intercept, numbers, present, table};
use crate::assert_near;

pub(super) const ML: FitSettings = FitSettings {
    criterion: Criterion::Ml,
    residual: Residual::Normal,
    max_evaluations: 1000,
};

fn persons(rows: &[u32]) -> Grouping {
    let most = rows.iter().max().expect("rows") + 1;
    Grouping {
        name: "person".to_owned(),
        codes: rows.into(),
        levels: (0..most).map(|person| format!("P{person}")).collect(),
    }
}

fn parts(response: Vec<f64>, hours: &[f64], person: &[u32]) -> DesignParts {
    let (one, hours) = (intercept(response.len()), column("hours", hours));
    DesignParts {
        response_name: "ln C".to_owned(),
        response,
        fixed: vec![one.clone(), hours.clone()],
        groupings: vec![persons(person)],
        random: vec![RandomTerm {
            grouping: 0,
            columns: vec![one, hours],
        }],
        ..DesignParts::default()
    }
}

/// A cohort as a design on ln(nmol/L) against hours, outside the awakening response.
pub(super) fn cohort(plan: Plan) -> DesignParts {
    let (mut response, mut observed, mut hours, mut person) = (vec![], vec![], vec![], vec![]);
    for (code, simulated) in (0..).zip(Cohort::new(plan).unwrap().persons()) {
        for sample in simulated.days.iter().flat_map(|day| &day.samples) {
            if (1.0 / 6.0..1.0).contains(&sample.hours) {
                continue;
            }
            let (level, known) = match sample.level {
                Level::Exact(value) => (value, Observed::Exactly),
                Level::Below(limit) => (limit, Observed::Below),
                Level::Above(limit) => (limit, Observed::Above),
                Level::Missing(_) => continue,
            };
            response.push(level.get().ln());
            observed.push(known);
            hours.push(sample.hours);
            person.push(code);
        }
    }
    DesignParts {
        observed: Some(observed),
        ..parts(response, &hours, &person)
    }
}

pub(super) fn fitted(parts: DesignParts, settings: &FitSettings) -> MixedFit {
    let found = fit(&Design::new(parts).expect("a design"), settings).expect("a fit");
    assert!(found.optimizer.converged, "{:?}", found.optimizer);
    found
}

fn sleepstudy() -> DesignParts {
    let table = table("lme4_sleepstudy.csv");
    let subject = super::tables::grouping("Subject", &table["Subject"]);
    let mut parts = parts(
        numbers(&table["Reaction"]),
        &numbers(&table["Days"]),
        &subject.codes,
    );
    parts.groupings = vec![subject];
    parts
}

#[test]
fn a_limit_that_excludes_nothing_changes_nothing() {
    if !present() {
        return;
    }
    let without = fitted(sleepstudy(), &ML);
    let mut with = sleepstudy();
    let rows = with.response.len();
    // Reaction times lie between 194 and 467: one more row that says "below a million", and one "above minus a million".
    with.response.extend([1e6, -1e6]);
    let extended = |column: &Column| Column {
        name: column.name.clone(),
        values: column.values.iter().copied().chain([1.0, 1.0]).collect(),
    };
    with.fixed = with.fixed.iter().map(extended).collect();
    with.random[0].columns = with.random[0].columns.iter().map(extended).collect();
    with.groupings[0].codes = with.groupings[0]
        .codes
        .iter()
        .copied()
        .chain([0, 1])
        .collect();
    let mut observed = vec![Observed::Exactly; rows];
    observed.extend([Observed::Below, Observed::Above]);
    with.observed = Some(observed);
    let with = fitted(with, &ML);
    assert_eq!(with.n_censored, 2);
    // lme4, polished: 1751.9393444632.
    assert_near(with.objective, 1_751.939_344_463_2, 1e-6);
    assert_near(with.objective, without.objective, 1e-6);
    for (with, without) in with.fixed.iter().zip(&without.fixed) {
        assert_near(with.estimate, without.estimate, 1e-4 * without.se);
        assert_near(with.se, without.se, 0.02 * without.se);
    }
    for (with, without) in with.random[0].sd.iter().zip(&without.random[0].sd) {
        assert_near(*with, *without, 1e-3 * without);
    }
}

/// Minus twice the log likelihood of a random-intercept model, by a fine trapezoid over each person's intercept.
fn dense(parts: &DesignParts, beta: &[f64], between: f64, within: f64) -> f64 {
    let observed = parts.observed.as_ref().expect("censoring");
    let normal = |z: f64| (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt();
    let below = |z: f64| 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2);
    let persons = parts.groupings[0].levels.len();
    let mut sum = 0.0;
    for person in 0..persons {
        let rows: Vec<usize> = (0..parts.response.len())
            .filter(|&row| parts.groupings[0].codes[row] as usize == person)
            .collect();
        let steps = 4000;
        let width = 16.0 / f64::from(steps);
        let mass: f64 = (0..=steps)
            .map(|step| {
                let u = -8.0 + width * f64::from(step);
                let likelihood: f64 = rows
                    .iter()
                    .map(|&row| {
                        let fixed: f64 = parts
                            .fixed
                            .iter()
                            .zip(beta)
                            .map(|(column, beta)| column.values[row] * beta)
                            .sum();
                        let z = (parts.response[row] - fixed - between * u) / within;
                        match observed[row] {
                            Observed::Exactly => normal(z) / within,
                            Observed::Below => below(z),
                            Observed::Above => below(-z),
                        }
                    })
                    .product();
                width * normal(u) * likelihood
            })
            .sum();
        sum -= 2.0 * mass.ln();
    }
    sum
}

#[test]
fn expectation_propagation_equals_dense_quadrature() {
    let mut parts = cohort(Plan {
        persons: 40,
        days: 2,
        limit_of_detection: NmolPerL::new(2.0).ok(),
        seed: 5,
        ..Plan::default()
    });
    parts.random[0].columns.truncate(1);
    let censored = parts
        .observed
        .iter()
        .flatten()
        .filter(|one| **one == Observed::Below)
        .count();
    assert!(censored > 60, "{censored}");
    let found = fitted(parts.clone(), &ML);
    let beta: Vec<f64> = found.fixed.iter().map(|effect| effect.estimate).collect();
    let (between, within) = (found.random[0].sd[0], found.residual_sd);
    let at_optimum = dense(&parts, &beta, between, within);
    assert_near(found.objective, at_optimum, 0.01);
    // The dense likelihood has its own optimum within a fiftieth of a standard error.
    for (index, effect) in found.fixed.iter().enumerate() {
        let step = 0.1 * effect.se;
        let moved = |by: f64| {
            let mut beta = beta.clone();
            beta[index] += by;
            dense(&parts, &beta, between, within)
        };
        let (left, right) = (moved(-step), moved(step));
        let to_optimum = 0.5 * step * (left - right) / (left - 2.0 * at_optimum + right);
        assert!(
            to_optimum.abs() < 0.02 * effect.se,
            "{}: {to_optimum}",
            effect.name
        );
    }
    for (name, at) in [("between", between), ("within", within)] {
        let step = 0.02 * at;
        let moved = |by: f64| {
            let (between, within) = if name == "between" {
                (between + by, within)
            } else {
                (between, within + by)
            };
            dense(&parts, &beta, between, within)
        };
        let (left, right) = (moved(-step), moved(step));
        let to_optimum = 0.5 * step * (left - right) / (left - 2.0 * at_optimum + right);
        assert!(
            to_optimum.abs() < 0.005 * at,
            "{name}: {to_optimum} beside {at}"
        );
    }
}

#[test]
fn a_cohort_below_the_limit_keeps_its_slope() {
    let truth = Reference::find("adult-noisy").expect("built in");
    let (mut slopes, mut substituted, mut variance) = (vec![], vec![], 0.0);
    for seed in 0..12 {
        let parts = cohort(Plan {
            persons: 250,
            preset: Arc::clone(truth),
            limit_of_detection: NmolPerL::new(1.5).ok(),
            seed,
            ..Plan::default()
        });
        let found = fitted(parts.clone(), &ML);
        slopes.push(found.fixed[1].estimate);
        variance += found.fixed[1].se.powi(2);
        let observed = parts.observed.clone().expect("censoring");
        let replaced = parts
            .response
            .iter()
            .zip(&observed)
            .map(|(value, known)| match known {
                Observed::Exactly => *value,
                _ => value - 2_f64.ln() / 2.0,
            });
        let replaced = DesignParts {
            response: replaced.collect(),
            observed: None,
            ..parts
        };
        substituted.push(fitted(replaced, &ML).fixed[1].estimate);
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / 12.0;
    let error = variance.sqrt() / 12.0;
    // Monte Carlo error: three standard errors of the mean of twelve cohorts.
    assert_near(mean(&slopes), truth.slope_ln_per_h(), 3.0 * error);
    // LOD/sqrt 2 makes the slope falsely flat by more than a tenth.
    assert!(
        mean(&substituted) > 0.9 * truth.slope_ln_per_h(),
        "{}",
        mean(&substituted)
    );
}

#[test]
fn heavy_tails_with_many_degrees_of_freedom_are_normal() {
    if !present() {
        return;
    }
    let normal = fitted(sleepstudy(), &ML);
    let settings = FitSettings {
        residual: Residual::StudentT { df: 1e6 },
        ..ML
    };
    let heavy = fitted(sleepstudy(), &settings);
    assert_near(heavy.objective, normal.objective, 1e-3);
    assert_near(heavy.fixed[1].estimate, normal.fixed[1].estimate, 1e-4);
    assert_near(heavy.random[0].sd[1], normal.random[0].sd[1], 1e-3);
}

#[test]
fn an_outlier_moves_a_heavy_tailed_fit_little_and_is_named() {
    if !present() {
        return;
    }
    let mut parts = sleepstudy();
    parts.response[5] += 2000.0;
    let settings = FitSettings {
        residual: Residual::StudentT { df: 4.0 },
        ..ML
    };
    let clean = fitted(sleepstudy(), &settings).fixed[1].estimate;
    let (heavy, normal) = (fitted(parts.clone(), &settings), fitted(parts.clone(), &ML));
    assert_near(heavy.fixed[1].estimate, clean, 0.2);
    let moved = |fit: &MixedFit| (fit.fixed[1].estimate - clean).abs();
    assert!(
        moved(&normal) > 4.0 * moved(&heavy),
        "{} beside {}",
        moved(&normal),
        moved(&heavy)
    );
    let design = Design::new(parts).unwrap();
    let rows = diel_core::mixed::diagnostics(&design, &heavy).expect("diagnostics");
    let least = rows
        .iter()
        .enumerate()
        .min_by(|left, right| left.1.weight.total_cmp(&right.1.weight))
        .expect("rows");
    assert_eq!(least.0, 5);
    assert!(least.1.weight < 0.01, "{}", least.1.weight);
}

#[test]
fn modes_under_censoring_are_drawn_down_and_less_certain() {
    let plan = |limit: Option<f64>| Plan {
        persons: 60,
        limit_of_detection: limit.and_then(|limit| NmolPerL::new(limit).ok()),
        seed: 9,
        ..Plan::default()
    };
    let all = Design::new(cohort(plan(None))).unwrap();
    let some = Design::new(cohort(plan(Some(1.5)))).unwrap();
    let modes = |design: &Design| conditional_modes(design, &fit(design, &ML).unwrap()).unwrap();
    let (all, some) = (modes(&all), modes(&some));
    let wider = (0..60)
        .filter(|&person| some[0].covariance[(person, 3)] > all[0].covariance[(person, 3)])
        .count();
    assert!(wider > 50, "{wider}");
}

#[test]
fn what_cannot_be_fitted_says_why() {
    let mut parts = cohort(Plan {
        persons: 5,
        seed: 2,
        limit_of_detection: NmolPerL::new(3.0).ok(),
        ..Plan::default()
    });
    let heavy = FitSettings {
        residual: Residual::StudentT { df: 4.0 },
        ..ML
    };
    let design = Design::new(parts.clone()).unwrap();
    assert_eq!(fit(&design, &heavy), Err(FitError::CensoredHeavyTails));
    for df in [2.0, f64::NAN, f64::INFINITY] {
        let settings = FitSettings {
            residual: Residual::StudentT { df },
            ..ML
        };
        let error = fit(&design, &settings).expect_err("a df beyond its range");
        assert!(error.to_string().starts_with("df: "), "{error}");
    }
    let rows = parts.response.len();
    parts.observed = Some(vec![Observed::Below; rows]);
    let error = Design::new(parts).expect_err("nothing known");
    assert_eq!(
        error.to_string(),
        "every response is beyond a limit; at least one must be known exactly"
    );
}
