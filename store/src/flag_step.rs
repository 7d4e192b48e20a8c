//! What a new judgement does to a participant's flag: the whole rule in one place.

use diel_core::Verdict;

use crate::flag_life::FlagLife;
use crate::{FlagDecision, FlagEventKind, FlagState, RhythmNumbers};

/// Where the flag of a participant stands before the judgement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Standing {
    pub(crate) life: FlagLife,
    /// Days that counted in the evidence it stands on.
    pub(crate) valid_day_count: u32,
    /// Posterior mean of the slope in that evidence, and its standard deviation, ln(nmol/L) per hour.
    pub(crate) slope: Option<(f64, f64)>,
    /// Digest of the inputs of that evidence.
    pub(crate) digest: [u8; 32],
}

/// Why somebody is judged again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cause<'a> {
    /// Data came or were revised. A shift of the posterior mean by more than so many standard deviations of the evidence
    /// that was decided on is materially new.
    Data {
        reopen_shift_sd: f64,
        /// What was revised and why; empty when data came.
        revision: &'a str,
    },
    /// Another policy or reference holds. It never opens a decided flag again.
    Policy,
}

/// The step that the judgement asks for: its kind, the life it leads to, and its reason.
pub(crate) type Asked = (FlagEventKind, FlagLife, &'static str);

/// The step that the judgement asks for; `None` when the flag stays.
pub(crate) fn step(
    standing: Option<&Standing>,
    rhythm: &RhythmNumbers,
    cause: Cause<'_>,
) -> Option<Asked> {
    let flat = rhythm.verdict == Verdict::FlatForReview;
    let Some(standing) = standing else {
        return flat.then(|| {
            (
                FlagEventKind::Raised,
                FlagLife::in_state(FlagState::Open),
                "the policy puts the rhythm before a reviewer",
            )
        });
    };
    match (standing.life.state, flat) {
        (FlagState::Open, true) if standing.digest != rhythm.digest => Some((
            FlagEventKind::EvidenceChanged,
            standing.life.clone(),
            "the inputs changed and the flag still stands",
        )),
        (FlagState::Open | FlagState::AwaitingSecond | FlagState::Disputed, false) => Some((
            FlagEventKind::Withdrawn,
            FlagLife::in_state(FlagState::Withdrawn),
            "the inputs or the policy took its ground away",
        )),
        (FlagState::Withdrawn, true) => opened_again("its ground is back"),
        (FlagState::Resolved, true)
            if standing.life.decision == Some(FlagDecision::MoreData)
                && rhythm.valid_day_count > standing.valid_day_count =>
        {
            opened_again("the further days that were asked for have come")
        }
        (FlagState::Resolved | FlagState::AwaitingSecond | FlagState::Disputed, true)
            if is_material(standing, rhythm, cause) =>
        {
            opened_again("data since the decision moved the slope by more than the policy admits")
        }
        _ => None,
    }
}

fn opened_again(reason: &'static str) -> Option<Asked> {
    Some((
        FlagEventKind::Reopened,
        FlagLife::in_state(FlagState::Open),
        reason,
    ))
}

/// Whether data since the evidence that was decided on moved the posterior mean of the slope, either way, by more than the
/// policy's multiple of the standard deviation it had.
fn is_material(standing: &Standing, rhythm: &RhythmNumbers, cause: Cause<'_>) -> bool {
    let Cause::Data {
        reopen_shift_sd, ..
    } = cause
    else {
        return false;
    };
    let (Some((slope, sd)), Some(posterior)) = (standing.slope, &rhythm.posterior) else {
        return false;
    };
    standing.digest != rhythm.digest
        && (posterior.slope_ln_per_h - slope).abs() > reopen_shift_sd * sd
}

#[cfg(test)]
mod tests {
    use super::{Cause, Standing, step};
    use crate::flag_life::FlagLife;
    use crate::{FlagDecision, FlagEventKind, FlagState, PosteriorNumbers, RhythmNumbers};
    use diel_core::{Reasons, Verdict};

    const DATA: Cause<'_> = Cause::Data {
        reopen_shift_sd: 1.0,
        revision: "",
    };

    fn rhythm(verdict: Verdict, valid_day_count: u32, slope: f64, digest: u8) -> RhythmNumbers {
        RhythmNumbers {
            day_count: valid_day_count,
            valid_day_count,
            sample_count: 0,
            left_out_sample_count: 0,
            slope_ln_per_h: None,
            slope_se: None,
            posterior: Some(PosteriorNumbers {
                slope_ln_per_h: slope,
                sd: 0.01,
                lower: slope - 0.02,
                upper: slope + 0.02,
                probability_flat: 0.9,
                reference_percentile: 95.0,
                reliability: 0.5,
                days_to_reliable: None,
            }),
            threshold_ln_per_h: -0.05,
            verdict,
            reasons: Reasons::default(),
            reference: "adult@1".to_owned(),
            digest: [digest; 32],
        }
    }

    fn standing(state: FlagState, decision: Option<FlagDecision>) -> Standing {
        Standing {
            life: FlagLife {
                decision,
                ..FlagLife::in_state(state)
            },
            valid_day_count: 3,
            slope: Some((0.0, 0.02)),
            digest: [1; 32],
        }
    }

    /// (flag before, judgement: verdict, valid days, digest) -> step. The evidence before has 3 days, digest 1 and the
    /// slope that is found again.
    #[test]
    fn every_case_of_the_rule() {
        use FlagDecision::{Confirmed, Dismissed, MoreData};
        use FlagEventKind::{EvidenceChanged, Raised, Reopened, Withdrawn};
        use Verdict::{FlatForReview, Indeterminate, InsufficientData, NotFlat};

        let open = Some((FlagState::Open, None));
        let gone = Some((FlagState::Withdrawn, None));
        let resolved = |decision| Some((FlagState::Resolved, Some(decision)));
        let first = Some((FlagState::AwaitingSecond, Some(Confirmed)));
        let disputed = Some((FlagState::Disputed, Some(Dismissed)));
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
            (first, FlatForReview, 4, 2, None),
            (first, NotFlat, 4, 2, Some(Withdrawn)),
            (disputed, FlatForReview, 4, 2, None),
            (disputed, Indeterminate, 4, 2, Some(Withdrawn)),
        ];
        for (before, verdict, days, digest, expected) in table {
            let standing = before.map(|(state, decision)| standing(state, decision));
            let judged = rhythm(verdict, days, 0.0, digest);
            let found = step(standing.as_ref(), &judged, DATA).map(|step| step.0);
            assert_eq!(found, expected, "{before:?} {verdict:?} {days} {digest}");
        }
    }

    /// The standard deviation at the decision was 0.02: a shift of 0.02 is not more than one of them, one of 0.021 is.
    #[test]
    fn a_decided_flag_comes_back_by_materially_new_data_only() {
        use FlagState::{AwaitingSecond, Disputed, Resolved};

        let flat = |slope, digest| rhythm(Verdict::FlatForReview, 3, slope, digest);
        for state in [Resolved, AwaitingSecond, Disputed] {
            let decided = standing(state, Some(FlagDecision::Dismissed));
            let kind = |slope, digest, cause| {
                step(Some(&decided), &flat(slope, digest), cause).map(|step| step.0)
            };
            assert_eq!(kind(0.02, 2, DATA), None);
            assert_eq!(kind(0.021, 2, DATA), Some(FlagEventKind::Reopened));
            assert_eq!(kind(-0.021, 2, DATA), Some(FlagEventKind::Reopened));
            assert_eq!(kind(0.021, 2, Cause::Policy), None);
            let lenient = Cause::Data {
                reopen_shift_sd: 2.0,
                revision: "",
            };
            assert_eq!(kind(0.021, 2, lenient), None);
        }
        let steep = rhythm(Verdict::NotFlat, 9, -0.2, 2);
        let decided = standing(Resolved, Some(FlagDecision::Confirmed));
        assert_eq!(step(Some(&decided), &steep, DATA), None);
    }
}
