//! Samples on, beside and beyond an exact curve, by hand.

use diel_core::calibration::{
    BlankUse, CalibrationOptions, Curve, PlateWell, Reading, Weighting, calibrate,
};
use diel_core::plate::{Dilution, WellRole};
use diel_core::{MissingReason, Outcome};

use super::{FALLING, LEVELS, plate, sample, standard};
use crate::assert_near;

/// Standards on a curve but for so little that something is left to tell the error by.
fn contents(curve: Curve) -> Vec<(WellRole, Vec<f64>)> {
    // Now the left of a pair is higher and now the right, as on a plate where places do not matter.
    let near = |(number, &x): (usize, &f64)| {
        let off = if number % 2 == 0 { 1e-6 } else { -1e-6 };
        let pair = vec![
            curve.response(x) * (1.0 + off),
            curve.response(x) * (1.0 - off),
        ];
        (standard(x), pair)
    };
    LEVELS.iter().enumerate().map(near).collect()
}

fn plain() -> CalibrationOptions {
    CalibrationOptions {
        weighting: Weighting::None,
        ..CalibrationOptions::default()
    }
}

#[test]
fn values_limits_and_reasons() {
    let mut contents = contents(FALLING);
    for (id, pair) in [
        ("within", [FALLING.response(4.0); 2]),
        ("below", [FALLING.response(0.2); 2]),
        ("above", [FALLING.response(100.0); 2]),
        ("more than everything", [0.05; 2]),
        ("less than nothing", [2.4; 2]),
        ("masked", [1.0; 2]),
        ("failed", [1.0; 2]),
        ("half masked", [FALLING.response(4.0), 3.0]),
    ] {
        contents.push((sample(id), pair.to_vec()));
    }
    let diluted = WellRole::Sample {
        id: "diluted".to_owned(),
        dilution: Dilution::new(5.0).unwrap(),
    };
    contents.push((diluted.clone(), vec![FALLING.response(4.0); 2]));
    let mut wells = plate(&contents);
    let far = WellRole::Sample {
        id: "diluted".to_owned(),
        dilution: Dilution::new(50.0).unwrap(),
    };
    wells.push(PlateWell {
        well: "H12".parse().unwrap(),
        role: far,
        reading: Reading::Response(2.19),
    });
    for well in &mut wells {
        if let WellRole::Sample { id, .. } = &well.role {
            match (id.as_str(), well.well.column() % 2) {
                ("masked", _) | ("half masked", 0) => {
                    well.reading = Reading::Missing(MissingReason::RejectedByLab)
                }
                ("failed", _) => well.reading = Reading::Missing(MissingReason::InstrumentError),
                _ => {}
            }
        }
    }
    let calibrated = calibrate(&wells, &plain()).unwrap();
    let outcomes: Vec<_> = calibrated
        .samples
        .iter()
        .map(|sample| sample.outcome)
        .collect();
    let value = |outcome: Outcome| match outcome {
        Outcome::Value(value) => value,
        other => panic!("{other:?}"),
    };
    assert_near(value(outcomes[0]), 4.0, 1e-5);
    assert_eq!(outcomes[1], Outcome::Below(0.33));
    assert_eq!(outcomes[2], Outcome::Above(82.0));
    assert_eq!(outcomes[3], Outcome::Above(82.0));
    assert_eq!(outcomes[4], Outcome::Below(0.33));
    assert_eq!(outcomes[5], Outcome::Missing(MissingReason::RejectedByLab));
    assert_eq!(
        outcomes[6],
        Outcome::Missing(MissingReason::InstrumentError)
    );
    assert_near(value(outcomes[7]), 4.0, 1e-5);
    assert_near(value(outcomes[8]), 20.0, 1e-4);
    assert_eq!(outcomes[9], Outcome::Below(0.33 * 50.0));
    // Of two dilutions the one that the curve measures is reported.
    let reported = calibrated.reported();
    assert_eq!((calibrated.samples.len(), reported.len()), (10, 9));
    assert_eq!(reported[8].dilution, Dilution::new(5.0).unwrap());
    let half = &calibrated.samples[7];
    assert_eq!((half.replicates, half.wells.len()), (1, 2));
    // A CV of a single well is no CV of 0.
    assert_eq!((half.cv_percent, half.response_cv_percent), (None, None));
}

#[test]
fn a_mean_is_taken_of_responses_and_a_cv_of_concentrations() {
    let mut contents = contents(FALLING);
    let pair = [FALLING.response(3.6), FALLING.response(4.4)];
    contents.push((sample("pair"), pair.to_vec()));
    let calibrated = calibrate(&plate(&contents), &plain()).unwrap();
    let found = &calibrated.samples[0];
    let mean = 0.5 * (pair[0] + pair[1]);
    assert_eq!(
        found.outcome,
        Outcome::Value(calibrated.curve.curve.concentration(mean).unwrap())
    );
    // 3.6 and 4.4: mean 4, standard deviation 0.8 / sqrt 2.
    assert_near(
        found.cv_percent.unwrap(),
        100.0 * 0.8 / 2f64.sqrt() / 4.0,
        1e-4,
    );
}

#[test]
fn standards_of_the_curve_give_themselves_back() {
    let calibrated = calibrate(&plate(&contents(FALLING)), &plain()).unwrap();
    assert_eq!((calibrated.lowest, calibrated.highest), (0.33, 82.0));
    assert_eq!(calibrated.standards.len(), LEVELS.len());
    assert_eq!(calibrated.standards[0].recovery_percent, None);
    for standard in &calibrated.standards[1..] {
        assert!(standard.accepted);
        assert_near(standard.recovery_percent.unwrap(), 100.0, 0.01);
    }
    assert_eq!(calibrated.remarks, []);
}

#[test]
fn a_spoilt_lowest_standard_raises_the_limit() {
    let mut contents = contents(FALLING);
    contents[1].1 = vec![FALLING.response(0.2); 2];
    contents.push((sample("low"), vec![FALLING.response(0.5); 2]));
    let calibrated = calibrate(&plate(&contents), &plain()).unwrap();
    assert_eq!(calibrated.lowest, 1.0);
    assert!(!calibrated.standards[1].accepted);
    assert_eq!(calibrated.samples[0].outcome, Outcome::Below(1.0));
    assert_eq!(calibrated.remarks[0].code(), "standard_rejected");
}

#[test]
fn blanks_move_the_asymptotes_and_no_concentration() {
    let raised = Curve {
        zero_response: FALLING.zero_response + 0.05,
        infinite_response: FALLING.infinite_response + 0.05,
        ..FALLING
    };
    let mut contents = contents(raised);
    contents.push((WellRole::Blank, vec![0.049, 0.051]));
    contents.push((sample("one"), vec![raised.response(4.0); 2]));
    let found = |blanks| {
        let options = CalibrationOptions { blanks, ..plain() };
        calibrate(&plate(&contents), &options).unwrap()
    };
    let (subtracted, aside) = (found(BlankUse::Subtracted), found(BlankUse::Aside));
    assert_near(subtracted.blank_response.unwrap(), 0.05, 1e-12);
    assert!(subtracted.blank_subtracted && !aside.blank_subtracted);
    assert_near(subtracted.curve.curve.infinite_response, 0.08, 1e-5);
    assert_near(aside.curve.curve.infinite_response, 0.13, 1e-5);
    let value = |outcome| match outcome {
        Outcome::Value(value) => value,
        other => panic!("{other:?}"),
    };
    assert_near(
        value(subtracted.samples[0].outcome),
        value(aside.samples[0].outcome),
        1e-7,
    );
}

#[test]
fn the_limit_of_detection_lies_so_many_deviations_from_zero() {
    let mut contents = contents(FALLING);
    contents[0].1 = vec![2.18, 2.22];
    let calibrated = calibrate(&plate(&contents), &plain()).unwrap();
    let detection = calibrated.detection.unwrap();
    // Mean 2.2, SD 0.04 / sqrt 2, three of them toward a falling curve.
    let limit = 2.2 - 3.0 * 0.04 / 2f64.sqrt();
    assert_near(detection.limit_response, limit, 1e-12);
    assert_near(
        detection.concentration.unwrap(),
        FALLING.concentration(limit).unwrap(),
        0.01,
    );
    assert_eq!(detection.wells, 2);
}

#[test]
fn the_errors_of_an_interval_are_those_of_its_parts() {
    // Without error of the curve to speak of, the standard error is that of the mean response over the slope.
    let mut contents = contents(FALLING);
    for number in 0..30 {
        let y = FALLING.response(4.0);
        contents.push((sample(&number.to_string()), vec![y + 0.01, y - 0.01]));
    }
    let calibrated = calibrate(&plate(&contents), &plain()).unwrap();
    let interval = calibrated.samples[0].interval.unwrap();
    // sigma^2 = 30 * 2e-4 / (30 + 14 - 4): the standards add degrees of freedom and no squares.
    let sigma_square: f64 = 30.0 * 2e-4 / 40.0;
    let slope = (FALLING.response(4.0 * 1.000_01) - FALLING.response(4.0 / 1.000_01)) / 2e-5;
    let expected = 4.0 * (sigma_square / 2.0).sqrt() / slope.abs();
    assert_near(interval.standard_error / expected, 1.0, 1e-4);
    assert!(interval.lower < 4.0 && 4.0 < interval.upper);
}
