//! The verdict on a batch.

use super::{
    BatchVerdict, ControlRun, CvAbsence, IntraAssayCv, PlateEffect, QualityPolicy, QualityReason,
    QualityReasons, ReplicateCv, ScoreAbsence, Violation, intra_assay_cv, violations_of_latest,
};
use crate::Level;

/// One result of a batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BatchResult {
    /// What was found.
    pub level: Level,
    /// Coefficient of variation of its replicates, in percent; `None` for a single reading.
    pub replicate_cv_percent: Option<f64>,
}

/// What the verdict on a batch rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BatchEvidence<'a> {
    /// The batch's results of participants.
    pub results: &'a [BatchResult],
    /// Runs of the same assay with their controls, oldest first; the last one is the batch itself. Empty, or with an
    /// empty last one, for a batch without controls.
    pub runs: &'a [ControlRun],
    /// The batch's effect, where it was computed.
    pub plate_effect: Option<PlateEffect>,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// Those that it holds for.
    pub count: usize,
    /// All that it could hold for.
    pub of: usize,
}

impl Share {
    /// The share, 0 to 1; `None` of nothing.
    #[must_use]
    pub fn get(self) -> Option<f64> {
        (self.of > 0).then(|| self.count as f64 / self.of as f64)
    }

    fn of(holds: impl Iterator<Item = bool>) -> Self {
        holds.fold(Self::default(), |share, holds| Self {
            count: share.count + usize::from(holds),
            of: share.of + 1,
        })
    }
}

/// What quality control says of a batch, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchQuality {
    /// The verdict.
    pub verdict: BatchVerdict,
    /// Why, and what a reader must know beside it.
    pub reasons: QualityReasons,
    /// The rules that the batch's controls break, those only noted among them.
    pub violations: Vec<Violation>,
    /// Results whose replicates disagree by more than the policy's CV, of those with replicates.
    pub high_cv: Share,
    /// Results below a limit, of those that have a concentration or a limit.
    pub below_limit: Share,
    /// The CV within the batch from its results' replicates, each taken as a duplicate.
    pub intra_assay: Result<IntraAssayCv, CvAbsence>,
    /// The batch's effect, where it was computed.
    pub plate_effect: Option<PlateEffect>,
}

/// Judges a batch.
///
/// A batch without a control that a rule could be applied to is told `not_controlled`: it is not failed for that, and
/// never passes, since nothing says that the run was right. What else is found still reviews or fails it.
#[must_use]
pub fn assess(evidence: &BatchEvidence<'_>, policy: &QualityPolicy) -> BatchQuality {
    let terms = policy.terms();
    let cvs = || {
        let results = evidence.results.iter();
        results.filter_map(|result| result.replicate_cv_percent)
    };
    let high_cv = Share::of(cvs().map(|cv| cv > terms.replicate_cv_percent));
    let levels = evidence.results.iter().map(|result| result.level);
    let known = levels.filter(|level| level.nmol_per_l().is_some());
    let below_limit = Share::of(known.map(|level| matches!(level, Level::Below(_))));
    let duplicates: Vec<ReplicateCv> = cvs()
        .map(|percent| ReplicateCv {
            percent,
            readings: 2,
        })
        .collect();
    let intra_assay = intra_assay_cv(&duplicates);
    let violations = violations_of_latest(evidence.runs, policy.rules());

    let mut judged = Judged::of_controls(evidence.runs, &violations, policy);
    for (number, bounds, reason) in [
        (
            high_cv.get(),
            terms.high_cv_share,
            QualityReason::ReplicateCvHighShare,
        ),
        (
            intra_assay.ok().map(|cv| cv.pooled.percent),
            terms.intra_assay_cv_percent,
            QualityReason::IntraAssayCvHigh,
        ),
        (
            below_limit.get(),
            terms.below_limit_share,
            QualityReason::BelowLimitShare,
        ),
        (
            evidence
                .plate_effect
                .filter(|effect| effect.size_percent() > terms.least_plate_effect_percent)
                .map(|effect| effect.z.abs()),
            terms.plate_effect_z,
            QualityReason::PlateEffect,
        ),
    ] {
        let verdict = number.map_or(BatchVerdict::Pass, |number| bounds.judge(number));
        if verdict > BatchVerdict::Pass {
            judged.add(verdict, reason);
        }
    }
    if high_cv.of == 0 {
        judged.reasons.insert(QualityReason::ReplicateCvUnknown);
    }
    BatchQuality {
        verdict: judged.verdict,
        reasons: judged.reasons,
        violations,
        high_cv,
        below_limit,
        intra_assay,
        plate_effect: evidence.plate_effect,
    }
}

/// The gravest verdict so far, with all reasons.
struct Judged {
    verdict: BatchVerdict,
    reasons: QualityReasons,
}

impl Judged {
    fn of_controls(runs: &[ControlRun], violations: &[Violation], policy: &QualityPolicy) -> Self {
        let controls = runs.last().map_or(&[][..], |run| &run.controls);
        let is_controlled = controls.iter().any(|control| control.z.is_ok());
        let mut judged = Self {
            verdict: BatchVerdict::NotAssessed,
            reasons: QualityReasons::EMPTY,
        };
        if is_controlled {
            judged.verdict = BatchVerdict::Pass;
        } else {
            judged.reasons.insert(QualityReason::NotControlled);
        }
        for absence in controls.iter().filter_map(|control| control.z.err()) {
            judged.reasons.insert(match absence {
                ScoreAbsence::NoTarget => QualityReason::ControlWithoutTarget,
                ScoreAbsence::Missing | ScoreAbsence::CensoredAcrossMean => {
                    QualityReason::ControlMissing
                }
            });
        }
        let terms = policy.terms();
        for violation in violations {
            let verdict = if terms.failing.contains(violation.rule) {
                BatchVerdict::Fail
            } else if terms.reviewing.contains(violation.rule) {
                BatchVerdict::Review
            } else {
                BatchVerdict::Pass
            };
            judged.add(verdict, violation.rule.into());
        }
        judged
    }

    fn add(&mut self, verdict: BatchVerdict, reason: QualityReason) {
        self.verdict = self.verdict.max(verdict);
        self.reasons.insert(reason);
    }
}
