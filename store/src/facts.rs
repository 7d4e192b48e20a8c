//! The collection facts that belong to a tube itself, without what is known of its participant.

use diel_core::{Awakening, Conditions, Moment, TimeSource};

use crate::{Collection, Sex};

/// The facts of a tube.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TubeFacts {
    pub(crate) participant: String,
    pub(crate) collected: Moment,
    pub(crate) source: TimeSource,
    pub(crate) label: String,
    pub(crate) awakening: Option<(Moment, TimeSource)>,
    pub(crate) conditions: Conditions,
}

impl TubeFacts {
    pub(crate) fn of(collection: &Collection) -> Self {
        Self {
            participant: collection.participant.clone(),
            collected: collection.collected,
            source: collection.source,
            label: collection.label.clone(),
            awakening: collection.awakening,
            conditions: collection.conditions,
        }
    }

    /// The same as collection facts that say nothing of the participant.
    pub(crate) fn collection(&self) -> Collection {
        Collection {
            participant: self.participant.clone(),
            collected: self.collected,
            source: self.source,
            label: self.label.clone(),
            awakening: self.awakening,
            conditions: self.conditions,
            age: None,
            sex: Sex::Unspecified,
            group: String::new(),
        }
    }

    pub(crate) fn stated_awakening(&self) -> Option<Awakening> {
        self.awakening.map(|(at, source)| Awakening {
            at,
            source,
            conditions: Conditions::EMPTY,
        })
    }
}

/// The facts of a specimen as they stand.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FactsInForce {
    pub(crate) facts: Option<TubeFacts>,
    /// Of the facts in force; where there are none, of those to come.
    pub(crate) revision: i64,
    /// Guards against lost updates.
    pub(crate) version: i64,
}

impl FactsInForce {
    /// The revision that callers see: 0 where there are no facts.
    pub(crate) const fn shown_revision(&self) -> i64 {
        if self.facts.is_some() {
            self.revision
        } else {
            0
        }
    }

    /// The revision of facts that replace these, or that are the first.
    pub(crate) const fn next_revision(&self) -> i64 {
        if self.facts.is_some() {
            self.revision + 1
        } else {
            self.revision
        }
    }
}
