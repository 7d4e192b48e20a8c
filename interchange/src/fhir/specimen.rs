//! Tubes.

use diel_proto::v1;
use serde_json::{Value, json};

use super::extension::Extensions;
use super::node::Node;
use super::refused::Refused;
use super::resource::{Resource, filled, id, members, subject, text};
use super::{code, names, time};

/// The id of a specimen's resource.
pub(super) fn resource_id(study: &str, specimen: &str) -> String {
    id(&format!("studies/{study}/specimens/{specimen}"))
}

/// The code of a specimen, from its name.
pub(super) fn code_of(name: &str) -> &str {
    name.split('/').nth(3).unwrap_or(name)
}

/// The text of the time of collection.
pub(super) fn collected(collection: &v1::Collection) -> Option<String> {
    let at = collection.collection_time.as_ref()?;
    time::write(at, collection.collection_utc_offset_minutes.unwrap_or(0))
}

pub(super) fn write(study: &str, specimen: &v1::Specimen) -> Resource {
    let code = code_of(&specimen.name);
    let id = resource_id(study, code);
    let collection = specimen.collection.as_ref();
    let extensions = collection.map_or_else(Vec::new, extensions);
    let body = members([
        ("resourceType", Some(json!("Specimen"))),
        ("id", Some(json!(id))),
        ("extension", filled(extensions)),
        (
            "identifier",
            Some(json!([{ "system": names::system(study, "specimens"), "value": code }])),
        ),
        (
            "type",
            Some(json!({
                "coding": [{ "system": names::SNOMED, "code": names::SALIVA, "display": "Saliva specimen" }],
            })),
        ),
        (
            "subject",
            collection.map(|facts| subject(study, &facts.participant)),
        ),
        (
            "collection",
            collection
                .and_then(collected)
                .map(|at| json!({ "collectedDateTime": at })),
        ),
    ]);
    Resource {
        id,
        body,
        specimen: None,
    }
}

fn extensions(collection: &v1::Collection) -> Vec<Value> {
    let mut extensions = Extensions::default();
    extensions.add(names::LABEL, "valueString", text(&collection.label));
    let source = code::write(collection.collection_time_source());
    extensions.add(names::TIME_SOURCE, "valueCode", source);
    let awakening = collection
        .awakening_time
        .as_ref()
        .and_then(|at| time::write(at, collection.awakening_utc_offset_minutes.unwrap_or(0)));
    if let Some(at) = awakening {
        let mut parts = vec![json!({ "url": "time", "valueDateTime": at })];
        let source = code::write(collection.awakening_source());
        parts.extend(source.map(|source| json!({ "url": "source", "valueCode": source })));
        extensions.add_parts(names::AWAKENING, parts);
    }
    for condition in collection.conditions() {
        extensions.add(names::CONDITION, "valueCode", code::write(condition));
    }
    extensions.add(names::AGE, "valueDecimal", collection.age_years);
    extensions.add(names::SEX, "valueCode", code::write(collection.sex()));
    extensions.add(names::GROUP, "valueString", text(&collection.group));
    extensions.finish()
}

/// The id of a specimen: of its identifiers the project's own, else the one that the laboratory gave, else the first.
pub(super) fn read_code(specimen: &Node<'_>) -> Result<String, Refused> {
    let identifiers = specimen.items("identifier");
    let is_own = |identifier: &&Node<'_>| {
        let system = identifier.get("system");
        let system = system.as_ref().and_then(|system| system.text().ok());
        system.is_some_and(|system| system.starts_with(names::BASE))
    };
    let chosen = identifiers
        .iter()
        .find(is_own)
        .cloned()
        .or_else(|| specimen.get("accessionIdentifier"))
        .or_else(|| identifiers.first().cloned());
    let value = chosen.and_then(|identifier| identifier.get("value"));
    match value {
        Some(value) => Ok(value.text()?.to_owned()),
        None => Err(specimen.lacks(
            "identifier",
            "is missing; the specimen's id joins it with what others know of it",
        )),
    }
}

/// The pseudonymous code of the subject of a Specimen or an Observation; `None` where none is named.
pub(super) fn read_subject(resource: &Node<'_>) -> Result<Option<String>, Refused> {
    let Some(subject) = resource.get("subject") else {
        return Ok(None);
    };
    if let Some(value) = subject.find(&["identifier", "value"]) {
        return Ok(Some(value.text()?.to_owned()));
    }
    let Some(reference) = subject.get("reference") else {
        return Err(subject.lacks(
            "identifier",
            "is missing, and so is reference; the participant's pseudonymous code is required",
        ));
    };
    let text = reference.text()?;
    match text.rsplit(['/', ':']).next() {
        Some(code) if !code.is_empty() => Ok(Some(code.to_owned())),
        _ => Err(reference.refuse("names nobody; Patient/CODE is read")),
    }
}

/// The collection facts that a Specimen, or else its Observation, states; `None` while they are not known.
pub(super) fn read_collection(
    specimen: Option<&Node<'_>>,
    observation: Option<&Node<'_>>,
) -> Result<Option<v1::Collection>, Refused> {
    let mut participant = None;
    for resource in [specimen, observation].into_iter().flatten() {
        let found = read_subject(resource)?;
        match (&participant, found) {
            (None, found) => participant = found,
            (Some(known), Some(other)) if *known != other => {
                let rule = format!("is another subject than {known}, whose the specimen is");
                return Err(resource
                    .get("subject")
                    .map_or_else(|| resource.refuse(&rule), |subject| subject.refuse(&rule)));
            }
            _ => {}
        }
    }
    let collected = read_collected(specimen, observation)?;
    let (participant, collected) = match (participant, collected) {
        (Some(participant), Some(collected)) => (participant, collected),
        (None, None) => return Ok(None),
        (found, _) => {
            let lacking = if found.is_some() {
                (
                    "effectiveDateTime",
                    "is missing; when saliva was collected is required",
                )
            } else {
                (
                    "subject",
                    "is missing; whose saliva it is is required with the time",
                )
            };
            let resource = specimen.or(observation);
            return match resource {
                Some(resource) => Err(resource.lacks(lacking.0, lacking.1)),
                None => Ok(None),
            };
        }
    };
    let mut collection = v1::Collection {
        participant,
        collection_time: Some(collected.at),
        collection_utc_offset_minutes: collected.utc_offset_minutes,
        ..v1::Collection::default()
    };
    if let Some(specimen) = specimen {
        read_extensions(specimen, &mut collection)?;
    }
    Ok(Some(collection))
}

fn read_collected(
    specimen: Option<&Node<'_>>,
    observation: Option<&Node<'_>>,
) -> Result<Option<time::Instant>, Refused> {
    let of_specimen = specimen.and_then(|one| one.find(&["collection", "collectedDateTime"]));
    let of_observation = observation.and_then(|one| {
        one.get("effectiveDateTime")
            .or_else(|| one.get("effectiveInstant"))
    });
    let (Some(first), second) = (
        of_specimen.clone().or(of_observation.clone()),
        of_observation,
    ) else {
        return Ok(None);
    };
    let read = time::read(&first)?;
    if let (Some(_), Some(second)) = (of_specimen, second)
        && time::read(&second)?.at != read.at
    {
        return Err(second.refuse("is another instant than the collection of its specimen"));
    }
    Ok(Some(read))
}

fn read_extensions(specimen: &Node<'_>, into: &mut v1::Collection) -> Result<(), Refused> {
    if let Some(label) = specimen.extension(names::LABEL, "valueString")? {
        into.label = label.text()?.to_owned();
    }
    if let Some(source) = specimen.extension(names::TIME_SOURCE, "valueCode")? {
        into.collection_time_source = read_coded::<v1::TimeSource>(&source)?.into();
    }
    for awakening in specimen.extensions(names::AWAKENING) {
        let parts = awakening.items("extension");
        for part in &parts {
            if part.has("url", "time") {
                let at = part.get("valueDateTime").ok_or_else(|| {
                    part.lacks(
                        "valueDateTime",
                        "is missing; when the person woke is required",
                    )
                })?;
                let at = time::read(&at)?;
                into.awakening_time = Some(at.at);
                into.awakening_utc_offset_minutes = at.utc_offset_minutes;
            } else if let Some(source) = part.get("valueCode").filter(|_| part.has("url", "source"))
            {
                into.awakening_source = read_coded::<v1::TimeSource>(&source)?.into();
            }
        }
    }
    into.conditions = read_conditions(specimen)?;
    if let Some(age) = specimen.extension(names::AGE, "valueDecimal")? {
        into.age_years = Some(age.number()?);
    }
    if let Some(sex) = specimen.extension(names::SEX, "valueCode")? {
        into.sex = read_coded::<v1::Sex>(&sex)?.into();
    }
    if let Some(group) = specimen.extension(names::GROUP, "valueString")? {
        into.group = group.text()?.to_owned();
    }
    Ok(())
}

/// The conditions that extensions state.
pub(super) fn read_conditions(resource: &Node<'_>) -> Result<Vec<i32>, Refused> {
    let mut conditions = Vec::new();
    for extension in resource.extensions(names::CONDITION) {
        let code = extension
            .get("valueCode")
            .ok_or_else(|| extension.lacks("valueCode", "is missing; a condition is required"))?;
        conditions.push(read_coded::<v1::Condition>(&code)?.into());
    }
    Ok(conditions)
}

/// A value of an enumeration from its code.
pub(super) fn read_coded<T: code::Coded>(node: &Node<'_>) -> Result<T, Refused> {
    code::read(node.text()?).ok_or_else(|| {
        let kind = T::PREFIX
            .trim_end_matches('_')
            .to_lowercase()
            .replace('_', " ");
        node.refuse(&format!("is no {kind} that diel knows"))
    })
}
