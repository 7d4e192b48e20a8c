//! Saliva samples and awakenings as they come in, before they are sorted into days.

use crate::{BatchVerdict, Conditions, Level, Moment};

/// How a time is known, by rising trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum TimeSource {
    /// Not stated.
    #[default]
    Unspecified,
    /// Written down by the participant or a parent.
    SelfReport,
    /// An electronic cap, a bar code scanned or an app.
    Electronic,
    /// Actigraphy or polysomnography.
    Actigraphy,
}

/// One saliva sample. The caller knows it by its position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// When saliva was collected.
    pub collected: Moment,
    /// What was found in it.
    pub level: Level,
    /// Coefficient of variation of its replicates, in percent.
    pub replicate_cv_percent: Option<f64>,
    /// What quality control says of the batch it was measured in.
    pub batch: BatchVerdict,
}

/// One report of an awakening.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Awakening {
    /// When the person woke.
    pub at: Moment,
    /// How that is known.
    pub source: TimeSource,
    /// Conditions that hold on the day it begins.
    pub conditions: Conditions,
}
