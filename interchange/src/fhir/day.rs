//! What is known of a sampling day apart from its tubes.

use diel_proto::v1;
use serde_json::json;

use super::extension::Extensions;
use super::node::Node;
use super::refused::Refused;
use super::resource::{Resource, filled, id, members, subject};
use super::specimen::{read_coded, read_conditions, read_subject};
use super::{code, names, time};

/// The awakening that began a sampling day, and what holds on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Day {
    /// The participant's code.
    pub participant: String,
    /// When the person woke.
    pub awakening_time: prost_types::Timestamp,
    /// The offset from UTC then, in minutes east.
    pub awakening_utc_offset_minutes: i32,
    /// What holds on the day.
    pub conditions: Vec<v1::Condition>,
}

pub(super) fn write(study: &str, day: &Day) -> Resource {
    let at = time::write(&day.awakening_time, day.awakening_utc_offset_minutes);
    let key = format!("{}/{}", day.participant, at.as_deref().unwrap_or_default());
    let id = id(&format!("studies/{study}/days/{key}"));
    let mut extensions = Extensions::default();
    for condition in &day.conditions {
        extensions.add(names::CONDITION, "valueCode", code::write(*condition));
    }
    let body = members([
        ("resourceType", Some(json!("Observation"))),
        ("id", Some(json!(id))),
        ("extension", filled(extensions.finish())),
        (
            "identifier",
            Some(json!([{ "system": names::system(study, "days"), "value": key }])),
        ),
        ("status", Some(json!("final"))),
        (
            "code",
            Some(json!({
                "coding": [{
                    "system": names::OBSERVATION,
                    "code": names::AWAKENING_CODE,
                    "display": "Awakening that began a sampling day",
                }],
            })),
        ),
        ("subject", Some(subject(study, &day.participant))),
        ("effectiveDateTime", at.as_deref().map(|at| json!(at))),
        ("valueDateTime", at.as_deref().map(|at| json!(at))),
    ]);
    Resource {
        id,
        body,
        specimen: None,
    }
}

/// Whether an Observation is an awakening.
pub(super) fn is_day(observation: &Node<'_>) -> bool {
    let codings = observation.get("code").map(|code| code.items("coding"));
    codings.into_iter().flatten().any(|coding| {
        coding.has("system", names::OBSERVATION) && coding.has("code", names::AWAKENING_CODE)
    })
}

/// Reads an awakening as it is registered.
pub(super) fn read(observation: &Node<'_>) -> Result<v1::SamplingDayInput, Refused> {
    let participant = read_subject(observation)?
        .ok_or_else(|| observation.lacks("subject", "is missing; who woke is required"))?;
    let at = observation.get("valueDateTime").ok_or_else(|| {
        observation.lacks(
            "valueDateTime",
            "is missing; when the person woke is required",
        )
    })?;
    let at = time::read(&at)?;
    let source = observation
        .extension(names::AWAKENING_SOURCE, "valueCode")?
        .map(|source| read_coded::<v1::TimeSource>(&source))
        .transpose()?
        .unwrap_or_default();
    Ok(v1::SamplingDayInput {
        participant,
        awakening_time: Some(at.at),
        awakening_utc_offset_minutes: at.utc_offset_minutes,
        awakening_source: source.into(),
        conditions: read_conditions(observation)?,
    })
}
