//! Jobs: claimed with a lease, moved on in small transactions, resumed by whoever comes after.

mod rejudge;

use std::time::Duration;

use jiff::Timestamp;

use super::fields::{Fields, found};
use super::ground::{self, study_name};
use super::write::Write;
use super::{Conn, Row};
use crate::codes;
use crate::fault::Fault;
use crate::ids::new_id;
use crate::job::Cause;
use crate::trail::Trail;
use crate::{Call, Job, JobKind, JobState, JobsAtWork, StoreError};

pub(crate) use rejudge::RejudgeNext;

/// Statements of the whole folder.
pub(super) fn statements() -> impl Iterator<Item = &'static str> {
    [
        ONE,
        QUEUE,
        QUEUE_BATCHES,
        QUEUE_ROWS,
        GIVE_UP,
        CLAIM,
        HOLD,
        MOVE_ON,
        ADVANCE,
        END,
        CANCEL,
        AT_WORK,
    ]
    .into_iter()
    .chain(rejudge::STATEMENTS)
}

/// Claims of a job that did not move on after which it is given up.
const ATTEMPTS: i64 = 5;

macro_rules! columns {
    () => {
        "jobs.job_id, jobs.kind, jobs.state, jobs.done_count, jobs.total_count, jobs.error, jobs.created_us, \
        jobs.updated_us, jobs.progress, jobs.attempts, jobs.error_reason"
    };
}

const ONE: &str = concat!(
    "select ",
    columns!(),
    " from jobs where study_no = $1 and job_id = $2"
);

macro_rules! queue {
    ($counted:literal) => {
        concat!(
            "insert into jobs (study_no, job_id, kind, state, progress, done_count, total_count, error, \
            worker, lease_until_us, created_us, updated_us) \
            select cast($1 as bigint), cast($2 as text), cast($4 as text), 'queued', '', 0, count(*), '', '', 0, \
            cast($3 as bigint), cast($3 as bigint) from ",
            $counted,
            " where study_no = $1"
        )
    };
}

const QUEUE: &str = queue!("participants");

const QUEUE_BATCHES: &str = queue!("batches");

/// The deletion of a study, whose rows were counted.
const QUEUE_ROWS: &str = "insert into jobs (study_no, job_id, kind, state, progress, done_count, total_count, error, \
    worker, lease_until_us, created_us, updated_us) values ($1, $2, 'delete', 'queued', '', 0, $4, '', '', 0, $3, $3)";

/// A job that takes every worker down with it must not go on for ever.
const GIVE_UP: &str = "update jobs set state = 'failed', error_reason = 'attempts', error = $1, updated_us = $2 \
    where state in ('queued', 'running') and state = 'running' and lease_until_us < $2 and attempts >= $3";

/// The condition stands twice: a worker that waited for another's claim looks again at what it waited for.
const CLAIM: &str = concat!(
    "update jobs set state = 'running', worker = $1, lease_until_us = $2, updated_us = $3, \
    attempts = attempts + 1 \
    where state in ('queued', 'running') and (state = 'queued' or lease_until_us < $3) and job_id = \
    (select job_id from jobs where state in ('queued', 'running') and (state = 'queued' or lease_until_us < $3) \
    and ($4 = '' or kind = $4) order by created_us, job_id limit 1) returning ",
    columns!(),
    ", (select study_id from studies where studies.study_no = jobs.study_no) as study_id"
);

const HOLD: &str = "update jobs set lease_until_us = $1 where study_no = $2 and job_id = $3 and worker = $4 \
    and state = 'running' returning progress";

const MOVE_ON: &str = concat!(
    "update jobs set state = $1, progress = $2, done_count = done_count + $3, updated_us = $4, attempts = 0 \
    where study_no = $5 and job_id = $6 returning ",
    columns!()
);

/// A fit begins anew with each claim, so that its attempts are not forgotten.
const ADVANCE: &str =
    "update jobs set done_count = $1, updated_us = $2 where study_no = $3 and job_id = $4";

const END: &str = "update jobs set state = $1, error_reason = $2, error = $3, updated_us = $4 \
    where study_no = $5 and job_id = $6";

const CANCEL: &str = "update jobs set state = 'cancelled', updated_us = $1 \
    where study_no = $2 and job_id = $3 and state in ('queued', 'running')";

/// Only what the index of unfinished jobs holds.
const AT_WORK: &str = "select kind, state, count(*) as jobs from jobs where state in ('queued', 'running') \
    group by kind, state order by kind, state";

/// How many jobs of all studies have not ended, by kind and state.
pub(crate) async fn at_work(conn: &mut Conn) -> Result<Vec<JobsAtWork>, Fault> {
    let rows = sqlx::query(AT_WORK).fetch_all(conn).await?;
    rows.iter()
        .map(|row| {
            let fields = Fields(row);
            Ok(JobsAtWork {
                kind: codes::read_job_kind(fields.text("kind")?)?,
                state: codes::read_job_state(fields.text("state")?)?,
                jobs: fields.integer("jobs")?,
            })
        })
        .collect()
}

/// A job.
pub(crate) async fn read(conn: &mut Conn, study: &str, id: &str) -> Result<Job, Fault> {
    // Whoever had a study deleted looks how far that is.
    let no = ground::number_of_any(conn, study).await?;
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

/// Queues a job on all participants, or on all batches.
pub(super) async fn queue(
    conn: &mut Conn,
    no: i64,
    study: &str,
    kind: JobKind,
    now: Timestamp,
) -> Result<Job, Fault> {
    let id = new_id(now);
    let statement = match kind {
        JobKind::Rejudge | JobKind::Fit | JobKind::Delete => QUEUE,
        JobKind::Reassess => QUEUE_BATCHES,
    };
    sqlx::query(statement)
        .bind(no)
        .bind(&id)
        .bind(now.as_microsecond())
        .bind(codes::job_kind(kind))
        .execute(&mut *conn)
        .await?;
    find(conn, no, study, &id).await
}

/// Queues the deletion of a study of so many rows.
pub(super) async fn queue_deletion(
    conn: &mut Conn,
    no: i64,
    study: &str,
    rows: i64,
    now: Timestamp,
) -> Result<Job, Fault> {
    let id = new_id(now);
    sqlx::query(QUEUE_ROWS)
        .bind(no)
        .bind(&id)
        .bind(now.as_microsecond())
        .bind(rows)
        .execute(&mut *conn)
        .await?;
    find(conn, no, study, &id).await
}

/// Notes how far a job came that this worker holds.
pub(super) async fn advance(
    conn: &mut Conn,
    no: i64,
    id: &str,
    done: i64,
    now: Timestamp,
) -> Result<(), Fault> {
    sqlx::query(ADVANCE)
        .bind(done)
        .bind(now.as_microsecond())
        .bind(no)
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes what a slice of a job did: how far it came, and whether that was the last of it.
pub(super) async fn move_on(
    conn: &mut Conn,
    no: i64,
    held: &Held<'_>,
    state: JobState,
    progress: &str,
    done: usize,
) -> Result<Row, Fault> {
    Ok(sqlx::query(MOVE_ON)
        .bind(codes::job_state(state))
        .bind(progress)
        .bind(i64::try_from(done).unwrap_or(i64::MAX))
        .bind(held.call.now.as_microsecond())
        .bind(no)
        .bind(held.job)
        .fetch_one(conn)
        .await?)
}

/// Ends a job that this worker holds.
pub(super) async fn end(
    conn: &mut Conn,
    no: i64,
    id: &str,
    state: JobState,
    cause: &Cause,
    now: Timestamp,
) -> Result<(), Fault> {
    sqlx::query(END)
        .bind(codes::job_state(state))
        .bind(&cause.reason)
        .bind(&cause.text)
        .bind(now.as_microsecond())
        .bind(no)
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Stops a job for good; whether it was queued or running.
pub(super) async fn cancel(
    conn: &mut Conn,
    no: i64,
    id: &str,
    now: Timestamp,
) -> Result<bool, Fault> {
    let cancelled = sqlx::query(CANCEL)
        .bind(now.as_microsecond())
        .bind(no)
        .bind(id)
        .execute(conn)
        .await?;
    Ok(cancelled.rows_affected() > 0)
}

pub(super) fn job_name(study: &str, id: &str) -> String {
    format!("{}/jobs/{id}", study_name(study))
}

pub(super) fn job(row: &Row, study: &str) -> Result<Job, Fault> {
    let fields = Fields(row);
    Ok(Job {
        id: fields.owned("job_id")?,
        study: study.to_owned(),
        kind: codes::read_job_kind(fields.text("kind")?)?,
        state: codes::read_job_state(fields.text("state")?)?,
        done: fields.integer("done_count")?,
        total: fields.integer("total_count")?,
        attempts: fields.integer("attempts")?,
        error_reason: fields.owned("error_reason")?,
        error: fields.owned("error")?,
        created: fields.instant("created_us")?,
        updated: fields.instant("updated_us")?,
    })
}

/// Takes the oldest job that waits, or whose worker let its lease run out.
#[derive(Debug)]
pub(crate) struct Claim {
    /// `None` for any.
    pub(crate) kind: Option<JobKind>,
    pub(crate) lease: Duration,
    pub(crate) call: Call,
}

impl Write for Claim {
    type Answer = Option<Job>;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(
        &self,
        conn: &mut Conn,
        _trail: &mut Trail,
        _attempt: u32,
    ) -> Result<Option<Job>, Fault> {
        let now = self.call.now.as_microsecond();
        sqlx::query(GIVE_UP)
            .bind(format!(
                "given up: {ATTEMPTS} workers took it and none moved on"
            ))
            .bind(now)
            .bind(ATTEMPTS)
            .execute(&mut *conn)
            .await?;
        let row = sqlx::query(CLAIM)
            .bind(&self.call.actor)
            .bind(lease_end(self.call.now, self.lease))
            .bind(now)
            .bind(self.kind.map_or("", codes::job_kind))
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

/// A job that the caller believes to hold.
#[derive(Debug)]
pub(super) struct Held<'a> {
    pub(super) study: &'a str,
    pub(super) job: &'a str,
    pub(super) lease: Duration,
    pub(super) call: &'a Call,
}

impl Held<'_> {
    /// Holds the job's row and extends the lease; returns the last participant done.
    pub(super) async fn hold(&self, conn: &mut Conn, no: i64) -> Result<String, Fault> {
        let progress = sqlx::query_scalar(HOLD)
            .bind(lease_end(self.call.now, self.lease))
            .bind(no)
            .bind(self.job)
            .bind(&self.call.actor)
            .fetch_optional(&mut *conn)
            .await?;
        match progress {
            Some(progress) => Ok(progress),
            None => {
                let state = find(conn, no, self.study, self.job).await?.state.word();
                let resource = job_name(self.study, self.job);
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
