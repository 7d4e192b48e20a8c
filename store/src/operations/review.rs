//! A reviewer's steps on a flag.

use super::flags::{self, flag_name};
use super::ground;
use super::steps::{self, Step};
use super::write::Write;
use super::{Conn, requests};
use crate::answer::KeptFlag;
use crate::codes;
use crate::fault::Fault;
use crate::trail::Trail;
use crate::{Call, Flag, FlagDecision, FlagEventKind, FlagState, StoreError};

/// What a reviewer does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ReviewStep {
    /// Decides about an open flag.
    Resolve(FlagDecision),
    /// Opens a resolved flag again.
    Reopen,
}

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
        let no = ground::number(conn, &self.study).await?;
        let flag = flags::find(conn, no, &self.study, &self.flag).await?;
        if let Some(kept) = requests::find::<KeptFlag>(conn, no, &self.call).await? {
            return as_answered(conn, no, flag, &kept).await;
        }
        let resource = flag_name(&self.study, &self.flag);
        if flag.version != self.version {
            return Err(StoreError::EtagMismatch { resource }.into());
        }
        self.check(flag.state, &resource)?;
        steps::take(conn, trail, no, &self.study, &[self.written(&flag)]).await?;
        let kept = KeptFlag {
            flag: flag.id,
            version: self.version + 1,
        };
        requests::keep(conn, no, &self.call, &kept).await?;
        flags::find(conn, no, &self.study, &self.flag).await
    }
}

impl Review {
    fn check(&self, state: FlagState, resource: &str) -> Result<(), StoreError> {
        let (needed, step) = match self.step {
            ReviewStep::Resolve(_) => (FlagState::Open, "resolved"),
            ReviewStep::Reopen => (FlagState::Resolved, "reopened"),
        };
        if state == needed {
            return Ok(());
        }
        Err(StoreError::StateForbids {
            resource: resource.to_owned(),
            state: codes::flag_state(state),
            step,
        })
    }

    fn written<'a>(&'a self, flag: &'a Flag) -> Step<'a> {
        let (kind, state, decision) = match self.step {
            ReviewStep::Resolve(decision) => {
                (FlagEventKind::Resolved, FlagState::Resolved, Some(decision))
            }
            ReviewStep::Reopen => (FlagEventKind::Reopened, FlagState::Open, None),
        };
        Step {
            id: flag.id.clone(),
            participant: &flag.participant,
            from: Some((flag.state, flag.decision)),
            kind,
            state,
            actor: &self.call.actor,
            reason: &self.reason,
            decision,
            evidence: &flag.evidence,
            policy_version: flag.policy_version,
            raised: flag.raised,
            at: self.call.now,
            version: self.version + 1,
        }
    }
}

/// The flag as it stood after the step that was answered, whatever happened since.
async fn as_answered(
    conn: &mut Conn,
    no: i64,
    mut flag: Flag,
    kept: &KeptFlag,
) -> Result<Flag, Fault> {
    let event = flags::event_at(conn, no, &kept.flag, kept.version).await?;
    let Some(event) = event else { return Ok(flag) };
    let resolved = event.kind == FlagEventKind::Resolved;
    flag.state = if resolved {
        FlagState::Resolved
    } else {
        FlagState::Open
    };
    flag.decision = event.decision;
    flag.decision_reason = if resolved {
        event.reason
    } else {
        String::new()
    };
    flag.evidence = event.evidence;
    flag.policy_version = event.policy_version;
    flag.updated = event.at;
    flag.version = event.sequence;
    Ok(flag)
}
