//! What is refused, each by its name.

use diel_core::cosinor::{Cosinor, CosinorError, CosinorFitter, CosinorRules, CosinorRulesError};

#[test]
fn nothing_and_too_little() {
    assert_eq!(
        Cosinor::fit(&[], &[]),
        Err(CosinorError::TooFewTimes {
            distinct: 0,
            needed: 5
        })
    );
    assert_eq!(
        Cosinor::fit(&[0.0, 0.0, 4.0, 9.0, 15.0], &[1.0; 5]),
        Err(CosinorError::TooFewTimes {
            distinct: 4,
            needed: 5
        })
    );
    assert_eq!(
        Cosinor::fit(&[1.0], &[]),
        Err(CosinorError::LengthsDiffer {
            times: 1,
            values: 0
        })
    );
    // As the rule reads: two degrees of freedom beside 5 coefficients of two harmonics.
    let rules = CosinorRules {
        harmonics: 2,
        ..CosinorRules::default()
    };
    let hours = [0.0, 4.0, 8.0, 12.0, 16.0, 20.0];
    assert_eq!(
        CosinorFitter::new(rules).unwrap().fit(&hours, &[1.0; 6]),
        Err(CosinorError::TooFewTimes {
            distinct: 6,
            needed: 7
        })
    );
    // Loosened rules still leave something to tell the error by: wake, +30 min, bed are exactly saturated.
    let rules = CosinorRules {
        spare_times: 0,
        ..CosinorRules::default()
    };
    assert_eq!(
        CosinorFitter::new(rules)
            .unwrap()
            .fit(&[0.0, 0.5, 15.0], &[1.0, 2.0, 0.5]),
        Err(CosinorError::Saturated {
            values: 3,
            coefficients: 3
        })
    );
}

#[test]
fn numbers_that_are_none() {
    let hours = [0.0, 3.0, 6.0, 9.0, 12.0];
    for (position, number) in [(0, f64::NAN), (2, f64::INFINITY), (4, f64::NEG_INFINITY)] {
        let mut values = [1.0, 2.0, 3.0, 2.0, 1.0];
        values[position] = number;
        assert_eq!(
            Cosinor::fit(&hours, &values),
            Err(CosinorError::NotFinite { position })
        );
        assert_eq!(
            Cosinor::fit(&values, &hours),
            Err(CosinorError::NotFinite { position })
        );
    }
    assert_eq!(
        Cosinor::fit(&hours, &[1e300, -1e300, 1e300, 3e299, -1e300]),
        Err(CosinorError::TooLarge)
    );
}

#[test]
fn times_that_do_not_tell_the_coefficients_apart() {
    assert_eq!(
        Cosinor::fit(&[0.0, 2.0, 5.0, 8.0, 11.5], &[1.0, 2.0, 3.0, 2.0, 1.0]),
        Err(CosinorError::ShortSpan {
            span_h: 11.5,
            needed_h: 12.0
        })
    );
    // Five times, but the same two hours of each day: the span is long and yet nothing is known of the rest.
    let mornings = [0.0, 24.0, 25.0, 48.0, 49.0];
    assert!(matches!(
        Cosinor::fit(&mornings, &[1.0, 2.0, 3.0, 2.0, 1.0]),
        Err(CosinorError::IllConditioned { limit: 10.0, condition }) if condition > 1e6
    ));
    // numpy 2: cond([1, cos, sin]) at 10, 12, ..., 20 h is 4.932324681368994; at 0, .5, 4, 9, 15 h 2.011109407654845.
    let rules = CosinorRules {
        span_share: 0.0,
        condition_limit: 4.9,
        ..CosinorRules::default()
    };
    let Err(CosinorError::IllConditioned { condition, .. }) =
        CosinorFitter::new(rules).unwrap().fit(
            &[10.0, 12.0, 14.0, 16.0, 18.0, 20.0],
            &[1.0, 2.0, 3.0, 2.0, 1.0, 0.0],
        )
    else {
        panic!("above the limit")
    };
    assert!((condition - 4.932_324_681_368_994).abs() < 1e-12);
    let daytime = Cosinor::fit(&[0.0, 0.5, 4.0, 9.0, 15.0], &[1.0, 2.0, 3.0, 2.0, 1.0]).unwrap();
    assert!((daytime.condition - 2.011_109_407_654_845).abs() < 1e-12);
}

#[test]
fn rules_that_make_no_sense() {
    let refused = |change: fn(&mut CosinorRules)| {
        let mut rules = CosinorRules::default();
        change(&mut rules);
        CosinorFitter::new(rules).unwrap_err()
    };
    assert_eq!(
        refused(|rules| rules.period_h = 0.0),
        CosinorRulesError::Period { period_h: 0.0 }
    );
    assert_eq!(
        refused(|rules| rules.harmonics = 0),
        CosinorRulesError::Harmonics { harmonics: 0 }
    );
    assert_eq!(
        refused(|rules| rules.span_share = -1.0),
        CosinorRulesError::Span { span_share: -1.0 }
    );
    assert_eq!(
        refused(|rules| rules.condition_limit = 0.5),
        CosinorRulesError::Condition {
            condition_limit: 0.5
        }
    );
}
