//! A resource on its way out.

use serde_json::{Map, Value, json};

use super::names;

/// A resource with its id, which is made of what it is about: the same thing has the same id in every export.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    pub(super) id: String,
    pub(super) body: Map<String, Value>,
    /// The id of the Specimen that it refers to.
    pub(super) specimen: Option<String>,
}

impl Resource {
    /// The resource as JSON, as it stands in a file of resources one a line.
    #[must_use]
    pub fn value(&self) -> Value {
        self.referring(|id| format!("Specimen/{id}"))
    }

    /// With its reference written as the file resolves it.
    pub(super) fn referring(&self, reference: impl FnOnce(&str) -> String) -> Value {
        let mut body = self.body.clone();
        if let Some(id) = &self.specimen {
            body.insert("specimen".to_owned(), json!({ "reference": reference(id) }));
        }
        Value::Object(body)
    }
}

/// The id of what a name names: 122 bits of its BLAKE3, as a UUID of version 8.
pub(super) fn id(name: &str) -> String {
    let mut bytes = [0; 16];
    blake3::Hasher::new()
        .update(name.as_bytes())
        .finalize_xof()
        .fill(&mut bytes);
    uuid::Builder::from_custom_bytes(bytes)
        .into_uuid()
        .to_string()
}

/// A person, by the pseudonymous code alone.
pub(super) fn subject(study: &str, participant: &str) -> Value {
    json!({
        "type": "Patient",
        "identifier": { "system": names::system(study, "participants"), "value": participant },
    })
}

/// Members of an object, those that are there.
pub(super) fn members(
    given: impl IntoIterator<Item = (&'static str, Option<Value>)>,
) -> Map<String, Value> {
    given
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

/// An array, unless it is empty: FHIR has no empty arrays.
pub(super) fn filled(items: Vec<Value>) -> Option<Value> {
    (!items.is_empty()).then_some(Value::Array(items))
}

/// A text, unless it is empty: FHIR has no empty texts.
pub(super) fn text(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| json!(text))
}
