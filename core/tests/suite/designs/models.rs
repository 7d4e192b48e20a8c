//! Reliability under a population model.

use std::ops::ControlFlow;
use std::sync::Arc;

use diel_core::design::{
    METRICS, ModelledReliability, POSTERIOR_SLOPE, ReliabilityPlan, Stopped, Target,
    modelled_reliability, reliability_of_mean,
};
use diel_core::{Absence, Reference};

use crate::assert_near;

fn plan(preset: &str, schedule_h: &[f64]) -> ReliabilityPlan {
    ReliabilityPlan {
        reference: Arc::clone(Reference::find(preset).unwrap()),
        schedule_h: schedule_h.to_vec(),
        ..ReliabilityPlan::default()
    }
}

fn asked(plan: &ReliabilityPlan) -> Result<Vec<ModelledReliability>, Stopped> {
    modelled_reliability(plan, &mut |_| ControlFlow::Continue(()))
}

fn of<'a>(shown: &'a [ModelledReliability], metric: &str) -> &'a ModelledReliability {
    shown.iter().find(|of| of.metric == metric).unwrap()
}

#[test]
fn what_is_simulated_is_what_the_closed_forms_say() {
    for preset in ["adult-noisy", "adult-clean", "child"] {
        let plan = ReliabilityPlan {
            persons: 20_000,
            ..plan(preset, &[0.0, 0.5, 0.75, 4.0, 9.0, 15.0])
        };
        let shown = asked(&plan).unwrap();
        let mut compared = 0;
        for of_metric in &shown {
            let (Some(closed), Some(simulated)) = (of_metric.closed_form, of_metric.simulated)
            else {
                continue;
            };
            // Areas and levels are far from normal: their mean squares stray by more than parts of the persons show.
            let is_slope = of_metric.metric.ends_with("ln_per_h");
            let slack = if is_slope { 0.003 } else { 0.015 };
            let tolerance = 4.0 * simulated.standard_error + slack;
            assert!(
                (closed - simulated.one_day).abs() < tolerance,
                "{preset} {}: {closed} {simulated:?}",
                of_metric.metric
            );
            compared += 1;
        }
        assert_eq!(compared, 10);
    }
}

#[test]
fn slopes_by_hand() {
    let shown = asked(&plan("adult-noisy", &[0.0, 0.5, 4.0, 9.0, 15.0])).unwrap();
    // Times 0, 4, 9, 15 outside the awakening response: sum of squares 126 about their mean of 7.
    let one_day = 0.055_f64.powi(2) / (0.055_f64.powi(2) + 0.49 / 126.0);
    let regression = of(&shown, "slope_regression_ln_per_h");
    assert_near(regression.one_day.unwrap(), one_day, 1e-12);
    assert_eq!(regression.by_days.len(), 3);
    for (days, found) in (1..).zip(&regression.by_days) {
        assert_near(*found, reliability_of_mean(one_day, days), 1e-12);
    }
    // 4 (1 - 0.4375) / 0.4375 = 5.14
    assert_eq!(regression.days_needed, Some(6));
    assert_eq!(shown.len(), METRICS.len() + 1);
}

#[test]
fn the_posterior_reliability_is_that_of_an_inverted_information() {
    let plan = ReliabilityPlan {
        days: 5,
        ..plan("adult-clean", &[0.0, 0.5, 4.0, 9.0, 15.0])
    };
    let shown = asked(&plan).unwrap();
    let posterior = of(&shown, POSTERIOR_SLOPE);
    let (s0, s1, rho, s) = (0.40, 0.045, -0.5, 0.50);
    let determinant = s0 * s0 * s1 * s1 * (1.0 - rho * rho);
    for (days, found) in (1..).zip(&posterior.by_days) {
        let days = f64::from(days);
        let (a, b, d) = (
            4.0 * days / (s * s),
            28.0 * days / (s * s),
            322.0 * days / (s * s),
        );
        let (g00, g01, g11) = (
            s1 * s1 / determinant,
            -rho * s0 * s1 / determinant,
            s0 * s0 / determinant,
        );
        let (p, q, r) = (g00 + a, g01 + b, g11 + d);
        let v11 = p / (p * r - q * q);
        assert_near(*found, 1.0 - v11 / (s1 * s1), 1e-12);
    }
    let regression = of(&shown, "slope_regression_ln_per_h");
    assert!(posterior.by_days[0] > regression.by_days[0]);
}

#[test]
fn a_schedule_that_does_not_allow_a_metric_says_why() {
    let shown = asked(&plan("adult-noisy", &[0.0])).unwrap();
    for (metric, absence) in [
        (POSTERIOR_SLOPE, Absence::TooFewSamples),
        ("bed_nmol_per_l", Absence::NoEveningSample),
        ("slope_regression_ln_per_h", Absence::TooFewSamples),
        ("car_auc_i_nmol_min_per_l", Absence::TooFewSamples),
        ("mesor", Absence::FewTimes),
    ] {
        let of_metric = of(&shown, metric);
        assert_eq!(of_metric.one_day, Err(absence), "{metric}");
        assert!(of_metric.by_days.is_empty() && of_metric.days_needed.is_none());
    }
    assert!(of(&shown, "wake_nmol_per_l").one_day.is_ok());
    let infants = asked(&plan("infant", &[0.0, 0.5, 12.0])).unwrap();
    let response = of(&infants, "car_auc_g_nmol_min_per_l");
    assert_eq!(response.one_day, Err(Absence::Under4Years));
    let children = asked(&plan("child", &[0.0, 0.5, 12.0])).unwrap();
    assert!(of(&children, "car_auc_g_nmol_min_per_l").one_day.is_ok());
}

#[test]
fn every_number_lies_within_its_bounds_and_a_seed_is_an_answer() {
    let plan = ReliabilityPlan {
        persons: 400,
        days: 7,
        target: Target::new(0.7).unwrap(),
        ..plan("toddler", &[0.0, 3.0, 6.0, 9.0, 12.5, 14.0])
    };
    let shown = asked(&plan).unwrap();
    assert_eq!(shown, asked(&plan).unwrap());
    let other = ReliabilityPlan {
        seed: 2,
        ..plan.clone()
    };
    assert_ne!(shown, asked(&other).unwrap());
    for of_metric in &shown {
        assert!(of_metric.one_day.is_err() || of_metric.by_days.len() == 7);
        for reliability in &of_metric.by_days {
            assert!((0.0..=1.0).contains(reliability), "{of_metric:?}");
        }
    }
}

#[test]
fn bad_plans_are_refused_with_their_field() {
    let good = plan("adult-noisy", &[0.0, 14.0]);
    for (bad, message) in [
        (
            ReliabilityPlan {
                days: 0,
                ..good.clone()
            },
            "days: 0 is not from 1 to 366",
        ),
        (
            ReliabilityPlan {
                schedule_h: vec![],
                ..good.clone()
            },
            "schedule_h: at least one time is needed",
        ),
        (
            ReliabilityPlan {
                schedule_h: vec![f64::NAN],
                ..good.clone()
            },
            "schedule_h: NaN is not a finite number",
        ),
        (
            ReliabilityPlan {
                persons: 1,
                ..good.clone()
            },
            "persons: 1 is not from 200 to 100000",
        ),
    ] {
        assert_eq!(asked(&bad).unwrap_err().to_string(), message);
    }
}

#[test]
fn a_watcher_sees_the_persons_and_stops_them() {
    let plan = ReliabilityPlan {
        persons: 1_200,
        ..plan("adult-noisy", &[0.0, 14.0])
    };
    let mut seen = Vec::new();
    let watched = modelled_reliability(&plan, &mut |done| {
        seen.push(done);
        ControlFlow::Continue(())
    });
    assert_eq!(seen, [512, 1_024, 1_200]);
    assert_eq!(watched, asked(&plan));
    let stopped = modelled_reliability(&plan, &mut |_| ControlFlow::Break(()));
    assert_eq!(stopped, Err(Stopped::ByWatcher));
}
