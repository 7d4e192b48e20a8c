//! Concentrations as reported.

use diel_core::{Level, Limits, Measurement, MissingReason, Outcome, Unit};
use diel_proto::v1 as pb;

use crate::violations::Violations;

/// Reads a required measurement.
pub(crate) fn from_proto(
    field: &str,
    message: Option<&pb::Measurement>,
    violations: &mut Violations,
) -> Option<Measurement> {
    let Some(message) = message else {
        violations.add(
            field,
            "is missing; a value, a limit or a reason is required",
        );
        return None;
    };
    let unit = unit_from_proto(message.unit).map_err(|text| (".unit", text));
    let outcome = match message.outcome {
        Some(pb::measurement::Outcome::Value(value)) => Ok(Outcome::Value(value)),
        Some(pb::measurement::Outcome::Below(limit)) => Ok(Outcome::Below(limit)),
        Some(pb::measurement::Outcome::Above(limit)) => Ok(Outcome::Above(limit)),
        Some(pb::measurement::Outcome::Missing(reason)) => missing_from_proto(reason)
            .map(Outcome::Missing)
            .map_err(|text| (".missing", text)),
        None => Err((
            "",
            "has no outcome; a value, a limit or a reason is required".to_owned(),
        )),
    };
    match (outcome, unit) {
        (Ok(outcome), Ok(unit)) => violations.take(field, Measurement::new(outcome, unit)),
        (outcome, unit) => {
            for (suffix, text) in [outcome.err(), unit.err()].into_iter().flatten() {
                violations.add(&format!("{field}{suffix}"), text);
            }
            None
        }
    }
}

/// A measurement as a message.
pub(crate) fn to_proto(measurement: &Measurement) -> pb::Measurement {
    let outcome = match measurement.outcome() {
        Outcome::Value(value) => pb::measurement::Outcome::Value(value),
        Outcome::Below(limit) => pb::measurement::Outcome::Below(limit),
        Outcome::Above(limit) => pb::measurement::Outcome::Above(limit),
        Outcome::Missing(reason) => {
            pb::measurement::Outcome::Missing(missing_to_proto(reason) as i32)
        }
    };
    pb::Measurement {
        outcome: Some(outcome),
        unit: unit_to_proto(measurement.unit()) as i32,
    }
}

/// The value or limit in nmol/L; none when missing.
pub(crate) fn nmol_per_l(measurement: &Measurement) -> Option<f64> {
    match measurement.level(&Limits::default()) {
        Level::Exact(value) | Level::Below(value) | Level::Above(value) => Some(value.get()),
        Level::Missing(_) => None,
    }
}

/// Reads a unit; unspecified is none.
///
/// # Errors
/// The number, when it names no unit.
pub(crate) fn unit_from_proto(number: i32) -> Result<Option<Unit>, String> {
    match pb::ConcentrationUnit::try_from(number) {
        Ok(pb::ConcentrationUnit::Unspecified) => Ok(None),
        Ok(pb::ConcentrationUnit::NmolPerL) => Ok(Some(Unit::NmolPerL)),
        Ok(pb::ConcentrationUnit::UgPerDl) => Ok(Some(Unit::UgPerDl)),
        Ok(pb::ConcentrationUnit::NgPerMl) => Ok(Some(Unit::NgPerMl)),
        Ok(pb::ConcentrationUnit::UgPerL) => Ok(Some(Unit::UgPerL)),
        Err(_) => Err(format!(
            "{number} is not a ConcentrationUnit (nmol/L, ug/dL, ng/mL or ug/L)"
        )),
    }
}

/// A unit as a message.
pub(crate) fn unit_to_proto(unit: Option<Unit>) -> pb::ConcentrationUnit {
    match unit {
        None => pb::ConcentrationUnit::Unspecified,
        Some(Unit::NmolPerL) => pb::ConcentrationUnit::NmolPerL,
        Some(Unit::UgPerDl) => pb::ConcentrationUnit::UgPerDl,
        Some(Unit::NgPerMl) => pb::ConcentrationUnit::NgPerMl,
        Some(Unit::UgPerL) => pb::ConcentrationUnit::UgPerL,
    }
}

fn missing_from_proto(number: i32) -> Result<MissingReason, String> {
    match pb::MissingReason::try_from(number) {
        Ok(pb::MissingReason::NoSample) => Ok(MissingReason::NoSample),
        Ok(pb::MissingReason::InsufficientVolume) => Ok(MissingReason::InsufficientVolume),
        Ok(pb::MissingReason::RejectedByLab) => Ok(MissingReason::RejectedByLab),
        Ok(pb::MissingReason::InstrumentError) => Ok(MissingReason::InstrumentError),
        Ok(pb::MissingReason::OutsideCurve) => Ok(MissingReason::OutsideCurve),
        Ok(pb::MissingReason::Unspecified) | Err(_) => {
            Err(format!("{number} is not a MissingReason that says why"))
        }
    }
}

fn missing_to_proto(reason: MissingReason) -> pb::MissingReason {
    match reason {
        MissingReason::NoSample => pb::MissingReason::NoSample,
        MissingReason::InsufficientVolume => pb::MissingReason::InsufficientVolume,
        MissingReason::RejectedByLab => pb::MissingReason::RejectedByLab,
        MissingReason::InstrumentError => pb::MissingReason::InstrumentError,
        MissingReason::OutsideCurve => pb::MissingReason::OutsideCurve,
    }
}
