//! Conversions between assays, worked by hand.

use diel_core::conversion::{Conversion, ConversionAbsence, ConversionForm};
use diel_core::{Level, MissingReason};
use proptest::prelude::*;

use crate::{above, assert_near, below, exact};

fn linear(intercept_nmol_per_l: f64, slope: f64) -> ConversionForm {
    ConversionForm::Linear {
        intercept_nmol_per_l,
        slope,
    }
}

fn power(factor: f64, exponent: f64) -> ConversionForm {
    ConversionForm::Power { factor, exponent }
}

fn table(points: &[(f64, f64)]) -> ConversionForm {
    ConversionForm::Table {
        points: points.to_vec(),
    }
}

fn value(form: ConversionForm, nmol_per_l: f64) -> f64 {
    let conversion = Conversion::new(form, 1.0, 50.0).unwrap();
    let converted = conversion.convert(exact(nmol_per_l)).unwrap();
    converted.nmol_per_l().unwrap().get()
}

#[test]
fn the_forms_are_what_they_are_called() {
    assert_near(value(linear(-0.5, 0.6), 10.0), 5.5, 1e-12);
    // 2 x 9^0.5
    assert_near(value(power(2.0, 0.5), 9.0), 6.0, 1e-12);
    let points = [(1.0, 0.8), (10.0, 5.3), (50.0, 25.3)];
    assert_near(value(table(&points), 4.0), 2.3, 1e-12);
    assert_near(value(table(&points), 30.0), 15.3, 1e-12);
    for (from, to) in points {
        assert_eq!(value(table(&points), from), to);
    }
}

#[test]
fn below_stays_below_and_nothing_is_extrapolated() {
    let conversion = Conversion::new(linear(0.2, 0.6), 0.5, 60.0).unwrap();
    assert_eq!(conversion.convert(below(0.5)), Ok(below(0.5)));
    assert_eq!(conversion.convert(above(50.0)), Ok(above(30.2)));
    let outside = Err(ConversionAbsence::OutsideRange);
    assert_eq!(conversion.convert(exact(0.49)), outside);
    assert_eq!(conversion.convert(exact(60.01)), outside);
    assert_eq!(conversion.convert(below(0.3)), outside);
    assert_eq!(conversion.convert(above(82.0)), outside);
    assert_eq!(
        conversion.convert(Level::Missing(MissingReason::NoSample)),
        Err(ConversionAbsence::Missing)
    );
    // From 2 nmol/L on it comes to 0 and more; nothing lies below 0.
    let from_zero = Conversion::new(linear(-1.0, 0.5), 2.0, 60.0).unwrap();
    assert_eq!(from_zero.convert(exact(2.0)), Ok(exact(0.0)));
    assert_eq!(from_zero.convert(below(2.0)), outside);
}

#[test]
fn what_does_not_rise_or_reach_is_refused_with_its_term() {
    let refused = |form, lowest, highest| {
        let error = Conversion::new(form, lowest, highest).unwrap_err();
        error.to_string()
    };
    for (form, lowest, highest, text) in [
        (
            linear(0.0, -0.5),
            1.0,
            9.0,
            "linear.slope: -0.5 is not more than 0; a conversion must rise",
        ),
        (
            linear(f64::NAN, 1.0),
            1.0,
            9.0,
            "linear.intercept_nmol_per_l: NaN is not a finite number",
        ),
        (
            power(0.0, 1.0),
            1.0,
            9.0,
            "power.factor: 0 is not more than 0; a conversion must rise",
        ),
        (
            linear(0.0, 1.0),
            9.0,
            9.0,
            "highest_nmol_per_l: 9 nmol/L is not more than the lowest, 9 nmol/L",
        ),
        (
            linear(0.0, 1.0),
            -1.0,
            9.0,
            "lowest_nmol_per_l: -1 nmol/L is negative",
        ),
        (
            linear(-1.0, 0.5),
            1.0,
            9.0,
            "lowest_nmol_per_l: 1 nmol/L comes to -0.5 nmol/L, which is no concentration; narrow the range",
        ),
        (
            table(&[(1.0, 1.0)]),
            1.0,
            9.0,
            "table.points: 1 points; 2 to 1000 are allowed",
        ),
        (
            table(&[(1.0, 1.0), (5.0, 1.0), (9.0, 7.0)]),
            1.0,
            9.0,
            "table.points[1]: does not rise over the point before it, on both sides, in finite numbers",
        ),
        (
            table(&[(1.0, 1.0), (5.0, 3.0)]),
            1.0,
            9.0,
            "table.points: reach from 1 to 5 nmol/L and do not cover the range",
        ),
    ] {
        assert_eq!(refused(form, lowest, highest), text);
    }
}

proptest! {
    #[test]
    fn order_is_kept(
        mut points in prop::collection::vec((0.1..10.0_f64, 0.1..10.0_f64), 2..12),
        one in 0.0..1.0_f64,
        other in 0.0..1.0_f64,
    ) {
        // Steps of both sides, summed: a rising table.
        for row in 1..points.len() {
            points[row].0 += points[row - 1].0;
            points[row].1 += points[row - 1].1;
        }
        let (lowest, highest) = (points[0].0, points[points.len() - 1].0);
        let conversion = Conversion::new(table(&points), lowest, highest).unwrap();
        let at = |share: f64| {
            let x = (lowest + share * (highest - lowest)).min(highest);
            conversion.convert(exact(x)).unwrap().nmol_per_l().unwrap().get()
        };
        prop_assert!(one > other || at(one) <= at(other));
        prop_assert!(at(one) >= points[0].1 && at(one) <= points[points.len() - 1].1 + 1e-9);
    }
}
