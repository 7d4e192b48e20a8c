//! Piecewise-linear curves against answers by hand.

use diel_core::cosinor::Confidence;
use diel_core::piecewise::{Knots, KnotsError, PiecewiseError, PiecewiseLine, basis};
use proptest::prelude::*;

use crate::assert_near;

#[test]
fn the_basis_is_that_of_its_definition() {
    let knots = Knots::default();
    assert_eq!(knots.hours(), [0.5, 2.0]);
    for (hours, expected) in [
        (-0.2, [-0.2, 0.0, 0.0]),
        (0.0, [0.0, 0.0, 0.0]),
        (0.5, [0.5, 0.0, 0.0]),
        (2.0, [0.5, 1.5, 0.0]),
        (9.0, [0.5, 1.5, 7.0]),
    ] {
        assert_eq!(basis(hours, &knots), expected, "{hours}");
    }
    assert_eq!(basis(3.0, &Knots::new(Vec::new()).unwrap()), [3.0]);
    assert!(basis(f64::NAN, &knots).iter().all(|part| part.is_nan()));
}

/// Two points a corner, 0.2 apart around the curve: the curve goes through their middles, each residual is 0.1. With the
/// levels h at 0, 0.5, 2, 12 h as parameters every h has variance s^2 / 2, and a slope is a difference of two over its hours.
#[test]
fn pairs_of_points_have_slopes_and_errors_by_hand() {
    let corners = [(0.0, 2.0), (0.5, 2.6), (2.0, 2.0), (12.0, 0.5)];
    let points = corners
        .iter()
        .flat_map(|&(t, y)| [(t, y - 0.1), (t, y + 0.1)]);
    let (hours, values): (Vec<f64>, Vec<f64>) = points.unzip();
    let line = PiecewiseLine::fit(&hours, &values, &Knots::default()).unwrap();
    assert_eq!(line.residual_df, 4);
    let variance = 8.0 * 0.01 / 4.0_f64;
    assert_near(line.residual_sd.unwrap(), variance.sqrt(), 1e-14);
    assert_near(line.wake, 2.0, 1e-14);
    assert_near(line.wake_se.unwrap(), (variance / 2.0).sqrt(), 1e-14);
    let expected = [(1.2, 0.5), (-0.4, 1.5), (-0.15, 10.0)];
    for (segment, (slope, width)) in line.segments.iter().zip(expected) {
        assert_near(segment.slope_per_h, slope, 1e-14);
        assert_near(segment.slope_se.unwrap(), variance.sqrt() / width, 1e-14);
    }
    // R: qt(.975, 4) = 2.776445105.
    let half_width = line.half_width(&line.segments[2], Confidence::P95);
    assert_near(
        half_width.unwrap(),
        2.776_445_105 * variance.sqrt() / 10.0,
        1e-10,
    );
}

#[test]
fn a_saturated_curve_has_no_errors() {
    let line = PiecewiseLine::fit(
        &[0.0, 0.5, 4.0, 15.0],
        &[2.0, 2.5, 1.0, 0.1],
        &Knots::default(),
    )
    .unwrap();
    assert_eq!(
        (line.residual_df, line.residual_sd, line.wake_se),
        (0, None, None)
    );
    assert!(
        line.segments
            .iter()
            .all(|segment| segment.slope_se.is_none())
    );
    assert!(
        line.half_width(&line.segments[0], Confidence::P95)
            .is_none()
    );
}

#[test]
fn refusals_are_named() {
    let knots = Knots::default();
    let fit = |hours: &[f64], values: &[f64]| PiecewiseLine::fit(hours, values, &knots);
    assert_eq!(
        fit(&[], &[]),
        Err(PiecewiseError::TooFewPoints {
            points: 0,
            needed: 4
        })
    );
    assert_eq!(
        fit(&[1.0], &[]),
        Err(PiecewiseError::LengthsDiffer {
            times: 1,
            values: 0
        })
    );
    assert_eq!(fit(&[0.0], &[f64::NAN]), Err(PiecewiseError::NotFinite));
    assert_eq!(
        fit(&[0.0, 0.5, 1.0, 1.9, 2.0], &[1.0; 5]),
        Err(PiecewiseError::SegmentWithoutSupport {
            begin_h: 2.0,
            end_h: f64::INFINITY
        })
    );
    // Nothing between awakening and 2 h: the first two slopes cannot be told apart.
    assert!(matches!(
        fit(&[0.0, 3.0, 6.0, 9.0, 12.0], &[3.0, 2.0, 1.5, 1.0, 0.5]),
        Err(PiecewiseError::SegmentWithoutSupport { begin_h: 0.5, .. })
    ));
    assert_eq!(
        Knots::new(vec![0.5, 0.5]),
        Err(KnotsError::NotIncreasing {
            hours: 0.5,
            before_h: 0.5
        })
    );
    assert_eq!(
        Knots::new(vec![0.1; 9]),
        Err(KnotsError::TooMany { knots: 9 })
    );
    assert!(matches!(
        Knots::new(vec![f64::INFINITY]),
        Err(KnotsError::NotFinite { .. })
    ));
}

proptest! {
    #[test]
    fn the_hours_in_all_segments_are_the_hours(hours in -1.0..24.0_f64, first in 0.1..2.0_f64, more in 0.1..5.0_f64) {
        let knots = Knots::new(vec![first, first + more]).unwrap();
        assert_near(basis(hours, &knots).iter().sum(), hours, 1e-12);
    }

    #[test]
    fn a_curve_of_the_kind_is_found_again(slopes in prop::array::uniform3(-2.0..2.0_f64), wake in -1.0..4.0_f64) {
        let knots = Knots::default();
        let hours = [0.0, 0.25, 0.5, 1.0, 2.5, 7.0, 15.0];
        let at = |t: f64| wake + basis(t, &knots).iter().zip(slopes).map(|(part, slope)| part * slope).sum::<f64>();
        let line = PiecewiseLine::fit(&hours, &hours.map(at), &knots).unwrap();
        for (segment, slope) in line.segments.iter().zip(slopes) {
            assert_near(segment.slope_per_h, slope, 1e-11);
        }
        assert_near(line.wake, wake, 1e-11);
    }
}
