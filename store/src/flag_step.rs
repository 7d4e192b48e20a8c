//! What a new judgement does to a participant's flag: the whole rule in one place.

use diel_core::Verdict;

use crate::{FlagDecision, FlagEventKind, FlagState, RhythmNumbers};

/// Where the flag of a participant stands before the judgement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Standing {
    pub(crate) state: FlagState,
    pub(crate) decision: Option<FlagDecision>,
    /// Days that counted in the evidence it stands on.
    pub(crate) valid_day_count: u32,
    /// Digest of the inputs of that evidence.
    pub(crate) digest: [u8; 32],
}

/// The step that the judgement asks for, with the state it leads to and its reason; `None` when the flag stays.
pub(crate) fn step(
    standing: Option<&Standing>,
    rhythm: &RhythmNumbers,
) -> Option<(FlagEventKind, FlagState, &'static str)> {
    let flat = rhythm.verdict == Verdict::FlatForReview;
    let Some(standing) = standing else {
        return flat.then_some((
            FlagEventKind::Raised,
            FlagState::Open,
            "the policy puts the rhythm before a reviewer",
        ));
    };
    match (standing.state, flat) {
        (FlagState::Open, true) if standing.digest != rhythm.digest => Some((
            FlagEventKind::EvidenceChanged,
            FlagState::Open,
            "the inputs changed and the flag still stands",
        )),
        (FlagState::Open, false) => Some((
            FlagEventKind::Withdrawn,
            FlagState::Withdrawn,
            "the inputs or the policy took its ground away",
        )),
        (FlagState::Withdrawn, true) => Some((
            FlagEventKind::Reopened,
            FlagState::Open,
            "its ground is back",
        )),
        (FlagState::Resolved, true)
            if standing.decision == Some(FlagDecision::MoreData)
                && rhythm.valid_day_count > standing.valid_day_count =>
        {
            Some((
                FlagEventKind::Reopened,
                FlagState::Open,
                "the further days that were asked for have come",
            ))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Standing, step};
    use crate::{FlagDecision, FlagEventKind, FlagState, RhythmNumbers};
    use diel_core::{Reasons, Verdict};

    fn rhythm(verdict: Verdict, valid_day_count: u32, digest: u8) -> RhythmNumbers {
        RhythmNumbers {
            day_count: valid_day_count,
            valid_day_count,
            sample_count: 0,
            left_out_sample_count: 0,
            slope_ln_per_h: None,
            slope_se: None,
            posterior: None,
            threshold_ln_per_h: -0.05,
            verdict,
            reasons: Reasons::default(),
            reference: "adult@1".to_owned(),
            digest: [digest; 32],
        }
    }

    /// (flag before, judgement: verdict, valid days, digest) -> step. The evidence before has 3 days and digest 1.
    #[test]
    fn every_case_of_the_rule() {
        use FlagDecision::{Confirmed, Dismissed, MoreData};
        use FlagEventKind::{EvidenceChanged, Raised, Reopened, Withdrawn};
        use Verdict::{FlatForReview, Indeterminate, InsufficientData, NotFlat};

        let open = Some((FlagState::Open, None));
        let gone = Some((FlagState::Withdrawn, None));
        let resolved = |decision| Some((FlagState::Resolved, Some(decision)));
        let table = [
            (None, FlatForReview, 3, 1, Some(Raised)),
            (None, NotFlat, 3, 1, None),
            (None, Indeterminate, 3, 1, None),
            (None, InsufficientData, 1, 1, None),
            (open, FlatForReview, 3, 1, None),
            (open, FlatForReview, 3, 2, Some(EvidenceChanged)),
            (open, NotFlat, 4, 2, Some(Withdrawn)),
            (open, Indeterminate, 4, 2, Some(Withdrawn)),
            (open, InsufficientData, 1, 2, Some(Withdrawn)),
            (gone, FlatForReview, 3, 2, Some(Reopened)),
            (gone, NotFlat, 3, 2, None),
            (resolved(MoreData), FlatForReview, 4, 2, Some(Reopened)),
            (resolved(MoreData), FlatForReview, 3, 2, None),
            (resolved(MoreData), NotFlat, 4, 2, None),
            (resolved(Confirmed), FlatForReview, 4, 2, None),
            (resolved(Confirmed), NotFlat, 4, 2, None),
            (resolved(Dismissed), FlatForReview, 4, 2, None),
        ];
        for (before, verdict, days, digest, expected) in table {
            let standing = before.map(|(state, decision)| Standing {
                state,
                decision,
                valid_day_count: 3,
                digest: [1; 32],
            });
            let found = step(standing.as_ref(), &rhythm(verdict, days, digest)).map(|step| step.0);
            assert_eq!(found, expected, "{before:?} {verdict:?} {days} {digest}");
        }
    }
}
