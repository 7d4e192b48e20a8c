//! What is printed: for people the curve, its standards and the results; for programs the results.

use diel_core::calibration::{CalibratedPlate, CurveModel, Quantity};
use diel_core::{Outcome, Unit};

use super::Calibrated;
use super::results;
use crate::output::{Cell, Column, Format, Frame};

const PARAMETERS: &[Column] = &[
    Column::new("parameter"),
    Column::new("estimate"),
    Column::headed("standard_error", "SE"),
    Column::new("meaning"),
];

const STANDARDS: &[Column] = &[
    Column::headed("nominal", "standard"),
    Column::new("wells"),
    Column::headed("mean_response", "response"),
    Column::headed("response_cv_percent", "CV %"),
    Column::headed("concentration", "read off"),
    Column::headed("recovery_percent", "recovery %"),
    Column::new("accepted"),
];

const RESULTS: &[Column] = &[
    Column::new("plate"),
    Column::headed("specimen", "sample"),
    Column::new("role"),
    Column::new("concentration"),
    Column::unshown("value"),
    Column::unshown("below"),
    Column::unshown("above"),
    Column::unshown("missing"),
    Column::unshown("unit"),
    Column::headed("standard_error", "SE"),
    Column::headed("interval_low", "from"),
    Column::headed("interval_high", "to"),
    Column::headed("replicate_cv_percent", "CV %"),
    Column::headed("response_cv_percent", "CV % of responses"),
    Column::headed("replicate_count", "replicates"),
    Column::new("dilution"),
    Column::new("wells"),
];

pub(super) fn print(calibrated: &Calibrated, unit: Unit, format: Format) -> anyhow::Result<()> {
    let mut frame = Frame::new(RESULTS);
    add(&mut frame, calibrated, unit);
    if format == Format::Table {
        parameters(&calibrated.plate, unit).print(format)?;
        standards(&calibrated.plate, unit).print(format)?;
        for remark in &calibrated.plate.remarks {
            frame.note(format!("{}: {}", remark.code(), remark.meaning()));
        }
    }
    frame.print(format)
}

fn parameters(plate: &CalibratedPlate, unit: Unit) -> Frame {
    let mut frame = Frame::new(PARAMETERS);
    let (estimate, error) = (&plate.curve.curve, &plate.curve.standard_errors);
    let is_five = plate.curve.model == CurveModel::FiveParameter;
    let rows = [
        (
            "A",
            estimate.zero_response,
            error.zero_response,
            "response at zero".to_owned(),
        ),
        (
            "D",
            estimate.infinite_response,
            error.infinite_response,
            "response never reached".to_owned(),
        ),
        (
            "C",
            estimate.midpoint,
            error.midpoint,
            format!("middle, {unit}"),
        ),
        (
            "B",
            estimate.steepness,
            error.steepness,
            "steepness".to_owned(),
        ),
        (
            "G",
            estimate.asymmetry,
            error.asymmetry,
            "asymmetry".to_owned(),
        ),
    ];
    for (name, estimate, error, meaning) in rows {
        if name != "G" || is_five {
            frame.push(vec![
                name.into(),
                estimate.into(),
                error.into(),
                meaning.into(),
            ]);
        }
    }
    let curve = &plate.curve;
    frame.note(format!(
        "Residual SD {:.4} on {} degrees of freedom; the SD of a well grows with its response to the power {:.2}.",
        curve.residual_sd, curve.df, curve.theta
    ));
    if let Some(test) = curve.lack_of_fit {
        frame.note(format!(
            "Lack of fit: F({}, {}) = {:.2}, p = {:.3}.",
            test.df, test.error_df, test.f, test.p
        ));
    }
    if let Some(blank) = plate.blank_response {
        let used = if plate.blank_subtracted {
            "taken off every response"
        } else {
            "taken off nothing"
        };
        frame.note(format!("Blanks: {blank:.4}, {used}."));
    }
    for effect in &plate.position_effects {
        frame.note(format!(
            "{:?}: {:.2} % of the response (SE {:.2} %), p = {:.3}.",
            effect.trend, effect.percent, effect.standard_error_percent, effect.p
        ));
    }
    frame
}

fn standards(plate: &CalibratedPlate, unit: Unit) -> Frame {
    let mut frame = Frame::new(STANDARDS);
    for standard in &plate.standards {
        let wells: Vec<String> = standard.wells.iter().map(ToString::to_string).collect();
        let accepted = (standard.nominal.get() > 0.0).then_some(standard.accepted);
        frame.push(vec![
            standard.nominal.get().into(),
            wells.join(" ").into(),
            standard.mean_response.into(),
            standard.response_cv_percent.into(),
            standard.concentration.into(),
            standard.recovery_percent.into(),
            accepted.into(),
        ]);
    }
    frame.note(format!(
        "Measures from {} to {} {unit}; less and more are limits.",
        plate.lowest, plate.highest
    ));
    if let Some(detection) = plate.detection {
        let limit = detection.concentration.map_or_else(
            || "not on the curve".to_owned(),
            |limit| format!("{limit:.4} {unit}"),
        );
        frame.note(format!(
            "Limit of detection, from {} wells of zero: {limit}.",
            detection.wells
        ));
    }
    frame
}

fn add(frame: &mut Frame, calibrated: &Calibrated, unit: Unit) {
    let roles = [
        ("sample", &calibrated.plate.samples),
        ("control", &calibrated.plate.controls),
    ];
    for (role, quantities) in roles {
        for quantity in quantities {
            frame.push(row(calibrated.name.as_deref(), role, quantity, unit));
        }
    }
}

fn row(plate: Option<&str>, role: &str, quantity: &Quantity, unit: Unit) -> Vec<Cell> {
    let (value, below, above, missing) = match quantity.outcome {
        Outcome::Value(value) => (Some(value), None, None, None),
        Outcome::Below(limit) => (None, Some(limit), None, None),
        Outcome::Above(limit) => (None, None, Some(limit), None),
        Outcome::Missing(reason) => (None, None, None, Some(reason.code())),
    };
    let interval = quantity.interval;
    vec![
        plate.into(),
        quantity.name.as_str().into(),
        role.into(),
        // People get four digits of a value, programs all of them.
        value.map_or_else(
            || results::concentration(quantity.outcome).into(),
            Cell::from,
        ),
        value.into(),
        below.into(),
        above.into(),
        missing.into(),
        unit.ucum().into(),
        interval.map(|interval| interval.standard_error).into(),
        interval.map(|interval| interval.lower).into(),
        interval.map(|interval| interval.upper).into(),
        quantity.cv_percent.into(),
        quantity.response_cv_percent.into(),
        i64::try_from(quantity.replicates)
            .unwrap_or(i64::MAX)
            .into(),
        quantity.dilution.factor().into(),
        results::wells(quantity).into(),
    ]
}
