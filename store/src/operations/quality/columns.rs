//! An assessment in the columns of its batch.

use diel_core::BatchVerdict;
use diel_core::quality::Share;

use crate::BatchAssessment;
use crate::batch_quality::write_violations;
use crate::codes;
use crate::fault::Fault;

/// The columns, null or zero for a batch that nothing has assessed.
pub(in super::super) struct AssessmentColumns {
    pub(in super::super) verdict: i64,
    pub(in super::super) reasons: String,
    pub(in super::super) policy_version: Option<i64>,
    pub(in super::super) measured: i64,
    pub(in super::super) below_limit: i64,
    pub(in super::super) replicate_cvs: i64,
    pub(in super::super) high_cvs: i64,
    pub(in super::super) intra_assay_cv_percent: Option<f64>,
    pub(in super::super) plate_effect_z: Option<f64>,
    pub(in super::super) violations: String,
    pub(in super::super) assessed_us: Option<i64>,
}

impl AssessmentColumns {
    pub(in super::super) fn of(assessment: Option<&BatchAssessment>) -> Result<Self, Fault> {
        let share =
            |share: fn(&BatchAssessment) -> Share| assessment.map(share).unwrap_or_default();
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let (below, high) = (share(|one| one.below_limit), share(|one| one.high_cv));
        let verdict = assessment.map_or(BatchVerdict::NotAssessed, |one| one.verdict);
        let violations = assessment.map_or(&[][..], |one| &one.violations);
        Ok(Self {
            verdict: codes::batch_verdict(verdict),
            reasons: assessment.map_or_else(String::new, |one| one.reasons.to_string()),
            policy_version: assessment.map(|one| one.policy_version),
            measured: count(below.of),
            below_limit: count(below.count),
            replicate_cvs: count(high.of),
            high_cvs: count(high.count),
            intra_assay_cv_percent: assessment.and_then(|one| one.intra_assay_cv_percent),
            plate_effect_z: assessment.and_then(|one| one.plate_effect_z),
            violations: write_violations(violations)?,
            assessed_us: assessment.map(|one| one.at.as_microsecond()),
        })
    }
}
