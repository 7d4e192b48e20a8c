//! What quality control says of a batch, as it is kept.

use diel_core::BatchVerdict;
use diel_core::quality::{BatchQuality, QualityPolicy, QualityReasons, Scope, Share, WestgardRule};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::answer::{keep, recall};
use crate::codes::damaged;
use crate::{Batch, StoreError};

/// A version of a study's quality policy. Versions are never changed.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredQualityPolicy {
    /// Counts from 1; 0 is the built-in policy.
    pub version: i64,
    /// The terms.
    pub policy: QualityPolicy,
    /// How many runs of a laboratory's assay the rules of control look at, the batch's own among them.
    pub control_runs: u32,
    /// When it came into force; `None` for the built-in one.
    pub created: Option<Timestamp>,
}

impl StoredQualityPolicy {
    /// Runs that the built-in policy looks at: the longest row of a rule is 12, of controls that are measured in every
    /// second or third run.
    pub const CONTROL_RUNS: u32 = 30;
}

impl Default for StoredQualityPolicy {
    fn default() -> Self {
        Self {
            version: 0,
            policy: QualityPolicy::default(),
            control_runs: Self::CONTROL_RUNS,
            created: None,
        }
    }
}

/// The computed verdict on a batch, with its numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchAssessment {
    /// The verdict.
    pub verdict: BatchVerdict,
    /// Why.
    pub reasons: QualityReasons,
    /// The version of the quality policy.
    pub policy_version: i64,
    /// Results whose replicates disagree, of those with replicates.
    pub high_cv: Share,
    /// Results below a limit, of those with a concentration or a limit.
    pub below_limit: Share,
    /// Pooled coefficient of variation of the replicates, percent.
    pub intra_assay_cv_percent: Option<f64>,
    /// Effect of the batch, standard errors.
    pub plate_effect_z: Option<f64>,
    /// Rules of control that are broken.
    pub violations: Vec<BrokenRule>,
    /// When it was computed.
    pub at: Timestamp,
}

/// A rule that controls of a batch break, with those before it.
#[derive(Debug, Clone, PartialEq)]
pub struct BrokenRule {
    /// The rule.
    pub rule: WestgardRule,
    /// Whether one material breaks it or several together.
    pub scope: Scope,
    /// The measurements that make it up, by run and then as sent.
    pub points: Vec<BrokenPoint>,
}

/// A measurement in a broken rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BrokenPoint {
    /// The batch's id.
    pub batch: String,
    /// The control's id.
    pub control: String,
    /// Standard deviations above the mean.
    pub z: f64,
}

/// What a reviewer decided about a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchDecision {
    /// Pass or fail.
    pub verdict: BatchVerdict,
    /// Why.
    pub reason: String,
    /// Who.
    pub reviewer: String,
    /// When.
    pub at: Timestamp,
}

impl BatchAssessment {
    pub(crate) fn of(
        quality: &BatchQuality,
        violations: Vec<BrokenRule>,
        policy_version: i64,
        at: Timestamp,
    ) -> Self {
        Self {
            verdict: quality.verdict,
            reasons: quality.reasons,
            policy_version,
            high_cv: quality.high_cv,
            below_limit: quality.below_limit,
            intra_assay_cv_percent: quality.intra_assay.ok().map(|cv| cv.pooled.percent),
            plate_effect_z: quality.plate_effect.map(|effect| effect.z),
            violations,
            at,
        }
    }

    /// Whether another assessment says the same; when it was made does not matter.
    pub(crate) fn says_as(&self, other: &Self) -> bool {
        let at = self.at;
        *self
            == Self {
                at,
                ..other.clone()
            }
    }
}

impl Batch {
    /// The verdict in force: a reviewer's, else the computed one.
    #[must_use]
    pub fn verdict(&self) -> BatchVerdict {
        in_force(
            self.decision.as_ref().map(|decision| decision.verdict),
            self.assessment
                .as_ref()
                .map_or(BatchVerdict::NotAssessed, |assessment| assessment.verdict),
        )
    }
}

/// A reviewer's verdict stands before the computed one.
pub(crate) fn in_force(decided: Option<BatchVerdict>, computed: BatchVerdict) -> BatchVerdict {
    decided.unwrap_or(computed)
}

#[derive(Serialize, Deserialize)]
struct KeptRule {
    rule: String,
    scope: String,
    points: Vec<BrokenPoint>,
}

/// The column `violations`.
pub(crate) fn write_violations(violations: &[BrokenRule]) -> Result<String, StoreError> {
    if violations.is_empty() {
        return Ok(String::new());
    }
    let kept: Vec<KeptRule> = violations
        .iter()
        .map(|broken| KeptRule {
            rule: broken.rule.code().to_owned(),
            scope: broken.scope.code().to_owned(),
            points: broken.points.clone(),
        })
        .collect();
    keep(&kept)
}

/// The rules of the column `violations`.
pub(crate) fn read_violations(text: &str) -> Result<Vec<BrokenRule>, StoreError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    recall::<Vec<KeptRule>>(text)?
        .into_iter()
        .map(|kept| {
            let rule = WestgardRule::from_code(&kept.rule);
            let scope = Scope::from_code(&kept.scope);
            Ok(BrokenRule {
                rule: rule.ok_or_else(|| damaged("violations", &kept.rule))?,
                scope: scope.ok_or_else(|| damaged("violations", &kept.scope))?,
                points: kept.points,
            })
        })
        .collect()
}
