//! Judges everybody by the policy in force, slice by slice.

use std::time::Duration;

use serde_json::json;

use super::super::judge::rejudge;
use super::super::participants::meet;
use super::super::write::Write;
use super::super::{Conn, ground};
use super::{Held, job, job_name, move_on};
use crate::codes;
use crate::fault::Fault;
use crate::flag_step::Cause;
use crate::plan::Said;
use crate::trail::{Note, Trail};
use crate::{Call, Job, JobKind, JobState};

pub(super) const STATEMENTS: [&str; 1] = [NEXT];

const NEXT: &str = "select participant from participants where study_no = $1 and participant > $2 \
    order by participant limit $3";

/// Judges the next participants of a job.
#[derive(Debug)]
pub(crate) struct RejudgeNext {
    pub(crate) study: String,
    pub(crate) job: String,
    pub(crate) limit: u32,
    pub(crate) lease: Duration,
    pub(crate) call: Call,
}

impl Write for RejudgeNext {
    type Answer = Job;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(&self, conn: &mut Conn, trail: &mut Trail, _attempt: u32) -> Result<Job, Fault> {
        let ground = ground::share(conn, &self.study).await?;
        let held = Held {
            study: &self.study,
            job: &self.job,
            lease: self.lease,
            call: &self.call,
        };
        let progress = held.hold(conn, ground.no).await?;
        let codes: Vec<String> = sqlx::query_scalar(NEXT)
            .bind(ground.no)
            .bind(&progress)
            .bind(i64::from(self.limit.max(1)))
            .fetch_all(&mut *conn)
            .await?;
        let said = codes.iter().map(|code| (code.as_str(), Said::default()));
        let met = meet(conn, ground.no, self.call.now.as_microsecond(), said).await?;
        rejudge(conn, trail, &ground, self.call.now, Cause::Policy, &met).await?;
        let done = i64::try_from(codes.len()).unwrap_or(i64::MAX);
        let is_last = done < i64::from(self.limit.max(1));
        let state = if is_last {
            JobState::Succeeded
        } else {
            JobState::Running
        };
        let reached = codes.last().unwrap_or(&progress);
        let row = move_on(conn, ground.no, &held, state, reached, codes.len()).await?;
        let job = job(&row, &self.study)?;
        if is_last {
            let note = Note {
                action: codes::job_kind(JobKind::Rejudge),
                resource: job_name(&self.study, &self.job),
                after: json!({ "policy": ground.policy.version, "participants": job.done }),
                ..Note::default()
            };
            trail.note(ground.no, &self.study, &self.call, note);
        }
        Ok(job)
    }
}
