//! Standards that carry no curve, each refused by its cause.

use diel_core::MissingReason;
use diel_core::calibration::{
    Acceptance, CalibrationError, CalibrationOptions, CurveModel, PlateWell, Reading, calibrate,
};

use super::{FALLING, plate, standard};

fn standards(pairs: &[(f64, [f64; 2])]) -> Vec<PlateWell> {
    let contents: Vec<_> = pairs
        .iter()
        .map(|(x, pair)| (standard(*x), pair.to_vec()))
        .collect();
    plate(&contents)
}

fn refusal(wells: &[PlateWell]) -> CalibrationError {
    calibrate(wells, &CalibrationOptions::default()).unwrap_err()
}

#[test]
fn too_few_standards() {
    let three = [(0.0, [2.0, 2.1]), (1.0, [1.5, 1.4]), (10.0, [0.5, 0.6])];
    assert_eq!(
        refusal(&standards(&three)),
        CalibrationError::TooFewStandards {
            levels: 3,
            wells: 6,
            parameters: 4
        }
    );
    assert!(matches!(
        refusal(&[]),
        CalibrationError::TooFewStandards {
            levels: 0,
            wells: 0,
            ..
        }
    ));
    // A masked level is no level.
    let mut four = standards(&[three[0], three[1], three[2], (30.0, [0.2, 0.3])]);
    for well in four.iter_mut().skip(6) {
        well.reading = Reading::Missing(MissingReason::RejectedByLab);
    }
    assert!(matches!(
        refusal(&four),
        CalibrationError::TooFewStandards { levels: 3, .. }
    ));
}

#[test]
fn saturated_standards() {
    let flat: Vec<_> = [0.3, 1.0, 3.0, 9.0, 27.0, 82.0]
        .iter()
        .zip([
            [3.51, 3.49],
            [3.48, 3.52],
            [3.5, 3.49],
            [3.49, 3.51],
            [3.52, 3.5],
            [3.5, 3.5],
        ])
        .map(|(x, pair)| (*x, pair))
        .collect();
    assert!(matches!(refusal(&standards(&flat)), CalibrationError::NoResponse { p } if p > 0.05));
}

#[test]
fn standards_that_turn_back() {
    let hook = [
        (0.3, [0.2, 0.21]),
        (1.0, [0.6, 0.61]),
        (3.0, [1.5, 1.52]),
        (9.0, [2.4, 2.38]),
        (27.0, [1.2, 1.22]),
        (82.0, [0.5, 0.52]),
    ];
    assert!(matches!(
        refusal(&standards(&hook)),
        CalibrationError::NotMonotone { turn } if turn == 82.0
    ));
}

#[test]
fn a_straight_line_has_no_middle() {
    let line: Vec<_> = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
        .iter()
        .zip([0.001, -0.001, 0.001, 0.0, -0.001, 0.0005])
        .map(|(&x, off)| (x, [0.1 * x + off, 0.1 * x - off / 3.0]))
        .collect();
    let refused = refusal(&standards(&line));
    assert!(
        matches!(
            refused,
            CalibrationError::Undetermined { .. } | CalibrationError::NotFitted(_)
        ),
        "{refused:?}"
    );
}

#[test]
fn an_asymmetry_that_nothing_shows() {
    // Run 3 of the assay of DNase: its asymmetry grows without end, in R as here.
    let options = CalibrationOptions {
        model: CurveModel::FiveParameter,
        ..CalibrationOptions::default()
    };
    let refused = calibrate(&super::dnase::run("3"), &options).unwrap_err();
    assert!(
        matches!(
            refused,
            CalibrationError::AsymmetryUndetermined | CalibrationError::NotFitted(_)
        ),
        "{refused:?}"
    );
}

#[test]
fn standards_that_do_not_give_themselves_back() {
    // Off the curve by a percent or two, now up and now down: nothing comes back to a millionth.
    let off = [1.01, 0.985, 1.012, 0.99, 1.01, 0.984];
    let levels = [0.33, 1.0, 3.0, 9.0, 27.0, 82.0];
    let near: Vec<_> = levels
        .into_iter()
        .zip(off)
        .map(|(x, off)| {
            (
                x,
                [FALLING.response(x) * off, FALLING.response(x) * off + 0.004],
            )
        })
        .collect();
    let exacting = CalibrationOptions {
        acceptance: Acceptance {
            low_percent: 99.9999,
            high_percent: 100.0001,
            lowest_low_percent: 99.9999,
            lowest_high_percent: 100.0001,
        },
        ..CalibrationOptions::default()
    };
    assert_eq!(
        calibrate(&standards(&near), &exacting),
        Err(CalibrationError::NoRange {
            accepted: 0,
            standards: 6
        })
    );
}

#[test]
fn a_response_that_is_no_number() {
    let mut wells = standards(&[(0.0, [2.0, 2.1]), (1.0, [1.5, 1.4])]);
    wells[3].reading = Reading::Response(f64::NAN);
    assert!(matches!(
        refusal(&wells),
        CalibrationError::NotFinite { well } if well.to_string() == "B2"
    ));
}
