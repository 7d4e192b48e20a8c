//! Corrections of collection facts: tubes that were swapped, and tubes that belong to somebody or some time else.

use diel_core::{Moment, Verdict};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::{Call, Collection};

/// A specimen as the caller saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenSpecimen {
    /// Its id.
    pub specimen: String,
    /// The revision of the collection facts that the caller saw; 0 where there were none.
    pub revision: i64,
}

/// One correction.
#[derive(Debug, Clone, PartialEq)]
pub enum Correction {
    /// Each of two tubes gets the collection facts of the other. One of them may have none.
    Swap(SeenSpecimen, SeenSpecimen),
    /// A tube gets other collection facts.
    Reassign(SeenSpecimen, Collection),
}

/// Corrections that are made together or not at all.
#[derive(Debug, Clone)]
pub struct Corrections {
    /// The study's id.
    pub study: String,
    /// No specimen is named twice.
    pub corrections: Vec<Correction>,
    /// Why.
    pub reason: String,
    /// Who, and when.
    pub call: Call,
}

/// A specimen after its correction.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrectedSpecimen {
    /// Its id.
    pub specimen: String,
    /// The revision of the collection facts now in force; 0 where there are none any more.
    pub revision: i64,
    /// The collection facts now in force.
    pub collection: Option<Collection>,
}

/// What corrections did.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Corrected {
    /// The specimens, by id.
    pub specimens: Vec<CorrectedSpecimen>,
    /// Profiles computed.
    pub profiles: u32,
    /// Ids of flags raised or opened again.
    pub raised_flags: Vec<String>,
    /// Participants whose samples changed, by code.
    pub people: Vec<PersonEffect>,
    /// Their days that changed, by participant and date.
    pub days: Vec<DayEffect>,
    /// Awakenings that only the moved tubes had stated, and that were taken back.
    pub withdrawn_awakenings: Vec<(String, Moment)>,
}

/// What became of a participant.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonEffect {
    /// The participant's code.
    pub participant: String,
    /// The rhythm before; `None` where there was none.
    pub before: Option<Standing>,
    /// The rhythm afterwards.
    pub after: Option<Standing>,
}

/// The end of a rhythm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// Days that count.
    pub valid_day_count: u32,
    /// Posterior mean of the true slope, ln(nmol/L) per hour.
    pub posterior_slope_ln_per_h: Option<f64>,
    /// Probability that the true slope is flatter than the threshold.
    pub probability_flat: Option<f64>,
    /// The verdict.
    pub verdict: Verdict,
}

/// What became of a day.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct DayEffect {
    /// The participant's code.
    pub participant: String,
    /// The date of the sampling day.
    pub date: Date,
    /// The day before; `None` where there was none.
    pub before: Option<DayNumbers>,
    /// The day afterwards; `None` where there is none any more.
    pub after: Option<DayNumbers>,
}

/// A day in short.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct DayNumbers {
    /// Samples with a result.
    pub sample_count: i32,
    /// Whether the day counts.
    pub valid: bool,
    /// The regression slope, ln(nmol/L) per hour.
    pub slope_ln_per_h: Option<f64>,
}

/// Collection facts that were in force once.
#[derive(Debug, Clone, PartialEq)]
pub struct EarlierFacts {
    /// Counts from 1.
    pub revision: i64,
    /// The facts. Age, sex and group are the participant's and are not repeated here.
    pub collection: Collection,
    /// Why they were replaced.
    pub reason: String,
    /// Who replaced them.
    pub actor: String,
    /// When.
    pub replaced: Timestamp,
}
