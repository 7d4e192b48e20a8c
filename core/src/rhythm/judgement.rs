//! What a policy says of a person, and why.

use super::evidence::Evidence;
use crate::{Person, Policy, Reason, Reasons, Reference, Verdict};

/// Why a person is not judged at all; `None` when nothing stands against it. The first rule that holds decides.
pub(super) fn refusal(
    person: &Person,
    valid_day_count: u32,
    outside_reference: Option<Reason>,
    policy: &Policy,
) -> Option<Reasons> {
    let excluding = person.conditions.intersection(policy.excluding());
    if person.is_younger_than(policy.ages().judged_years) {
        Some(Reasons::from_iter([Reason::Under2Months]))
    } else if !excluding.is_empty() {
        Some(excluding.iter().map(Reason::from).collect())
    } else if let Some(outside) = outside_reference {
        Some(Reasons::from_iter([outside]))
    } else if valid_day_count < policy.min_days_to_report() {
        Some(Reasons::from_iter([Reason::TooFewValidDays]))
    } else {
        None
    }
}

/// The verdict on a probability, and its ground.
pub(super) fn judge(
    person: &Person,
    probability_flat: f64,
    evidence: &Evidence,
    policy: &Policy,
) -> (Verdict, Reasons) {
    let (verdict, ground) = if probability_flat >= policy.probability() {
        match against_a_flag(person, evidence, policy) {
            None => (Verdict::FlatForReview, None),
            ground => (Verdict::Indeterminate, ground),
        }
    } else if probability_flat <= 1.0 - policy.probability() {
        (Verdict::NotFlat, None)
    } else {
        (Verdict::Indeterminate, Some(Reason::ProbabilityBetween))
    };
    (verdict, ground.into_iter().collect())
}

/// What keeps a probably flat slope from being put before a reviewer.
fn against_a_flag(person: &Person, evidence: &Evidence, policy: &Policy) -> Option<Reason> {
    if person.is_younger_than(policy.ages().flagged_years) {
        Some(Reason::RhythmNotEstablished)
    } else if evidence.valid_day_count < policy.min_days() {
        Some(Reason::TooFewDaysToFlag)
    } else if evidence.sample_count < policy.min_samples() {
        Some(Reason::TooFewSamplesToFlag)
    } else if f64::from(evidence.blind_evening_count)
        > policy.evening_limit_share() * f64::from(evidence.valid_day_count)
    {
        Some(Reason::EveningLimitTooHigh)
    } else {
        None
    }
}

/// What a reader must know whatever the verdict.
pub(super) fn cautions(person: &Person, evidence: &Evidence, reference: &Reference) -> Reasons {
    let age_outside = person.age.is_some_and(|age| !reference.holds_for(age));
    [
        (person.age.is_none(), Reason::AgeNotRecorded),
        (age_outside, Reason::AgeOutsideReference),
        (reference.provisional(), Reason::ProvisionalReference),
        (evidence.awakening_assumed, Reason::AwakeningAssumed),
        (evidence.below_limit, Reason::BelowLimit),
        (evidence.above_limit, Reason::AboveLimit),
        (evidence.excluded_days, Reason::ExcludedDays),
        (evidence.left_out_sample_count > 0, Reason::LeftOutSamples),
        (evidence.failed_plate, Reason::FailedPlate),
        (evidence.plate_for_review, Reason::PlateForReview),
    ]
    .into_iter()
    .filter_map(|(holds, reason)| holds.then_some(reason))
    .collect()
}
