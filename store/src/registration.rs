//! Collection facts and awakenings as study teams send them.

use diel_core::Awakening;

use crate::{Call, Collection, Conflict, Mode};

/// A specimen with its collection facts.
#[derive(Debug, Clone, PartialEq)]
pub struct RegisteredSpecimen {
    /// Its position in the request.
    pub row: u32,
    /// The specimen's id.
    pub specimen: String,
    /// Its collection facts.
    pub collection: Collection,
}

/// An awakening of a participant.
#[derive(Debug, Clone, PartialEq)]
pub struct RegisteredDay {
    /// Its position in the request.
    pub row: u32,
    /// The participant's code.
    pub participant: String,
    /// The awakening.
    pub awakening: Awakening,
}

/// Specimens and days to be stored together.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The study's id.
    pub study: String,
    /// The specimens.
    pub specimens: Vec<RegisteredSpecimen>,
    /// The days.
    pub days: Vec<RegisteredDay>,
    /// What happens to the good rows when some are bad.
    pub mode: Mode,
    /// Who, and when.
    pub call: Call,
}

/// What became of a registration.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, Default)]
pub struct Registered {
    /// Specimens stored now.
    pub stored: u32,
    /// Specimens that were stored before with the same facts.
    pub unchanged: u32,
    /// Days stored or completed now.
    pub days: u32,
    /// Profiles computed.
    pub profiles: u32,
    /// Rows refused.
    pub conflicts: Vec<Conflict>,
    /// Ids of flags raised or opened again.
    pub raised_flags: Vec<String>,
}
