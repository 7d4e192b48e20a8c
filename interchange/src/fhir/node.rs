//! JSON that knows where it stands.

use serde_json::{Number, Value};

use super::names;
use super::refused::Refused;

/// The longest value that a refusal shows, in characters.
const SHOWN: usize = 60;

/// An element and its path.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    value: &'a Value,
    path: String,
}

impl<'a> Node<'a> {
    pub(super) fn new(value: &'a Value, path: String) -> Self {
        Self { value, path }
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// A member of an object, where it has one.
    pub(super) fn get(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        Some(Self {
            value,
            path: self.below(name),
        })
    }

    /// The path of a member.
    fn below(&self, name: &str) -> String {
        if self.path.is_empty() || self.path.ends_with(": ") {
            format!("{}{name}", self.path)
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// A member by the members on the way to it.
    pub(super) fn find(&self, names: &[&str]) -> Option<Self> {
        names
            .iter()
            .try_fold(self.clone(), |node, name| node.get(name))
    }

    /// The items of an array that is a member; none where there is none.
    pub(super) fn items(&self, name: &str) -> Vec<Self> {
        let Some(array) = self.get(name) else {
            return Vec::new();
        };
        let items = array.value.as_array().into_iter().flatten().enumerate();
        items
            .map(|(index, value)| Self {
                value,
                path: format!("{}[{index}]", array.path),
            })
            .collect()
    }

    /// Whether it is this text.
    pub(super) fn is(&self, text: &str) -> bool {
        self.value.as_str() == Some(text)
    }

    /// Whether a member is this text.
    pub(super) fn has(&self, name: &str, text: &str) -> bool {
        self.get(name).is_some_and(|member| member.is(text))
    }

    /// As it stands, with blanks at its ends: a code that has them is another code.
    pub(super) fn text(&self) -> Result<&'a str, Refused> {
        let text = self.value.as_str();
        text.filter(|text| !text.is_empty())
            .ok_or_else(|| self.refuse("is not a text"))
    }

    /// The text of a member; `None` where there is none.
    pub(super) fn maybe_text(&self, name: &str) -> Result<Option<&'a str>, Refused> {
        self.get(name).map(|member| member.text()).transpose()
    }

    pub(super) fn number(&self) -> Result<f64, Refused> {
        let number = self.value.as_number().and_then(Number::as_f64);
        number.ok_or_else(|| self.refuse("is not a number"))
    }

    pub(super) fn integer(&self) -> Result<i32, Refused> {
        let number = self
            .value
            .as_i64()
            .and_then(|number| i32::try_from(number).ok());
        number.ok_or_else(|| self.refuse("is not a whole number"))
    }

    /// The project's extensions of a name.
    pub(super) fn extensions(&self, name: &str) -> Vec<Self> {
        let url = names::extension(name);
        let all = self.items("extension");
        all.into_iter()
            .filter(|extension| extension.has("url", &url))
            .collect()
    }

    /// The value of the first of them, where there is one.
    pub(super) fn extension(&self, name: &str, value: &str) -> Result<Option<Self>, Refused> {
        let Some(extension) = self.extensions(name).into_iter().next() else {
            return Ok(None);
        };
        let found = extension.get(value);
        found.map(Some).ok_or_else(|| {
            let rule = format!("is the extension {name}, which has a {value}");
            extension.refuse(&rule)
        })
    }

    /// That this element breaks a rule.
    pub(super) fn refuse(&self, rule: &str) -> Refused {
        let text = match self.value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let mut shown: String = text.chars().take(SHOWN).collect();
        if shown.len() < text.len() {
            shown.push_str("...");
        }
        Refused {
            path: self.path.clone(),
            value: shown,
            rule: rule.to_owned(),
        }
    }

    /// That this element lacks a member.
    pub(super) fn lacks(&self, member: &str, rule: &str) -> Refused {
        Refused {
            path: self.below(member),
            value: String::new(),
            rule: rule.to_owned(),
        }
    }
}
