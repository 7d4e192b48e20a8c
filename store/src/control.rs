//! Control materials of a study: what they should measure, and what they measured.

use diel_core::quality::{ControlMaterial, ControlTarget, WestgardRules};
use diel_core::{BatchVerdict, Measurement, Unit};
use jiff::Timestamp;

/// Which control: a material at a level, of a lot, as one laboratory measures it by one assay.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ControlKey {
    /// The laboratory, as batches state it.
    pub lab: String,
    /// The assay method, as batches state it.
    pub assay: String,
    /// The material, its level and its lot.
    pub material: ControlMaterial,
}

/// What a control should measure.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetTerms {
    /// The mean, in `unit`, as given.
    pub mean: f64,
    /// The standard deviation between runs, in `unit`, as given.
    pub sd: f64,
    /// The unit of the two.
    pub unit: Unit,
    /// The same in nmol/L.
    pub target: ControlTarget,
    /// How many runs they were established from.
    pub run_count: Option<i32>,
    /// Where they come from; empty when not stated.
    pub source: String,
}

/// A control to be created.
#[derive(Debug, Clone, PartialEq)]
pub struct NewControl {
    /// Its id, unique in the study.
    pub id: String,
    /// Which control it is.
    pub key: ControlKey,
    /// What it should measure.
    pub terms: TargetTerms,
}

/// A control with a version of its target.
#[derive(Debug, Clone, PartialEq)]
pub struct Control {
    /// Its id.
    pub id: String,
    /// Which control it is.
    pub key: ControlKey,
    /// What it should measure.
    pub terms: TargetTerms,
    /// The version of the target, from 1.
    pub version: i64,
    /// When the control was created.
    pub created: Timestamp,
    /// When this version came into force.
    pub updated: Timestamp,
}

/// A control measured on a plate.
#[derive(Debug, Clone, PartialEq)]
pub struct NewBatchControl {
    /// What was measured.
    pub material: ControlMaterial,
    /// Its concentration, as reported.
    pub measurement: Measurement,
    /// The replicates in the measurement's unit; empty when they were not sent.
    pub replicates: Vec<f64>,
    /// How many replicates it is the mean of.
    pub replicate_count: Option<i32>,
    /// Their coefficient of variation, percent.
    pub replicate_cv_percent: Option<f64>,
    /// The well on the plate; empty when not stated.
    pub well: String,
}

/// A control of a stored batch.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchControl {
    /// What was sent.
    pub control: NewBatchControl,
    /// By which target it was scored; `None` while the study knows none for it.
    pub score: Option<ControlMark>,
    /// The rules whose violation it is part of, as its own batch was assessed.
    pub rules: WestgardRules,
}

/// How a control was scored.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlMark {
    /// The control's id.
    pub control: String,
    /// The version of its target.
    pub version: i64,
    /// Standard deviations above the target's mean; `None` where a missing or censored reading has no score.
    pub z: Option<f64>,
}

/// A measurement of a control, with the batch that it came with.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredControl {
    /// The batch's id.
    pub batch: String,
    /// Its place among the controls of the batch.
    pub position: i64,
    /// When the run was.
    pub run: Timestamp,
    /// What was measured.
    pub control: BatchControl,
    /// The verdict in force of the batch.
    pub verdict: BatchVerdict,
}
