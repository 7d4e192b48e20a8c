//! Flags and their history. A flag is a reason to look again, never a statement about a person.

use jiff::Timestamp;

use crate::RhythmNumbers;

/// Where a flag stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FlagState {
    /// It waits for a reviewer.
    Open,
    /// The policy wants a second decision, by another reviewer.
    AwaitingSecond,
    /// Two reviewers decided differently.
    Disputed,
    /// It is decided.
    Resolved,
    /// The data took its ground away before anybody decided.
    Withdrawn,
}

impl FlagState {
    /// Those in which a flag waits for a reviewer.
    pub const WAITING: [Self; 3] = [Self::Open, Self::AwaitingSecond, Self::Disputed];
}

/// What a reviewer decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FlagDecision {
    /// The flattened slope stands after review of the data.
    Confirmed,
    /// The data explain it otherwise.
    Dismissed,
    /// More days are needed.
    MoreData,
}

/// A reviewer's hold on a flag.
#[derive(Debug, Clone, PartialEq)]
pub struct FlagClaim {
    /// Who holds it.
    pub reviewer: String,
    /// Since when.
    pub at: Timestamp,
    /// Until when; `None` until it is released.
    pub until: Option<Timestamp>,
}

impl FlagClaim {
    /// Whether it still holds at this instant.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// What one reviewer decided.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewerDecision {
    /// Who decided.
    pub reviewer: String,
    /// What.
    pub decision: FlagDecision,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// A flag.
#[derive(Debug, Clone, PartialEq)]
pub struct Flag {
    /// Its id.
    pub id: String,
    /// The participant's code.
    pub participant: String,
    /// The participant's group.
    pub group: String,
    /// Where it stands.
    pub state: FlagState,
    /// The numbers it last stood on.
    pub evidence: RhythmNumbers,
    /// The version of the policy that they were judged by.
    pub policy_version: i64,
    /// The decision while resolved; while it awaits a second one or is disputed, the last reviewer's.
    pub decision: Option<FlagDecision>,
    /// The reason of that decision.
    pub decision_reason: String,
    /// Who holds it, perhaps no longer: see [`FlagClaim::holds`].
    pub claim: Option<FlagClaim>,
    /// The decisions of this round, oldest first: one, two, or a third that settled a dispute. Empty for flags that were
    /// decided before decisions were kept.
    pub decisions: Vec<ReviewerDecision>,
    /// When it was raised.
    pub raised: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// Counts its steps from 1; the sequence number of the last event.
    pub version: i64,
}

/// A step in the life of a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FlagEventKind {
    /// It was raised.
    Raised,
    /// It still stands, on new numbers.
    EvidenceChanged,
    /// A reviewer decided.
    Resolved,
    /// It was opened again.
    Reopened,
    /// Its ground was gone.
    Withdrawn,
    /// A reviewer took hold of it.
    Claimed,
    /// A reviewer took it over from another.
    TakenOver,
    /// Its reviewer let it go.
    Released,
    /// The first of two reviewers decided.
    FirstDecision,
    /// The second of two reviewers decided differently.
    Disagreed,
}

/// An entry of a flag's history.
#[derive(Debug, Clone, PartialEq)]
pub struct FlagEvent {
    /// Counts from 1.
    pub sequence: i64,
    /// What happened.
    pub kind: FlagEventKind,
    /// Who did it; `diel` for a step that the data made.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// The decision, where a reviewer decided.
    pub decision: Option<FlagDecision>,
    /// The numbers at that moment.
    pub evidence: RhythmNumbers,
    /// The version of the policy that they were judged by.
    pub policy_version: i64,
    /// When.
    pub at: Timestamp,
}

/// A step of a flag in its place among all steps of a study.
#[derive(Debug, Clone, PartialEq)]
pub struct FlagChange {
    /// The number of its entry in the audit trail; 0 for a step from before the trail was a chain.
    pub sequence: i64,
    /// The flag's id.
    pub flag: String,
    /// The participant's code.
    pub participant: String,
    /// The participant's group at present.
    pub group: String,
    /// Where the flag stood after the step.
    pub state: FlagState,
    /// The step, with the numbers at that moment.
    pub event: FlagEvent,
}

/// The order of a reviewer's queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FlagOrder {
    /// The most probable first.
    #[default]
    Probability,
    /// The last raised first.
    Newest,
    /// The first raised first.
    Oldest,
    /// By the participant's code.
    Participant,
}

/// The place of a flag in any order: probability, id, participant.
pub type FlagPlace = (f64, String, String);

/// Conditions on flags; those that are absent do not filter.
#[derive(Debug, Clone, Default)]
pub struct FlagFilter {
    /// States, any of which will do.
    pub states: Vec<FlagState>,
    /// A participant's code.
    pub participant: Option<String>,
    /// Groups, any of which will do.
    pub groups: Vec<String>,
    /// Least probability.
    pub min_probability: Option<f64>,
    /// Held by this reviewer, even where the claim has run out.
    pub claimed_by: Option<String>,
    /// Held by nobody at this instant.
    pub unclaimed_at: Option<Timestamp>,
}
