//! Concentrations: quantities with a comparator, or why there is none.

use diel_core::Unit;
use diel_proto::v1;
use diel_proto::v1::measurement::Outcome;
use serde_json::{Value, json};

use super::node::Node;
use super::refused::Refused;
use super::{code, names};

/// What units are called besides their UCUM codes, in small letters.
const SYNONYMS: [(&str, Unit); 8] = [
    ("nm", Unit::NmolPerL),
    ("nanomol/l", Unit::NmolPerL),
    ("mcg/dl", Unit::UgPerDl),
    ("mcg/l", Unit::UgPerL),
    ("microg/dl", Unit::UgPerDl),
    ("microg/l", Unit::UgPerL),
    ("ug/100ml", Unit::UgPerDl),
    ("ug/100 ml", Unit::UgPerDl),
];

/// The unit of a message.
pub(super) const fn unit_of(unit: v1::ConcentrationUnit) -> Option<Unit> {
    match unit {
        v1::ConcentrationUnit::Unspecified => None,
        v1::ConcentrationUnit::NmolPerL => Some(Unit::NmolPerL),
        v1::ConcentrationUnit::UgPerDl => Some(Unit::UgPerDl),
        v1::ConcentrationUnit::NgPerMl => Some(Unit::NgPerMl),
        v1::ConcentrationUnit::UgPerL => Some(Unit::UgPerL),
    }
}

/// The message's form of a unit.
pub(super) const fn to_message(unit: Unit) -> v1::ConcentrationUnit {
    match unit {
        Unit::NmolPerL => v1::ConcentrationUnit::NmolPerL,
        Unit::UgPerDl => v1::ConcentrationUnit::UgPerDl,
        Unit::NgPerMl => v1::ConcentrationUnit::NgPerMl,
        Unit::UgPerL => v1::ConcentrationUnit::UgPerL,
    }
}

/// A quantity in a unit.
pub(super) fn quantity(value: f64, unit: Unit, comparator: Option<&str>) -> Value {
    let mut quantity = json!({
        "value": value,
        "unit": unit.ucum(),
        "system": names::UCUM,
        "code": unit.ucum(),
    });
    if let (Some(comparator), Some(members)) = (comparator, quantity.as_object_mut()) {
        members.insert("comparator".to_owned(), json!(comparator));
    }
    quantity
}

/// The member of an Observation that says what was measured.
pub(super) fn write(measurement: &v1::Measurement) -> Option<(&'static str, Value)> {
    let unit = unit_of(measurement.unit());
    let quantity = |value, comparator| Some(("valueQuantity", quantity(value, unit?, comparator)));
    match measurement.outcome? {
        Outcome::Value(value) => quantity(value, None),
        Outcome::Below(limit) => quantity(limit, Some("<")),
        Outcome::Above(limit) => quantity(limit, Some(">")),
        Outcome::Missing(number) => {
            let reason = v1::MissingReason::try_from(number).unwrap_or_default();
            Some(("dataAbsentReason", absent(reason)))
        }
    }
}

/// Why there is no concentration: a code of the value set of R4, and diel's own, which says more.
fn absent(reason: v1::MissingReason) -> Value {
    let general = match reason {
        v1::MissingReason::NoSample | v1::MissingReason::InsufficientVolume => "not-performed",
        v1::MissingReason::Unspecified => "unknown",
        v1::MissingReason::RejectedByLab
        | v1::MissingReason::InstrumentError
        | v1::MissingReason::OutsideCurve => "error",
    };
    let mut codings = vec![json!({ "system": names::DATA_ABSENT_REASON, "code": general })];
    let own = code::write(reason);
    codings.extend(own.map(|own| json!({ "system": names::MISSING_REASON, "code": own })));
    json!({ "coding": codings })
}

/// Reads what an Observation measured.
pub(super) fn read(observation: &Node<'_>) -> Result<v1::Measurement, Refused> {
    let quantity = observation.get("valueQuantity");
    let absent = observation.get("dataAbsentReason");
    match (quantity, absent) {
        (Some(quantity), None) => read_quantity(&quantity),
        (None, Some(absent)) => Ok(missing(read_absent(&absent)?)),
        (Some(_), Some(absent)) => {
            Err(absent.refuse("stands beside a value; there is either a value or a reason for none"))
        }
        (None, None) => Err(observation.lacks(
            "valueQuantity",
            "is missing, and so is dataAbsentReason; a number with a unit and perhaps a comparator, or a reason, is required",
        )),
    }
}

/// That there is no concentration.
pub(super) fn missing(reason: v1::MissingReason) -> v1::Measurement {
    v1::Measurement {
        outcome: Some(Outcome::Missing(reason.into())),
        unit: v1::ConcentrationUnit::Unspecified.into(),
    }
}

fn read_quantity(quantity: &Node<'_>) -> Result<v1::Measurement, Refused> {
    let (value, unit) = read_amount(quantity)?;
    let outcome = match quantity.get("comparator") {
        None => Outcome::Value(value),
        Some(comparator) => match comparator.text()? {
            "<" | "<=" => Outcome::Below(value),
            ">" | ">=" => Outcome::Above(value),
            _ => return Err(comparator.refuse("is none of <, <=, > and >=")),
        },
    };
    Ok(v1::Measurement {
        outcome: Some(outcome),
        unit: to_message(unit).into(),
    })
}

/// Reads a number and its unit.
pub(super) fn read_amount(quantity: &Node<'_>) -> Result<(f64, Unit), Refused> {
    let value = quantity
        .get("value")
        .ok_or_else(|| quantity.lacks("value", "is missing; a number is required"))?;
    let number = value.number()?;
    if number < 0.0 {
        return Err(value.refuse("is negative; a concentration is 0 or more"));
    }
    Ok((number, read_unit(quantity)?))
}

fn read_unit(quantity: &Node<'_>) -> Result<Unit, Refused> {
    let named = quantity.get("code").or_else(|| quantity.get("unit"));
    let Some(named) = named else {
        return Err(quantity.lacks(
            "code",
            "is missing, and so is unit; nmol/L, ug/dL, ng/mL or ug/L is required",
        ));
    };
    let text = named.text()?;
    let small = text.to_lowercase();
    let synonym = SYNONYMS.iter().find(|(name, _)| *name == small);
    Unit::from_ucum(text)
        .or(synonym.map(|(_, unit)| *unit))
        .ok_or_else(|| {
            named.refuse("is none of the units nmol/L, ug/dL, ng/mL and ug/L; convert it where it is known what it means")
        })
}

fn read_absent(absent: &Node<'_>) -> Result<v1::MissingReason, Refused> {
    let codings = absent.items("coding");
    let of = |system: &str| codings.iter().find(|coding| coding.has("system", system));
    if let Some(own) = of(names::MISSING_REASON).and_then(|coding| coding.get("code")) {
        return code::read(own.text()?)
            .ok_or_else(|| own.refuse("is no code of `diel codes` for a missing result"));
    }
    let said = absent.maybe_text("text")?.map(str::to_lowercase);
    if let Some("qns" | "quantity not sufficient" | "insufficient volume" | "insufficient") =
        said.as_deref()
    {
        return Ok(v1::MissingReason::InsufficientVolume);
    }
    let rule = "is no reason that diel keeps: not-performed (no sample), error (of the instrument), or a code of `diel codes` in \
                the system https://diel.invalid/fhir/CodeSystem/missing-reason";
    let general = of(names::DATA_ABSENT_REASON)
        .or(codings.first())
        .and_then(|coding| coding.get("code"))
        .ok_or_else(|| absent.refuse(rule))?;
    match general.text()? {
        "not-performed" => Ok(v1::MissingReason::NoSample),
        "error" => Ok(v1::MissingReason::InstrumentError),
        _ => Err(general.refuse(rule)),
    }
}
