//! Designs that nobody means: a fit answers with finite numbers or with a reason.

use diel_core::mixed::{
    Criterion, Design, DesignParts, FitSettings, Grouping, RandomTerm, conditional_modes,
    diagnostics, fit,
};
use proptest::prelude::*;

use super::tables::{column, intercept};

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        80 => -3.0..3.0_f64,
        40 => prop::sample::select(vec![0.0, 1.0, -1.0, 2020.0]),
        15 => prop::sample::select(vec![1e-300, 1e-12, 1e12]),
        // Refused: rare, so that most designs are fitted.
        1 => prop::sample::select(vec![1e150, -1e300]),
    ]
}

fn grouping(name: &str, codes: Vec<u32>) -> Grouping {
    let most = codes.iter().max().map_or(0, |most| most + 1);
    Grouping {
        name: name.to_owned(),
        codes: codes.into(),
        levels: (0..most).map(|code| format!("L{code}")).collect(),
    }
}

fn parts() -> impl Strategy<Value = DesignParts> {
    (4..24_usize).prop_flat_map(|rows| {
        let values = || prop::collection::vec(value(), rows);
        let codes = prop::collection::vec(0..4_u32, rows);
        let weights = prop::option::of(prop::collection::vec(1e-3..1e3_f64, rows));
        (
            values(),
            values(),
            values(),
            codes,
            weights,
            any::<(bool, bool)>(),
        )
            .prop_map(
                move |(response, first, second, codes, weights, (slope, days))| {
                    let (one, x) = (intercept(rows), column("x", &first));
                    let of_person = if slope {
                        vec![one.clone(), x.clone()]
                    } else {
                        vec![one.clone()]
                    };
                    let mut groupings = vec![grouping("person", codes.clone())];
                    let mut random = vec![RandomTerm {
                        grouping: 0,
                        columns: of_person,
                    }];
                    if days {
                        let nested = codes
                            .iter()
                            .enumerate()
                            .map(|(row, code)| 2 * code + (row % 2) as u32);
                        groupings.push(grouping("person:day", nested.collect()));
                        random.push(RandomTerm {
                            grouping: 1,
                            columns: vec![one.clone()],
                        });
                    }
                    DesignParts {
                        response_name: "y".to_owned(),
                        response,
                        fixed: vec![one, x, column("z", &second)],
                        weights,
                        groupings,
                        random,
                        ..DesignParts::default()
                    }
                },
            )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn numbers_are_finite_or_there_is_a_reason(parts in parts(), ml in any::<bool>()) {
        let Ok(design) = Design::new(parts) else { return Ok(()) };
        let settings = FitSettings {
            criterion: if ml { Criterion::Ml } else { Criterion::Reml },
            ..FitSettings::default()
        };
        let Ok(found) = fit(&design, &settings) else { return Ok(()) };
        prop_assert!(found.objective.is_finite() && found.residual_sd.is_finite(), "{found:?}");
        for effect in &found.fixed {
            prop_assert!(effect.estimate.is_finite() && effect.se.is_finite(), "{found:?}");
            prop_assert!(!effect.p.is_nan() && !effect.df.is_nan() && !effect.lower.is_nan(), "{found:?}");
        }
        for effect in &found.random {
            prop_assert!(effect.sd.iter().chain(&effect.correlation).all(|value| value.is_finite()), "{found:?}");
        }
        for modes in conditional_modes(&design, &found).expect("modes of a fit") {
            prop_assert!(modes.mode.iter().chain(&modes.covariance).all(|value| value.is_finite()), "{found:?}");
        }
        let rows = diagnostics(&design, &found).expect("rows of a fit");
        prop_assert!(rows.iter().all(|row| row.fitted.is_finite()), "{found:?}");
    }
}
