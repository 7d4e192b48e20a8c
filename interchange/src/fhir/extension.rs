//! Extensions on their way out.

use serde_json::{Value, json};

use super::names;

/// Extensions of one element, in the order in which they are added.
#[derive(Debug, Default)]
pub(super) struct Extensions(Vec<Value>);

impl Extensions {
    /// Adds an extension with a value, if there is one. `kind` is the name of the value's member, such as `valueString`.
    pub(super) fn add(&mut self, name: &str, kind: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            let value: Value = value.into();
            self.0
                .push(json!({ "url": names::extension(name), kind: value }));
        }
    }

    /// Adds an extension with extensions of its own, by their bare names.
    pub(super) fn add_parts(&mut self, name: &str, parts: Vec<Value>) {
        self.0
            .push(json!({ "url": names::extension(name), "extension": parts }));
    }

    pub(super) fn finish(self) -> Vec<Value> {
        self.0
    }
}
