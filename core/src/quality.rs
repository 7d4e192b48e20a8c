//! Quality control of a batch: replicates, control materials over time, shares of censored results, plate effects,
//! and the verdict that its results carry.
//!
//! Numbers only, inputs by value: who measured what, and which runs came before, the caller knows. A verdict on a batch
//! is a reason to look at the batch. It deletes nothing, and it says nothing about a person.

mod assessment;
mod control;
mod cv;
mod drift;
mod plate_effect;
mod policy;
mod reason;
mod score;
mod verdict;
mod westgard;

pub use assessment::{BatchEvidence, BatchQuality, BatchResult, Share, assess};
pub use control::{ControlMaterial, ControlTarget, ControlTargetError};
pub use cv::{
    CvAbsence, CvEstimate, IntraAssayCv, ReplicateCv, inter_assay_cv, intra_assay_cv, replicate_cv,
};
pub use drift::{ControlDrift, DriftAbsence, control_drift};
pub use plate_effect::{PlateEffect, PlateEffectAbsence, PlateSample, plate_effect};
pub use policy::{Bounds, QualityPolicy, QualityPolicyError, QualityTerms};
pub use reason::{QualityReason, QualityReasons};
pub use score::{ControlRun, ControlScore, ScoreAbsence};
pub use verdict::BatchVerdict;
pub use westgard::{
    ControlRef, Scope, Violation, WestgardRule, WestgardRules, violations, violations_of_latest,
};
