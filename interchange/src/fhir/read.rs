//! Reads a Bundle, or resources one a line: everything good, and everything that is not with where and why.

use std::collections::{HashMap, HashSet};

use diel_proto::v1;
use serde_json::{Deserializer, Value};

use super::node::Node;
use super::refused::{ReadError, Refused};
use super::{day, observation, specimen};

/// A result, and the facts of the run that it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedSample {
    /// Where it stands.
    pub path: String,
    /// What the results of the run have in common; `name` is the id of the batch where the file says one.
    pub batch: v1::Batch,
    /// The result.
    pub row: v1::ResultInput,
}

/// A tube without a result.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedSpecimen {
    /// Where it stands.
    pub path: String,
    /// Its collection facts.
    pub specimen: v1::SpecimenInput,
}

/// A day.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedDay {
    /// Where it stands.
    pub path: String,
    /// What is known of it.
    pub day: v1::SamplingDayInput,
}

/// What a file holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Imported {
    /// Results, in the order of the file.
    pub samples: Vec<ImportedSample>,
    /// Tubes without a result.
    pub specimens: Vec<ImportedSpecimen>,
    /// Days.
    pub days: Vec<ImportedDay>,
    /// What was refused, in the order of the file.
    pub refused: Vec<Refused>,
    /// Resources of other kinds, and Observations of other things.
    pub skipped: usize,
}

/// Reads a file.
///
/// # Errors
/// It is no JSON, holds no resource, or none of the kinds that are read. Bad resources are no error: they are listed.
pub fn read(bytes: &[u8]) -> Result<Imported, ReadError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let documents = documents(bytes)?;
    let mut resources = Vec::new();
    for (line, document) in &documents {
        if document.get("resourceType").and_then(Value::as_str) == Some("Bundle") {
            let bundle = Node::new(document, String::new());
            for entry in bundle.items("entry") {
                let full_url = entry.maybe_text("fullUrl").ok().flatten();
                if let Some(resource) = entry.get("resource") {
                    resources.push(Found::new(resource, full_url.map(str::to_owned)));
                }
            }
        } else if document.get("resourceType").is_some() {
            let resource = Node::new(document, format!("line {line}: "));
            resources.push(Found::new(resource, None));
        } else {
            return Err(ReadError::NoResource { line: *line });
        }
    }
    let imported = sort(&resources);
    let is_empty = imported.samples.is_empty()
        && imported.specimens.is_empty()
        && imported.days.is_empty()
        && imported.refused.is_empty();
    if is_empty {
        return Err(ReadError::Nothing {
            skipped: imported.skipped,
        });
    }
    Ok(imported)
}

/// The JSON documents of a file, with the lines that they begin on.
fn documents(bytes: &[u8]) -> Result<Vec<(usize, Value)>, ReadError> {
    let mut documents = Vec::new();
    let mut stream = Deserializer::from_slice(bytes).into_iter::<Value>();
    let (mut line, mut counted) = (1, 0);
    loop {
        let begin = stream.byte_offset();
        let blank = bytes.get(begin..).unwrap_or_default().iter();
        let begin = begin + blank.take_while(|byte| byte.is_ascii_whitespace()).count();
        let passed = bytes.get(counted..begin).unwrap_or_default().iter();
        line += passed.filter(|byte| **byte == b'\n').count();
        counted = begin;
        match stream.next() {
            None => break,
            Some(Ok(document)) => documents.push((line, document)),
            Some(Err(source)) => return Err(ReadError::Json { line, source }),
        }
    }
    if documents.is_empty() {
        return Err(ReadError::NoResource { line: 1 });
    }
    Ok(documents)
}

/// A resource, and what others refer to it by.
struct Found<'a> {
    resource: Node<'a>,
    full_url: Option<String>,
}

impl<'a> Found<'a> {
    fn new(resource: Node<'a>, full_url: Option<String>) -> Self {
        Self { resource, full_url }
    }

    fn is(&self, kind: &str) -> bool {
        self.resource.has("resourceType", kind)
    }
}

fn sort(resources: &[Found<'_>]) -> Imported {
    let mut imported = Imported::default();
    let specimens = by_reference(resources);
    let mut with_result = HashSet::new();
    for found in resources {
        let resource = &found.resource;
        if found.is("Observation") && observation::is_cortisol(resource) {
            match sample(resource, &specimens) {
                Ok((sample, path)) => {
                    with_result.extend(path);
                    imported.samples.push(sample);
                }
                Err((refused, path)) => {
                    with_result.extend(path);
                    imported.refused.push(refused);
                }
            }
        } else if found.is("Observation") && day::is_day(resource) {
            match unmodified(resource).and_then(|()| day::read(resource)) {
                Ok(day) => imported.days.push(ImportedDay {
                    path: resource.path().to_owned(),
                    day,
                }),
                Err(refused) => imported.refused.push(refused),
            }
        } else if !found.is("Specimen") {
            imported.skipped += 1;
        }
    }
    for found in resources.iter().filter(|found| found.is("Specimen")) {
        if with_result.contains(found.resource.path()) {
            continue;
        }
        match lone_specimen(&found.resource) {
            Ok(Some(specimen)) => imported.specimens.push(specimen),
            Ok(None) => imported.skipped += 1,
            Err(refused) => imported.refused.push(refused),
        }
    }
    imported
}

/// Specimens by what refers to them: the full URL of their entry, and their kind and id.
fn by_reference<'a, 'f>(resources: &'f [Found<'a>]) -> HashMap<String, &'f Node<'a>> {
    let mut specimens = HashMap::new();
    for found in resources.iter().filter(|found| found.is("Specimen")) {
        if let Some(url) = &found.full_url {
            specimens.insert(url.clone(), &found.resource);
        }
        if let Ok(Some(id)) = found.resource.maybe_text("id") {
            specimens.insert(format!("Specimen/{id}"), &found.resource);
        }
    }
    specimens
}

type Read = Result<(ImportedSample, Option<String>), (Refused, Option<String>)>;

/// A result, and the path of the Specimen that it is of.
fn sample(observation: &Node<'_>, specimens: &HashMap<String, &Node<'_>>) -> Read {
    let tube = match tube(observation, specimens) {
        Ok(tube) => tube,
        Err(refused) => return Err((refused, None)),
    };
    let path = tube.as_ref().map(|tube| tube.path().to_owned());
    match read_sample(observation, tube.as_ref()) {
        Ok(sample) => Ok((sample, path)),
        Err(refused) => Err((refused, path)),
    }
}

fn read_sample(observation: &Node<'_>, tube: Option<&Node<'_>>) -> Result<ImportedSample, Refused> {
    unmodified(observation)?;
    let code = match tube {
        Some(tube) => {
            unmodified(tube)?;
            specimen::read_code(tube)?
        }
        None => bare_code(observation)?,
    };
    let collection = specimen::read_collection(tube, Some(observation))?;
    let row = observation::read_row(observation, code, collection)?;
    Ok(ImportedSample {
        path: observation.path().to_owned(),
        batch: observation::read_batch(observation)?,
        row,
    })
}

/// The Specimen that an Observation refers to, in the file or contained.
fn tube<'a>(
    observation: &Node<'a>,
    specimens: &HashMap<String, &Node<'a>>,
) -> Result<Option<Node<'a>>, Refused> {
    let Some(reference) = observation.find(&["specimen", "reference"]) else {
        return Ok(None);
    };
    let text = reference.text()?;
    if let Some(id) = text.strip_prefix('#') {
        let mut contained = observation.items("contained").into_iter();
        let found = contained.find(|one| one.has("id", id) && one.has("resourceType", "Specimen"));
        return found
            .map(Some)
            .ok_or_else(|| reference.refuse("is no Specimen that is contained"));
    }
    // An absolute reference to a server names the same resource as its end does.
    let relative = text
        .rsplit_once("/Specimen/")
        .map(|(_, id)| format!("Specimen/{id}"));
    let found = specimens
        .get(text)
        .or_else(|| specimens.get(&relative.unwrap_or_default()));
    match found {
        Some(found) => Ok(Some((*found).clone())),
        None if observation.find(&["specimen", "identifier"]).is_some() => Ok(None),
        None => {
            Err(reference.refuse("is no Specimen of this file, and no identifier stands beside it"))
        }
    }
}

/// The id of a specimen whose Specimen is not in the file.
fn bare_code(observation: &Node<'_>) -> Result<String, Refused> {
    let named = observation.find(&["specimen", "identifier", "value"]);
    match named {
        Some(named) => Ok(named.text()?.to_owned()),
        None => Err(observation.lacks(
            "specimen",
            "is missing; a reference to a Specimen, or its identifier, is required: the specimen's id joins results with \
             what is known of the tube",
        )),
    }
}

fn lone_specimen(specimen: &Node<'_>) -> Result<Option<ImportedSpecimen>, Refused> {
    unmodified(specimen)?;
    let code = specimen::read_code(specimen)?;
    let collection = specimen::read_collection(Some(specimen), None)?;
    Ok(collection.map(|collection| ImportedSpecimen {
        path: specimen.path().to_owned(),
        specimen: v1::SpecimenInput {
            specimen: code,
            collection: Some(collection),
        },
    }))
}

/// Who does not know a modifier may not go on as if it was not there: so FHIR rules.
fn unmodified(resource: &Node<'_>) -> Result<(), Refused> {
    match resource.items("modifierExtension").first() {
        Some(modifier) => Err(modifier.refuse("is a modifier that is not known here")),
        None => Ok(()),
    }
}
