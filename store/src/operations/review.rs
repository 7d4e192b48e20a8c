//! A reviewer's steps on a flag.

use super::flags::{self, flag_name};
use super::ground;
use super::steps::{self, Step};
use super::write::Write;
use super::{Conn, requests};
use crate::answer::KeptFlag;
use crate::fault::Fault;
use crate::flag_life::{FlagLife, KeptLife};
use crate::flag_review::{ReviewStep, Reviewer, review};
use crate::trail::Trail;
use crate::{Call, Flag, FlagDecision, FlagEventKind, FlagState, StoreError};

/// A step of a reviewer, with a reason.
#[derive(Debug)]
pub(crate) struct Review {
    pub(crate) study: String,
    pub(crate) flag: String,
    pub(crate) version: i64,
    pub(crate) step: ReviewStep,
    pub(crate) reason: String,
    pub(crate) call: Call,
}

impl Write for Review {
    type Answer = Flag;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(&self, conn: &mut Conn, trail: &mut Trail, _attempt: u32) -> Result<Flag, Fault> {
        let ground = ground::read(conn, &self.study).await?;
        let no = ground.no;
        let flag = flags::find(conn, no, &self.study, &self.flag).await?;
        if let Some(kept) = requests::find::<KeptFlag>(conn, no, &self.call).await? {
            return as_answered(conn, no, flag, kept).await;
        }
        if flag.version != self.version {
            return Err(self.moved_on(conn, no, &flag).await?.into());
        }
        let reviewer = Reviewer {
            name: &self.call.actor,
            now: self.call.now,
            reason: &self.reason,
            second_review: ground.rule.reviewing().second_review,
        };
        let resource = flag_name(&self.study, &self.flag);
        let (kind, life) =
            review(&FlagLife::of(&flag), self.step, &reviewer).map_err(|refusal| {
                StoreError::Review {
                    resource: resource.clone(),
                    refusal,
                }
            })?;
        let kept = KeptFlag {
            flag: flag.id.clone(),
            version: self.version + 1,
            life: Some(KeptLife::of(&life)?),
        };
        let step = self.written(&flag, kind, life);
        steps::take(conn, trail, no, &self.study, &[step]).await?;
        requests::keep(conn, no, &self.call, &kept).await?;
        flags::find(conn, no, &self.study, &self.flag).await
    }
}

impl Review {
    /// The refusal of a step on a flag that somebody moved on meanwhile: it carries what they did.
    async fn moved_on(&self, conn: &mut Conn, no: i64, flag: &Flag) -> Result<StoreError, Fault> {
        let resource = flag_name(&self.study, &self.flag);
        let last = flags::event_at(conn, no, &flag.id, flag.version).await?;
        Ok(match last {
            Some(last) => StoreError::FlagMovedOn {
                resource,
                last: Box::new(last),
            },
            None => StoreError::EtagMismatch { resource },
        })
    }

    fn written<'a>(&'a self, flag: &'a Flag, kind: FlagEventKind, life: FlagLife) -> Step<'a> {
        Step {
            id: flag.id.clone(),
            participant: &flag.participant,
            from: Some(FlagLife::of(flag)),
            kind,
            life,
            actor: &self.call.actor,
            reason: self.reason.as_str().into(),
            decision: self.decision(),
            evidence: &flag.evidence,
            policy_version: flag.policy_version,
            raised: flag.raised,
            at: self.call.now,
            version: self.version + 1,
        }
    }

    const fn decision(&self) -> Option<FlagDecision> {
        match self.step {
            ReviewStep::Resolve(decision) => Some(decision),
            _ => None,
        }
    }
}

/// The flag as it stood after the step that was answered, whatever happened since.
async fn as_answered(
    conn: &mut Conn,
    no: i64,
    mut flag: Flag,
    kept: KeptFlag,
) -> Result<Flag, Fault> {
    let event = flags::event_at(conn, no, &kept.flag, kept.version).await?;
    let Some(event) = event else { return Ok(flag) };
    let life = match kept.life {
        Some(life) => life.answer()?,
        // Kept before claims and second decisions: the step was a resolution or an opening.
        None if event.kind == FlagEventKind::Resolved => FlagLife {
            decision: event.decision,
            decision_reason: event.reason,
            ..FlagLife::in_state(FlagState::Resolved)
        },
        None => FlagLife::in_state(FlagState::Open),
    };
    life.put_on(&mut flag);
    flag.evidence = event.evidence;
    flag.policy_version = event.policy_version;
    flag.updated = event.at;
    flag.version = event.sequence;
    Ok(flag)
}
