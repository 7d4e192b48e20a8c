//! Readings of controls, as the rules see them: z-scores by run.

use super::{ControlMaterial, ControlTarget};
use crate::Level;
use crate::coded::coded;

coded! {
    /// Why the reading of a control has no z-score.
    ScoreAbsence, "score_absence" {
        NoTarget = "no_target": "No mean and standard deviation are known for this material and lot.",
        Missing = "missing": "The control has no concentration.",
        CensoredAcrossMean = "censored_across_mean": "The control is only known to lie beyond a limit on the far side of its mean, so that it could lie on either side.",
    }
}

/// One reading of a control.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlScore {
    /// What was measured.
    pub material: ControlMaterial,
    /// How many standard deviations it read above the mean of its target, or why that is not known. A reading without a
    /// z-score is passed over by the rules.
    pub z: Result<f64, ScoreAbsence>,
}

impl ControlScore {
    /// Scores a reading against the target that held for it.
    #[must_use]
    pub fn of(material: ControlMaterial, reading: Level, target: Option<&ControlTarget>) -> Self {
        let z = target
            .ok_or(ScoreAbsence::NoTarget)
            .and_then(|target| target.z(reading));
        Self { material, z }
    }
}

/// The controls of one run, which is one batch, in the order they were measured.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ControlRun {
    /// Its readings.
    pub controls: Vec<ControlScore>,
}
