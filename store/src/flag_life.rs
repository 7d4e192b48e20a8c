//! The part of a flag that steps change.

use serde::{Deserialize, Serialize};

use crate::answer::{instant, keep, recall};
use crate::codes;
use crate::{Flag, FlagClaim, FlagDecision, FlagState, ReviewerDecision, StoreError};

/// Where a flag stands, who holds it, and what was decided.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FlagLife {
    pub(crate) state: FlagState,
    pub(crate) decision: Option<FlagDecision>,
    pub(crate) decision_reason: String,
    pub(crate) claim: Option<FlagClaim>,
    pub(crate) decisions: Vec<ReviewerDecision>,
}

impl FlagLife {
    /// That of a flag of which nothing is known but where it stands.
    pub(crate) fn in_state(state: FlagState) -> Self {
        Self {
            state,
            decision: None,
            decision_reason: String::new(),
            claim: None,
            decisions: Vec::new(),
        }
    }

    pub(crate) fn of(flag: &Flag) -> Self {
        Self {
            state: flag.state,
            decision: flag.decision,
            decision_reason: flag.decision_reason.clone(),
            claim: flag.claim.clone(),
            decisions: flag.decisions.clone(),
        }
    }

    pub(crate) fn put_on(self, flag: &mut Flag) {
        flag.state = self.state;
        flag.decision = self.decision;
        flag.decision_reason = self.decision_reason;
        flag.claim = self.claim;
        flag.decisions = self.decisions;
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptDecision {
    reviewer: String,
    decision: String,
    reason: String,
    at_us: i64,
}

/// The column `decisions`.
pub(crate) fn write_decisions(decisions: &[ReviewerDecision]) -> Result<String, StoreError> {
    if decisions.is_empty() {
        return Ok(String::new());
    }
    let kept: Vec<KeptDecision> = decisions
        .iter()
        .map(|one| KeptDecision {
            reviewer: one.reviewer.clone(),
            decision: codes::decision(one.decision).to_owned(),
            reason: one.reason.clone(),
            at_us: one.at.as_microsecond(),
        })
        .collect();
    keep(&kept)
}

pub(crate) fn read_decisions(text: &str) -> Result<Vec<ReviewerDecision>, StoreError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let kept: Vec<KeptDecision> = recall(text)?;
    kept.into_iter()
        .map(|one| {
            Ok(ReviewerDecision {
                decision: codes::read_decision(&one.decision)?,
                at: instant(one.at_us)?,
                reviewer: one.reviewer,
                reason: one.reason,
            })
        })
        .collect()
}

/// A life as it is kept with the answer to a request.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptLife {
    state: String,
    decision: Option<String>,
    decision_reason: String,
    claim: Option<KeptClaim>,
    decisions: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptClaim {
    reviewer: String,
    at_us: i64,
    until_us: Option<i64>,
}

impl KeptClaim {
    fn answer(self) -> Result<FlagClaim, StoreError> {
        Ok(FlagClaim {
            at: instant(self.at_us)?,
            until: self.until_us.map(instant).transpose()?,
            reviewer: self.reviewer,
        })
    }
}

impl KeptLife {
    pub(crate) fn of(life: &FlagLife) -> Result<Self, StoreError> {
        Ok(Self {
            state: codes::flag_state(life.state).to_owned(),
            decision: life.decision.map(|one| codes::decision(one).to_owned()),
            decision_reason: life.decision_reason.clone(),
            claim: life.claim.as_ref().map(|claim| KeptClaim {
                reviewer: claim.reviewer.clone(),
                at_us: claim.at.as_microsecond(),
                until_us: claim.until.map(|until| until.as_microsecond()),
            }),
            decisions: write_decisions(&life.decisions)?,
        })
    }

    pub(crate) fn answer(self) -> Result<FlagLife, StoreError> {
        let decision = self.decision.as_deref().map(codes::read_decision);
        Ok(FlagLife {
            state: codes::read_flag_state(&self.state)?,
            decision: decision.transpose()?,
            decision_reason: self.decision_reason,
            claim: self.claim.map(KeptClaim::answer).transpose()?,
            decisions: read_decisions(&self.decisions)?,
        })
    }
}
