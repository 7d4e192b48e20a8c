//! Participants: a code and what the rules need to know.

pub use diel_core::Sex;
use diel_core::{AgeYears, Conditions, Person};
use jiff::Timestamp;

/// A participant.
#[derive(Debug, Clone, PartialEq)]
pub struct Participant {
    /// The pseudonymous code, unique in the study.
    pub code: String,
    /// Sex.
    pub sex: Sex,
    /// Age at sampling.
    pub age: Option<AgeYears>,
    /// The group's label; empty when not stated.
    pub group: String,
    /// Conditions that hold on all days.
    pub conditions: Conditions,
    /// When the participant was first heard of.
    pub created: Timestamp,
    /// Counts changes from 1.
    pub version: i64,
}

impl Participant {
    /// What a judgement needs to know.
    #[must_use]
    pub fn person(&self) -> Person {
        Person {
            age: self.age,
            sex: self.sex,
            conditions: self.conditions,
        }
    }
}

/// What shall change; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct ParticipantChange {
    /// Another sex.
    pub sex: Option<Sex>,
    /// Another age, or none.
    pub age: Option<Option<AgeYears>>,
    /// Another group; empty for none.
    pub group: Option<String>,
    /// Other conditions.
    pub conditions: Option<Conditions>,
}
