//! What a reviewer's step does to a flag: the whole rule in one place.

use jiff::Timestamp;

use crate::codes;
use crate::flag_life::FlagLife;
use crate::{FlagClaim, FlagDecision, FlagEventKind, FlagState, ReviewerDecision};

/// What a reviewer does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ReviewStep {
    /// Takes hold of a flag that waits, from another if need be.
    Claim {
        until: Option<Timestamp>,
        take_over: bool,
    },
    /// Lets it go.
    Release,
    /// Decides.
    Resolve(FlagDecision),
    /// Opens a decided flag again.
    Reopen,
}

/// Who takes the step, when, why, and whether the policy in force wants a second reviewer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reviewer<'a> {
    pub(crate) name: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) reason: &'a str,
    pub(crate) second_review: bool,
}

/// Why a reviewer may not take a step.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReviewRefusal {
    /// The state does not admit it.
    #[error("is {state}: it cannot be {step}")]
    State {
        /// The state it is in.
        state: &'static str,
        /// What was asked for.
        step: &'static str,
    },
    /// Another reviewer holds it.
    #[error("is claimed by {}{}: take it over first, with a reason", .0.reviewer, until(.0))]
    Claimed(FlagClaim),
    /// The same reviewer cannot be the second.
    #[error(
        "awaits a second decision: {reviewer} made the first, another reviewer makes the second"
    )]
    SameReviewer {
        /// Who decided first.
        reviewer: String,
    },
    /// One of the two who disagree cannot settle it by repeating the own decision.
    #[error(
        "is disputed: {reviewer} is one of the two who disagree and can only settle it for the other decision; a third reviewer can settle it for any"
    )]
    OwnDecision {
        /// Who tried.
        reviewer: String,
    },
}

fn until(claim: &FlagClaim) -> String {
    claim
        .until
        .map_or_else(String::new, |until| format!(" until {until}"))
}

/// The kind of the event and the life after the step.
pub(crate) fn review(
    life: &FlagLife,
    step: ReviewStep,
    by: &Reviewer<'_>,
) -> Result<(FlagEventKind, FlagLife), ReviewRefusal> {
    match step {
        ReviewStep::Claim { until, take_over } => claim(life, until, take_over, by),
        ReviewStep::Release => release(life, by),
        ReviewStep::Resolve(decision) => resolve(life, decision, by),
        ReviewStep::Reopen => reopen(life, by),
    }
}

/// The claim of somebody else that holds.
fn held_by_another<'a>(life: &'a FlagLife, by: &Reviewer<'_>) -> Option<&'a FlagClaim> {
    let claim = life.claim.as_ref()?;
    (claim.reviewer != by.name && claim.holds(by.now)).then_some(claim)
}

fn check_not_held(life: &FlagLife, by: &Reviewer<'_>) -> Result<(), ReviewRefusal> {
    match held_by_another(life, by) {
        Some(claim) => Err(ReviewRefusal::Claimed(claim.clone())),
        None => Ok(()),
    }
}

const fn waits(state: FlagState) -> bool {
    matches!(
        state,
        FlagState::Open | FlagState::AwaitingSecond | FlagState::Disputed
    )
}

fn refused(state: FlagState, step: &'static str) -> ReviewRefusal {
    ReviewRefusal::State {
        state: codes::flag_state(state),
        step,
    }
}

fn claim(
    life: &FlagLife,
    until: Option<Timestamp>,
    take_over: bool,
    by: &Reviewer<'_>,
) -> Result<(FlagEventKind, FlagLife), ReviewRefusal> {
    if !waits(life.state) {
        return Err(refused(life.state, "claimed"));
    }
    let kind = match held_by_another(life, by) {
        None => FlagEventKind::Claimed,
        Some(_) if take_over => FlagEventKind::TakenOver,
        Some(claim) => return Err(ReviewRefusal::Claimed(claim.clone())),
    };
    let claim = FlagClaim {
        reviewer: by.name.to_owned(),
        at: by.now,
        until,
    };
    let after = FlagLife {
        claim: Some(claim),
        ..life.clone()
    };
    Ok((kind, after))
}

fn release(life: &FlagLife, by: &Reviewer<'_>) -> Result<(FlagEventKind, FlagLife), ReviewRefusal> {
    check_not_held(life, by)?;
    let mine = life
        .claim
        .as_ref()
        .is_some_and(|claim| claim.reviewer == by.name);
    if !mine {
        return Err(ReviewRefusal::State {
            state: "not claimed by this reviewer",
            step: "released",
        });
    }
    let after = FlagLife {
        claim: None,
        ..life.clone()
    };
    Ok((FlagEventKind::Released, after))
}

fn resolve(
    life: &FlagLife,
    decision: FlagDecision,
    by: &Reviewer<'_>,
) -> Result<(FlagEventKind, FlagLife), ReviewRefusal> {
    if !waits(life.state) {
        return Err(refused(life.state, "resolved"));
    }
    check_not_held(life, by)?;
    let (kind, state) = match life.state {
        FlagState::AwaitingSecond => second(life, decision, by)?,
        FlagState::Disputed => settled(life, decision, by)?,
        _ if by.second_review => (FlagEventKind::FirstDecision, FlagState::AwaitingSecond),
        _ => (FlagEventKind::Resolved, FlagState::Resolved),
    };
    let mut decisions = life.decisions.clone();
    decisions.push(ReviewerDecision {
        reviewer: by.name.to_owned(),
        decision,
        reason: by.reason.to_owned(),
        at: by.now,
    });
    let after = FlagLife {
        state,
        decision: Some(decision),
        decision_reason: by.reason.to_owned(),
        claim: None,
        decisions,
    };
    Ok((kind, after))
}

/// The second decision, by another reviewer: in agreement it resolves.
fn second(
    life: &FlagLife,
    decision: FlagDecision,
    by: &Reviewer<'_>,
) -> Result<(FlagEventKind, FlagState), ReviewRefusal> {
    if let Some(first) = life.decisions.iter().find(|one| one.reviewer == by.name) {
        return Err(ReviewRefusal::SameReviewer {
            reviewer: first.reviewer.clone(),
        });
    }
    let agrees = life.decisions.iter().all(|one| one.decision == decision);
    Ok(if agrees {
        (FlagEventKind::Resolved, FlagState::Resolved)
    } else {
        (FlagEventKind::Disagreed, FlagState::Disputed)
    })
}

/// A third reviewer settles a dispute for any decision, one of the two only by giving way.
fn settled(
    life: &FlagLife,
    decision: FlagDecision,
    by: &Reviewer<'_>,
) -> Result<(FlagEventKind, FlagState), ReviewRefusal> {
    let own = life.decisions.iter().find(|one| one.reviewer == by.name);
    let gives_way = life
        .decisions
        .iter()
        .any(|one| one.reviewer != by.name && one.decision == decision);
    if own.is_some() && !gives_way {
        return Err(ReviewRefusal::OwnDecision {
            reviewer: by.name.to_owned(),
        });
    }
    Ok((FlagEventKind::Resolved, FlagState::Resolved))
}

fn reopen(life: &FlagLife, by: &Reviewer<'_>) -> Result<(FlagEventKind, FlagLife), ReviewRefusal> {
    if !matches!(
        life.state,
        FlagState::Resolved | FlagState::AwaitingSecond | FlagState::Disputed
    ) {
        return Err(refused(life.state, "reopened"));
    }
    check_not_held(life, by)?;
    Ok((FlagEventKind::Reopened, FlagLife::in_state(FlagState::Open)))
}

#[cfg(test)]
mod tests {
    use FlagDecision::{Confirmed, Dismissed, MoreData};
    use FlagEventKind as Kind;
    use ReviewStep::{Reopen, Resolve};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn by(name: &str, second_review: bool) -> Reviewer<'_> {
        Reviewer {
            name,
            now: at(100),
            reason: "seen",
            second_review,
        }
    }

    fn claim(until: Option<i64>, take_over: bool) -> ReviewStep {
        ReviewStep::Claim {
            until: until.map(at),
            take_over,
        }
    }

    /// Takes steps from an open flag; the last one's outcome, as the kind and state or the refusal's words.
    fn outcome(
        second_review: bool,
        steps: &[(&str, ReviewStep)],
    ) -> Result<(Kind, FlagState), String> {
        let mut life = FlagLife::in_state(FlagState::Open);
        let mut last = Err("no step".to_owned());
        for (name, step) in steps {
            match review(&life, *step, &by(name, second_review)) {
                Ok((kind, after)) => {
                    last = Ok((kind, after.state));
                    life = after;
                }
                Err(refusal) => last = Err(refusal.to_string()),
            }
        }
        last
    }

    #[test]
    fn one_reviewer_decides_where_the_policy_wants_one() {
        assert_eq!(
            outcome(false, &[("anna", Resolve(Dismissed))]),
            Ok((Kind::Resolved, FlagState::Resolved))
        );
        assert_eq!(
            outcome(
                false,
                &[("anna", Resolve(Dismissed)), ("ben", Resolve(Confirmed))]
            ),
            Err("is resolved: it cannot be resolved".to_owned())
        );
        assert_eq!(
            outcome(false, &[("anna", Resolve(Dismissed)), ("ben", Reopen)]),
            Ok((Kind::Reopened, FlagState::Open))
        );
        assert!(outcome(false, &[("anna", Reopen)]).is_err());
    }

    #[test]
    fn two_reviewers_agree_or_disagree() {
        let (first, agreeing) = (("anna", Resolve(Confirmed)), ("ben", Resolve(Confirmed)));
        let other = ("ben", Resolve(Dismissed));
        let cases = [
            (
                vec![first],
                Ok((Kind::FirstDecision, FlagState::AwaitingSecond)),
            ),
            (
                vec![first, agreeing],
                Ok((Kind::Resolved, FlagState::Resolved)),
            ),
            (
                vec![first, other],
                Ok((Kind::Disagreed, FlagState::Disputed)),
            ),
            // Giving way settles it, insisting does not, a third may decide anything.
            (
                vec![first, other, ("anna", Resolve(Dismissed))],
                Ok((Kind::Resolved, FlagState::Resolved)),
            ),
            (
                vec![first, other, ("ben", Resolve(Confirmed))],
                Ok((Kind::Resolved, FlagState::Resolved)),
            ),
            (
                vec![first, other, ("cleo", Resolve(MoreData))],
                Ok((Kind::Resolved, FlagState::Resolved)),
            ),
            (
                vec![first, other, ("cleo", Reopen)],
                Ok((Kind::Reopened, FlagState::Open)),
            ),
        ];
        for (steps, expected) in cases {
            assert_eq!(outcome(true, &steps), expected, "{steps:?}");
        }
        let refused = outcome(true, &[first, ("anna", Resolve(Confirmed))])
            .err()
            .unwrap_or_default();
        assert!(refused.contains("anna made the first"), "{refused}");
        let refused = outcome(true, &[first, other, first])
            .err()
            .unwrap_or_default();
        assert!(refused.contains("anna is one of the two"), "{refused}");
    }

    #[test]
    fn a_claim_keeps_others_off_until_it_ends() {
        let mine = ("anna", claim(None, false));
        let taken = Err("is claimed by anna: take it over first, with a reason".to_owned());
        assert_eq!(outcome(false, &[mine, ("ben", Resolve(Confirmed))]), taken);
        assert_eq!(outcome(false, &[mine, ("ben", claim(None, false))]), taken);
        assert_eq!(outcome(false, &[mine, ("ben", ReviewStep::Release)]), taken);
        assert_eq!(
            outcome(
                false,
                &[
                    mine,
                    ("ben", claim(None, true)),
                    ("ben", Resolve(Confirmed))
                ]
            ),
            Ok((Kind::Resolved, FlagState::Resolved))
        );
        assert_eq!(
            outcome(false, &[mine, ("ben", claim(None, true))]),
            Ok((Kind::TakenOver, FlagState::Open))
        );
        assert_eq!(
            outcome(
                false,
                &[
                    mine,
                    ("anna", ReviewStep::Release),
                    ("ben", Resolve(Confirmed))
                ]
            ),
            Ok((Kind::Resolved, FlagState::Resolved))
        );
        // It ran out at 100 s, which is now.
        let ended = ("anna", claim(Some(100), false));
        assert_eq!(
            outcome(false, &[ended, ("ben", claim(None, false))]),
            Ok((Kind::Claimed, FlagState::Open))
        );
        let refused = outcome(false, &[ended, ("ben", ReviewStep::Release)]);
        assert!(refused.is_err());
        let decided = outcome(
            false,
            &[
                mine,
                ("anna", Resolve(Confirmed)),
                ("anna", claim(None, false)),
            ],
        );
        assert_eq!(decided, Err("is resolved: it cannot be claimed".to_owned()));
    }
}
