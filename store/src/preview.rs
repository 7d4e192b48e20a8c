//! What another policy would change for a person, before it is made.

use diel_core::Verdict;

use crate::{FlagEventKind, FlagState, RhythmNumbers};

/// What would happen to a person's flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FlagEffect {
    /// There is no flag that waits for a reviewer, neither before nor after.
    None,
    /// A flag would be raised, or opened again after it was withdrawn.
    New,
    /// A flag that waits for a reviewer would be withdrawn.
    Cleared,
    /// A flag that waits for a reviewer would go on waiting, perhaps on other numbers.
    Unchanged,
    /// A flag is decided, and stays so.
    Decided,
}

/// The effect of a step on a flag in a state.
pub(crate) fn effect(before: Option<FlagState>, step: Option<FlagEventKind>) -> FlagEffect {
    match (step, before) {
        (Some(FlagEventKind::Raised | FlagEventKind::Reopened), _) => FlagEffect::New,
        (Some(FlagEventKind::Withdrawn), _) => FlagEffect::Cleared,
        (_, None | Some(FlagState::Withdrawn)) => FlagEffect::None,
        (_, Some(FlagState::Resolved)) => FlagEffect::Decided,
        (_, Some(FlagState::Open | FlagState::AwaitingSecond | FlagState::Disputed)) => {
            FlagEffect::Unchanged
        }
    }
}

/// A person as judged, and as another policy would judge.
#[derive(Debug, Clone, PartialEq)]
pub struct PreviewedPerson {
    /// The participant's code.
    pub participant: String,
    /// The participant's group.
    pub group: String,
    /// The verdict last kept; `None` for a participant without samples.
    pub verdict_before: Option<Verdict>,
    /// The probability last kept.
    pub probability_before: Option<f64>,
    /// The flag, if one was ever raised, and where it stands.
    pub flag: Option<(String, FlagState)>,
    /// The rhythm under the other policy.
    pub after: RhythmNumbers,
    /// What would happen to the flag.
    pub effect: FlagEffect,
}

/// The next persons of a study.
#[derive(Debug, Clone, PartialEq)]
pub struct PreviewSlice {
    /// By code.
    pub persons: Vec<PreviewedPerson>,
    /// Where the next slice goes on; `None` after the last.
    pub next: Option<String>,
}
