//! Eleven plates of a real assay, against what R makes of them (fixtures/dnase).

use diel_core::calibration::{
    CalibratedPlate, CalibrationOptions, CurveModel, PlateWell, Reading, Weighting, calibrate,
};

use super::{standard, well};

/// What is asked of the estimates and errors beside R's.
const TOLERANCE: f64 = 1e-6;

fn read(name: &str) -> Vec<Vec<String>> {
    let path = format!("{}/../fixtures/dnase/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect(&path);
    let cells = |line: &str| line.split(',').map(str::to_owned).collect();
    text.lines().skip(1).map(cells).collect()
}

pub(super) fn run(number: &str) -> Vec<PlateWell> {
    let rows = read("dnase.csv").into_iter().filter(|row| row[0] == number);
    rows.enumerate()
        .map(|(position, row)| PlateWell {
            well: well(position / 2, position % 2),
            role: standard(row[1].parse().unwrap()),
            reading: Reading::Response(row[2].parse().unwrap()),
        })
        .collect()
}

fn calibrated(number: &str, model: CurveModel, weighting: Weighting) -> CalibratedPlate {
    let options = CalibrationOptions {
        model,
        weighting,
        ..CalibrationOptions::default()
    };
    calibrate(&run(number), &options).unwrap()
}

#[test]
fn estimates_and_errors_are_those_of_r_in_every_run() {
    let (mut compared, mut worst) = (0, 0.0_f64);
    for row in read("curves.csv") {
        let model = if row[1] == "4pl" {
            CurveModel::FourParameter
        } else {
            CurveModel::FiveParameter
        };
        let weighting = match row[2].as_str() {
            "none" => Weighting::None,
            "1/y" => Weighting::Response,
            "1/y^2" => Weighting::ResponseSquared,
            other => panic!("{other}"),
        };
        let curve = calibrated(&row[0], model, weighting).curve;
        let (estimate, error) = (curve.curve, curve.standard_errors);
        let found = [
            estimate.zero_response,
            estimate.infinite_response,
            estimate.midpoint,
            estimate.steepness,
            estimate.asymmetry,
            error.zero_response,
            error.infinite_response,
            error.midpoint,
            error.steepness,
            error.asymmetry,
            curve.residual_square,
            curve.residual_sd,
        ];
        for (found, expected) in found
            .iter()
            .zip(&row[3..])
            .filter(|(_, text)| !text.is_empty())
        {
            let expected: f64 = expected.parse().unwrap();
            let apart = (found / expected - 1.0).abs();
            assert!(apart < TOLERANCE, "{row:?}: {found} is not {expected}");
            worst = worst.max(apart);
            compared += 1;
        }
    }
    assert_eq!(compared, 33 * 10 + 12);
    assert!(
        worst > 0.0,
        "numbers of two programs are never all the same"
    );
}

#[test]
fn the_order_of_the_wells_does_not_matter() {
    let mut wells = run("1");
    let options = CalibrationOptions::default();
    let there = calibrate(&wells, &options).unwrap();
    wells.reverse();
    let back = calibrate(&wells, &options).unwrap();
    let apart = there.curve.curve.midpoint / back.curve.curve.midpoint - 1.0;
    assert!(apart.abs() < 1e-9, "{apart}");
}

#[test]
fn a_plate_upside_down_has_the_same_curve_with_its_ends_exchanged() {
    let rising = calibrated("1", CurveModel::FourParameter, Weighting::None);
    let mut wells = run("1");
    for well in &mut wells {
        if let Reading::Response(response) = &mut well.reading {
            *response = 3.0 - *response;
        }
    }
    let options = CalibrationOptions {
        weighting: Weighting::None,
        ..CalibrationOptions::default()
    };
    let falling = calibrate(&wells, &options).unwrap().curve;
    let rising = rising.curve;
    for (one, other) in [
        (
            3.0 - rising.curve.zero_response,
            falling.curve.zero_response,
        ),
        (
            3.0 - rising.curve.infinite_response,
            falling.curve.infinite_response,
        ),
        (rising.curve.midpoint, falling.curve.midpoint),
        (rising.curve.steepness, falling.curve.steepness),
        (
            rising.standard_errors.midpoint,
            falling.standard_errors.midpoint,
        ),
    ] {
        assert!((one / other - 1.0).abs() < 1e-8, "{one} {other}");
    }
}
