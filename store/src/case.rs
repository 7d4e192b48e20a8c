//! What a reviewer looks at: everything known of a participant, and of a flag, from one state of the database.

use crate::{Flag, FlagEvent, History, Participant, StoredRhythm, Study};

/// A participant with all that the judgement rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Dossier {
    /// The study.
    pub study: Study,
    /// The participant.
    pub participant: Participant,
    /// The rhythm as last judged; `None` while nothing was.
    pub rhythm: Option<StoredRhythm>,
    /// Samples, awakenings and the policy in force.
    pub history: History,
}

/// A flag before its reviewer.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The flag.
    pub flag: Flag,
    /// What happened to it, oldest first; of a long history the last [`Case::MOST_EVENTS`].
    pub events: Vec<FlagEvent>,
    /// Its participant.
    pub dossier: Dossier,
    /// The flag that waits before it in the queue.
    pub before: Option<String>,
    /// The flag that waits behind it in the queue.
    pub behind: Option<String>,
}

impl Case {
    /// The most events that a case holds.
    pub const MOST_EVENTS: u32 = 200;
}
