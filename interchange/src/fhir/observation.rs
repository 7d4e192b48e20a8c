//! Results.

use diel_core::Unit;
use diel_proto::v1;
use serde_json::{Value, json};

use super::extension::Extensions;
use super::measurement::{self, quantity, read_amount, to_message, unit_of};
use super::node::Node;
use super::refused::Refused;
use super::resource::{Resource, filled, id, members, subject, text};
use super::specimen::{code_of, collected, resource_id};
use super::{names, time};

pub(super) fn write(study: &str, specimen: &v1::Specimen, batch: &v1::Batch) -> Option<Resource> {
    let result = specimen.result.as_ref()?;
    let measurement = result.concentration.as_ref()?;
    let (member, value) = measurement::write(measurement)?;
    let code = code_of(&specimen.name);
    let collection = specimen.collection.as_ref();
    let id = id(&format!("studies/{study}/specimens/{code}/result"));
    let issued = result
        .create_time
        .as_ref()
        .and_then(|at| time::write(at, 0));
    let mut body = members([
        ("resourceType", Some(json!("Observation"))),
        ("id", Some(json!(id))),
        ("extension", filled(extensions(study, result, batch))),
        (
            "identifier",
            Some(json!([{
                "system": names::system(study, "results"),
                "value": format!("{code}/{}", result.revision),
            }])),
        ),
        ("status", Some(json!(status(result)))),
        (
            "category",
            Some(json!([{
                "coding": [{ "system": names::OBSERVATION_CATEGORY, "code": "laboratory" }],
            }])),
        ),
        ("code", Some(analyte(unit_of(measurement.unit())))),
        (
            "subject",
            collection.map(|facts| subject(study, &facts.participant)),
        ),
        (
            "effectiveDateTime",
            collection.and_then(collected).map(Value::from),
        ),
        ("issued", issued.map(Value::from)),
        (
            "performer",
            text(&batch.lab).map(|lab| json!([{ "display": lab }])),
        ),
        (
            "note",
            text(&result.amendment_reason).map(|why| json!([{ "text": why }])),
        ),
        (
            "method",
            text(&batch.assay).map(|assay| json!({ "text": assay })),
        ),
        (
            "device",
            text(&batch.kit).map(|kit| json!({ "display": kit })),
        ),
    ]);
    body.insert(member.to_owned(), value);
    Some(Resource {
        id,
        body,
        specimen: Some(resource_id(study, code)),
    })
}

/// What became of the result, in the words of R4.
fn status(result: &v1::Result) -> &'static str {
    match result.cause() {
        v1::RevisionCause::Recalled => "entered-in-error",
        _ if result.revision > 1 => "amended",
        _ => "final",
    }
}

/// What was measured: LOINC has a code for amounts and one for masses.
fn analyte(unit: Option<Unit>) -> Value {
    let (code, display) = match unit {
        None | Some(Unit::NmolPerL) => (
            names::MOLES_PER_VOLUME,
            "Cortisol [Moles/volume] in Saliva (oral fluid)",
        ),
        Some(Unit::UgPerDl | Unit::NgPerMl | Unit::UgPerL) => (
            names::MASS_PER_VOLUME,
            "Cortisol [Mass/volume] in Saliva (oral fluid)",
        ),
    };
    json!({
        "coding": [{ "system": names::LOINC, "code": code, "display": display }],
        "text": "Salivary cortisol",
    })
}

fn extensions(study: &str, result: &v1::Result, batch: &v1::Batch) -> Vec<Value> {
    let mut extensions = Extensions::default();
    let id = batch.name.rsplit('/').next().unwrap_or_default();
    let identifier =
        text(id).map(|id| json!({ "system": names::system(study, "batches"), "value": id }));
    extensions.add(names::BATCH, "valueIdentifier", identifier);
    extensions.add(names::PLATE, "valueString", text(&batch.plate));
    extensions.add(names::WELL, "valueString", text(&result.well));
    extensions.add(names::RUN_DATE, "valueDate", text(&batch.run_date));
    let unit = unit_of(batch.limit_unit());
    for (name, limit) in [
        (names::LIMIT_OF_DETECTION, batch.limit_of_detection),
        (names::LOWER_LIMIT, batch.lower_limit_of_quantification),
        (names::UPPER_LIMIT, batch.upper_limit_of_quantification),
    ] {
        let limit = limit
            .zip(unit)
            .map(|(limit, unit)| quantity(limit, unit, None));
        extensions.add(name, "valueQuantity", limit);
    }
    extensions.add(
        names::REPLICATE_COUNT,
        "valueInteger",
        result.replicate_count,
    );
    extensions.add(
        names::REPLICATE_CV,
        "valueDecimal",
        result.replicate_cv_percent,
    );
    extensions.finish()
}

/// Whether an Observation is of salivary cortisol.
pub(super) fn is_cortisol(observation: &Node<'_>) -> bool {
    let codings = observation.get("code").map(|code| code.items("coding"));
    codings.into_iter().flatten().any(|coding| {
        coding.has("system", names::LOINC)
            && (coding.has("code", names::MOLES_PER_VOLUME)
                || coding.has("code", names::MASS_PER_VOLUME))
    })
}

/// Reads what was measured, by the status. What was entered in error is kept as rejected, whatever it says.
pub(super) fn read_measurement(observation: &Node<'_>) -> Result<v1::Measurement, Refused> {
    let status = observation
        .get("status")
        .ok_or_else(|| observation.lacks("status", "is missing; final is, or amended"))?;
    match status.text()? {
        "final" | "amended" | "corrected" => measurement::read(observation),
        "entered-in-error" => Ok(measurement::missing(v1::MissingReason::RejectedByLab)),
        _ => Err(status.refuse(
            "is none of final, amended, corrected and entered-in-error; what is not final is not stored",
        )),
    }
}

/// Reads what the results of a run have in common; `lab` and `assay` are empty where they are not stated.
pub(super) fn read_batch(observation: &Node<'_>) -> Result<v1::Batch, Refused> {
    let mut batch = v1::Batch::default();
    if let Some(performer) = observation.items("performer").first() {
        batch.lab = performer
            .maybe_text("display")?
            .unwrap_or_default()
            .to_owned();
    }
    if let Some(method) = observation.get("method") {
        let coding = method.items("coding").into_iter().next();
        let display = coding
            .map(|coding| coding.maybe_text("display"))
            .transpose()?;
        let named = method.maybe_text("text")?.or(display.flatten());
        batch.assay = named.unwrap_or_default().to_owned();
    }
    if let Some(device) = observation.get("device") {
        batch.kit = device.maybe_text("display")?.unwrap_or_default().to_owned();
    }
    if let Some(id) = observation.extension(names::BATCH, "valueIdentifier")? {
        batch.name = id.maybe_text("value")?.unwrap_or_default().to_owned();
    }
    if let Some(plate) = observation.extension(names::PLATE, "valueString")? {
        batch.plate = plate.text()?.to_owned();
    }
    if let Some(date) = observation.extension(names::RUN_DATE, "valueDate")? {
        batch.run_date = date.text()?.to_owned();
    }
    for (name, limit) in [
        (names::LIMIT_OF_DETECTION, &mut batch.limit_of_detection),
        (names::LOWER_LIMIT, &mut batch.lower_limit_of_quantification),
        (names::UPPER_LIMIT, &mut batch.upper_limit_of_quantification),
    ] {
        let Some(quantity) = observation.extension(name, "valueQuantity")? else {
            continue;
        };
        let (amount, unit) = read_amount(&quantity)?;
        let unit: i32 = to_message(unit).into();
        if batch.limit_unit != 0 && batch.limit_unit != unit {
            return Err(quantity.refuse("is in another unit than the limit before it"));
        }
        batch.limit_unit = unit;
        *limit = Some(amount);
    }
    Ok(batch)
}

/// Reads the rest of a row.
pub(super) fn read_row(
    observation: &Node<'_>,
    specimen: String,
    collection: Option<v1::Collection>,
) -> Result<v1::ResultInput, Refused> {
    let count = observation.extension(names::REPLICATE_COUNT, "valueInteger")?;
    let cv = observation.extension(names::REPLICATE_CV, "valueDecimal")?;
    let well = observation.extension(names::WELL, "valueString")?;
    Ok(v1::ResultInput {
        specimen,
        concentration: Some(read_measurement(observation)?),
        replicate_count: count.map(|count| count.integer()).transpose()?,
        replicate_cv_percent: cv.map(|cv| cv.number()).transpose()?,
        well: well.map_or(Ok(""), |well| well.text())?.to_owned(),
        collection,
    })
}
