//! What a transaction did, gathered while it runs and written last.
//!
//! The end of a study's chain is held from the moment that something is appended to it until the commit, and writers of
//! one study wait for each other there. Gathered entries are appended at once, when everything else is done.

use std::collections::BTreeMap;

use diel_core::audit::Record;
use jiff::Timestamp;
use serde_json::Value;

use crate::{Call, FlagState};

/// The chain of what lies outside any study.
pub(crate) const OUTSIDE: i64 = 0;

/// Who takes the steps that follow from data.
pub(crate) const DIEL: &str = "diel";

/// The entries of a transaction, by the number of the study.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    chains: BTreeMap<i64, Vec<Noted>>,
    place: Place,
}

/// Where entries may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Place {
    /// In the chain of a study that stands.
    #[default]
    InLife,
    /// Also behind the end that a deletion has put to the chain: only the deletion itself writes there.
    BehindTheClosing,
}

/// An entry before it has its place in the chain.
#[derive(Debug)]
pub(crate) struct Noted {
    pub(crate) record: Record,
    /// The step of a flag that it is about.
    pub(crate) step: Option<FlagStep>,
}

/// A step of a flag, for those who watch.
#[derive(Debug)]
pub(crate) struct FlagStep {
    pub(crate) flag: String,
    /// The number of the event.
    pub(crate) event: i64,
    /// Where the flag stands afterwards.
    pub(crate) state: FlagState,
}

/// What is to be noted. Null is nothing.
#[derive(Debug, Default)]
pub(crate) struct Note<'a> {
    /// What was done, a verb and its object.
    pub(crate) action: &'a str,
    /// The name of what it was done to.
    pub(crate) resource: String,
    /// What was changed, as it was before.
    pub(crate) before: Value,
    /// The same afterwards.
    pub(crate) after: Value,
    /// Why.
    pub(crate) reason: &'a str,
}

impl Note<'_> {
    /// Keeps of two objects the members that differ.
    pub(crate) fn of_differences(mut self) -> Self {
        if let (Value::Object(before), Value::Object(after)) = (&mut self.before, &mut self.after) {
            before.retain(|member, value| {
                let differs = after.get(member) != Some(value);
                if !differs {
                    after.remove(member);
                }
                differs
            });
        }
        self
    }
}

impl Trail {
    /// Lets the entries stand behind the end of a study that is being deleted.
    pub(crate) fn go_behind_the_closing(&mut self) {
        self.place = Place::BehindTheClosing;
    }

    /// Where the entries may stand.
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// Notes what a caller did.
    pub(crate) fn note(&mut self, study_no: i64, study: &str, call: &Call, note: Note<'_>) {
        self.add(study_no, record(study, &call.actor, call.now, note), None);
    }

    /// Puts a record, with the step that it is about, behind those of its study.
    pub(crate) fn add(&mut self, study_no: i64, record: Record, step: Option<FlagStep>) {
        let chain = self.chains.entry(study_no).or_default();
        chain.push(Noted { record, step });
    }

    /// The entries of each study, in the order in which their chains are to be held.
    pub(crate) fn into_chains(self) -> BTreeMap<i64, Vec<Noted>> {
        self.chains
    }
}

/// A note as a record.
pub(crate) fn record(study: &str, actor: &str, at: Timestamp, note: Note<'_>) -> Record {
    Record {
        study: study.to_owned(),
        at_us: at.as_microsecond(),
        actor: actor.to_owned(),
        action: note.action.to_owned(),
        resource: note.resource,
        before: text(&note.before),
        after: text(&note.after),
        reason: note.reason.to_owned(),
    }
}

/// Compact JSON with sorted keys, as serde_json keeps them.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Note, text};

    #[test]
    fn only_what_differs_is_kept_and_keys_are_sorted() {
        let note = Note {
            before: json!({"sex": "female", "group": "control", "age_years": null}),
            after: json!({"sex": "female", "group": "case", "age_years": 34.5}),
            ..Note::default()
        };
        let note = note.of_differences();
        assert_eq!(
            text(&note.before),
            r#"{"age_years":null,"group":"control"}"#
        );
        assert_eq!(text(&note.after), r#"{"age_years":34.5,"group":"case"}"#);
        assert_eq!(text(&serde_json::Value::Null), "");
    }
}
