//! Jobs: claimed with a lease, moved on in small transactions, resumed by whoever comes after.

use std::time::Duration;

use jiff::Timestamp;

use super::fields::{Fields, found};
use super::ground::{self, study_name};
use super::judge::rejudge;
use super::participants::meet;
use super::write::Write;
use super::{Conn, Row, audit};
use crate::codes;
use crate::fault::Fault;
use crate::ids::new_id;
use crate::plan::Said;
use crate::{Call, Job, JobKind, JobState, StoreError};

pub(super) const STATEMENTS: [&str; 6] = [ONE, QUEUE, CLAIM, HOLD, NEXT, MOVE_ON];

macro_rules! columns {
    () => {
        "jobs.job_id, jobs.kind, jobs.state, jobs.done_count, jobs.total_count, jobs.error, jobs.created_us, \
        jobs.updated_us, jobs.progress"
    };
}

const ONE: &str = concat!(
    "select ",
    columns!(),
    " from jobs where study_no = $1 and job_id = $2"
);

const QUEUE: &str = "insert into jobs (study_no, job_id, kind, state, progress, done_count, total_count, error, \
    worker, lease_until_us, created_us, updated_us) \
    select cast($1 as bigint), cast($2 as text), 'rejudge', 'queued', '', 0, count(*), '', '', 0, \
    cast($3 as bigint), cast($3 as bigint) from participants where study_no = $1";

/// The condition stands twice: a worker that waited for another's claim looks again at what it waited for.
const CLAIM: &str = concat!(
    "update jobs set state = 'running', worker = $1, lease_until_us = $2, updated_us = $3 \
    where state in ('queued', 'running') and (state = 'queued' or lease_until_us < $3) and job_id = \
    (select job_id from jobs where state in ('queued', 'running') and (state = 'queued' or lease_until_us < $3) \
    order by created_us, job_id limit 1) returning ",
    columns!(),
    ", (select study_id from studies where studies.study_no = jobs.study_no) as study_id"
);

const HOLD: &str = "update jobs set lease_until_us = $1 where study_no = $2 and job_id = $3 and worker = $4 \
    and state = 'running' returning progress";

const NEXT: &str = "select participant from participants where study_no = $1 and participant > $2 \
    order by participant limit $3";

const MOVE_ON: &str = concat!(
    "update jobs set state = $1, progress = $2, done_count = done_count + $3, updated_us = $4 \
    where study_no = $5 and job_id = $6 returning ",
    columns!()
);

/// A job.
pub(crate) async fn read(conn: &mut Conn, study: &str, id: &str) -> Result<Job, Fault> {
    let no = ground::number(conn, study).await?;
    find(conn, no, study, id).await
}

pub(super) async fn find(conn: &mut Conn, no: i64, study: &str, id: &str) -> Result<Job, Fault> {
    let row = sqlx::query(ONE)
        .bind(no)
        .bind(id)
        .fetch_optional(conn)
        .await?;
    job(&found(row, || job_name(study, id))?, study)
}

/// Queues the job that judges every participant by the policy in force.
pub(super) async fn queue(
    conn: &mut Conn,
    no: i64,
    study: &str,
    now: Timestamp,
) -> Result<Job, Fault> {
    let id = new_id(now);
    sqlx::query(QUEUE)
        .bind(no)
        .bind(&id)
        .bind(now.as_microsecond())
        .execute(&mut *conn)
        .await?;
    find(conn, no, study, &id).await
}

fn job_name(study: &str, id: &str) -> String {
    format!("{}/jobs/{id}", study_name(study))
}

fn job(row: &Row, study: &str) -> Result<Job, Fault> {
    let fields = Fields(row);
    Ok(Job {
        id: fields.owned("job_id")?,
        study: study.to_owned(),
        kind: codes::read_job_kind(fields.text("kind")?)?,
        state: codes::read_job_state(fields.text("state")?)?,
        done: fields.integer("done_count")?,
        total: fields.integer("total_count")?,
        error: fields.owned("error")?,
        created: fields.instant("created_us")?,
        updated: fields.instant("updated_us")?,
    })
}

/// Takes the oldest job that waits, or whose worker let its lease run out.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) lease: Duration,
    pub(crate) call: Call,
}

impl Write for Claim {
    type Answer = Option<Job>;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(&self, conn: &mut Conn, _attempt: u32) -> Result<Option<Job>, Fault> {
        let row = sqlx::query(CLAIM)
            .bind(&self.call.actor)
            .bind(lease_end(self.call.now, self.lease))
            .bind(self.call.now.as_microsecond())
            .fetch_optional(conn)
            .await?;
        row.map(|row| job(&row, Fields(&row).text("study_id")?))
            .transpose()
    }
}

fn lease_end(now: Timestamp, lease: Duration) -> i64 {
    now.as_microsecond()
        .saturating_add(i64::try_from(lease.as_micros()).unwrap_or(i64::MAX))
}

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

    async fn run(&self, conn: &mut Conn, _attempt: u32) -> Result<Job, Fault> {
        let ground = ground::share(conn, &self.study).await?;
        let progress = self.hold(conn, ground.no).await?;
        let codes: Vec<String> = sqlx::query_scalar(NEXT)
            .bind(ground.no)
            .bind(&progress)
            .bind(i64::from(self.limit.max(1)))
            .fetch_all(&mut *conn)
            .await?;
        let said = codes.iter().map(|code| (code.as_str(), Said::default()));
        let met = meet(conn, ground.no, self.call.now.as_microsecond(), said).await?;
        rejudge(conn, &ground, self.call.now, &met).await?;
        let done = i64::try_from(codes.len()).unwrap_or(i64::MAX);
        let is_last = done < i64::from(self.limit.max(1));
        let state = if is_last {
            JobState::Succeeded
        } else {
            JobState::Running
        };
        let row = sqlx::query(MOVE_ON)
            .bind(codes::job_state(state))
            .bind(codes.last().unwrap_or(&progress))
            .bind(done)
            .bind(self.call.now.as_microsecond())
            .bind(ground.no)
            .bind(&self.job)
            .fetch_one(&mut *conn)
            .await?;
        let job = job(&row, &self.study)?;
        if is_last {
            let detail = format!(
                "policy {}, {} participants",
                ground.policy.version, job.done
            );
            let resource = job_name(&self.study, &self.job);
            audit::note(
                conn,
                ground.no,
                &self.call,
                codes::job_kind(JobKind::Rejudge),
                &resource,
                &detail,
            )
            .await?;
        }
        Ok(job)
    }
}

impl RejudgeNext {
    /// Holds the job's row and extends the lease; returns the last participant done.
    async fn hold(&self, conn: &mut Conn, no: i64) -> Result<String, Fault> {
        let progress = sqlx::query_scalar(HOLD)
            .bind(lease_end(self.call.now, self.lease))
            .bind(no)
            .bind(&self.job)
            .bind(&self.call.actor)
            .fetch_optional(&mut *conn)
            .await?;
        match progress {
            Some(progress) => Ok(progress),
            None => {
                let state = find(conn, no, &self.study, &self.job).await?.state.word();
                let resource = job_name(&self.study, &self.job);
                Err(StoreError::StateForbids {
                    resource,
                    state,
                    step: "continued by this worker",
                }
                .into())
            }
        }
    }
}
