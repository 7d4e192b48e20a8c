//! The picture of a plate's curve.

use std::path::Path;

use diel_core::Unit;
use diel_core::calibration::{CalibratedPlate, Reading};
use diel_core::plate::WellRole;
use diel_server::picture::{
    ResponsePoint, SampleMark, StandardCurvePicture, StandardMark, png, standard_curve_svg,
};

use super::Calibrated;

/// Points of the curve; more are not seen.
const POINTS: u32 = 160;
/// How far the curve is drawn beyond the standards, as a factor.
const BEYOND: f64 = 1.5;
const WIDTH_PX: u32 = 1520;

pub(super) fn write(path: &Path, calibrated: &Calibrated, unit: Unit) -> anyhow::Result<()> {
    let ending = path
        .extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or_default();
    let is_png = match ending.to_lowercase().as_str() {
        "svg" => false,
        "png" => true,
        _ => anyhow::bail!("{}: the name must end in .svg or .png", path.display()),
    };
    let svg = standard_curve_svg(&picture(calibrated, unit));
    let bytes = if is_png {
        png(&svg, WIDTH_PX)?
    } else {
        svg.into_bytes()
    };
    super::write(path, &bytes)
}

fn picture(calibrated: &Calibrated, unit: Unit) -> StandardCurvePicture {
    let plate = &calibrated.plate;
    let title = match &calibrated.name {
        Some(name) => format!("Standard curve of plate {name}"),
        None => "Standard curve".to_owned(),
    };
    let response = if plate.blank_subtracted {
        "response less blank"
    } else {
        "response"
    };
    StandardCurvePicture {
        title,
        unit: unit.ucum().to_owned(),
        response: response.to_owned(),
        curve: curve(plate),
        standards: standards(calibrated),
        samples: samples(plate),
        range: (plate.lowest, plate.highest),
    }
}

fn curve(plate: &CalibratedPlate) -> Vec<ResponsePoint> {
    let nominal = plate
        .standards
        .iter()
        .map(|standard| standard.nominal.get());
    let positive = nominal.filter(|x| *x > 0.0);
    let (low, high) = positive.fold((f64::INFINITY, 0.0), |(low, high), x| {
        (f64::min(low, x), f64::max(high, x))
    });
    let (from, to) = ((low / BEYOND).ln(), (high * BEYOND).ln());
    let at = |step: u32| (from + (to - from) * f64::from(step) / f64::from(POINTS)).exp();
    let point = |concentration| ResponsePoint {
        concentration,
        response: plate.curve.curve.response(concentration),
    };
    (0..=POINTS).map(|step| point(at(step))).collect()
}

fn standards(calibrated: &Calibrated) -> Vec<StandardMark> {
    let plate = &calibrated.plate;
    let blank = plate
        .blank_response
        .filter(|_| plate.blank_subtracted)
        .unwrap_or(0.0);
    let wells = calibrated.wells.iter().filter_map(|well| {
        let (WellRole::Standard { nominal }, Reading::Response(response)) =
            (&well.role, well.reading)
        else {
            return None;
        };
        let standard = plate
            .standards
            .iter()
            .find(|standard| standard.nominal == *nominal)?;
        let recovery = standard.recovery_percent.map_or_else(
            || "no recovery".to_owned(),
            |percent| format!("recovery {percent:.1} %"),
        );
        Some(StandardMark {
            at: ResponsePoint {
                concentration: nominal.get(),
                response: response - blank,
            },
            accepted: standard.accepted,
            note: format!("{}, standard {}: {recovery}", well.well, nominal.get()),
        })
    });
    wells.collect()
}

fn samples(plate: &CalibratedPlate) -> Vec<SampleMark> {
    let within = plate
        .samples
        .iter()
        .filter(|sample| sample.interval.is_some());
    let marks = within.filter_map(|sample| {
        let response = sample.mean_response?;
        let concentration = plate.curve.curve.concentration(response)?;
        Some(SampleMark {
            at: ResponsePoint {
                concentration,
                response,
            },
            note: format!("{}: {concentration:.3} in the well", sample.name),
        })
    });
    marks.collect()
}
