//! Group commit: whoever gets the writer takes all submissions that wait, and one sync to disk answers them all.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::Connection as _;
use tokio::sync::oneshot;

use super::operations::submit::Submit;
use super::operations::write::{Write as _, begin, commit, perform};
use super::{Conn, Database, attempt_on};
use crate::engine::ATTEMPTS;
use crate::fault::{Fault, interrupted};
use crate::meter::time;
use crate::{StoreError, Submission, Submitted};

/// Rows in one commit, unless a single submission has more.
const MOST_ROWS: usize = 20_000;

type Answer = Result<Submitted, StoreError>;

/// A submission that waits for the writer.
#[derive(Debug)]
pub(super) struct Waiting {
    submission: Submit,
    answer: oneshot::Sender<Answer>,
}

/// Queues a submission. It is written even when the caller no longer waits for the answer.
pub(super) async fn submit(database: &Arc<Database>, submission: Submission) -> Answer {
    let (answer, answered) = oneshot::channel();
    locked(&database.waiting).push_back(Waiting {
        submission: Submit(submission),
        answer,
    });
    let database = Arc::clone(database);
    tokio::spawn(async move { write_waiting(&database).await });
    answered.await.unwrap_or_else(|_| Err(interrupted()))
}

/// Each submission brings one such task, so none is left waiting: at most the queue is already empty.
async fn write_waiting(database: &Database) {
    if let Err(fault) = database.disk.check() {
        let refusal = StoreError::from(fault);
        return answer_all(take(&database.waiting), |_| Err(refusal.clone()));
    }
    let writes = time(&database.meter.write_seconds);
    let mut conn = match database.writer().await {
        Ok(conn) => conn,
        Err(fault) => {
            let refusal = StoreError::from(fault);
            return answer_all(take(&database.waiting), |_| Err(refusal.clone()));
        }
    };
    let group = take(&database.waiting);
    if group.is_empty() {
        writes.forget();
        return;
    }
    database.meter.group_submissions.observe(group.len() as f64);
    let outcomes = match group.as_slice() {
        [alone] => attempt_on(&mut conn, &alone.submission)
            .await
            .map(|answer| vec![Ok(answer)]),
        several => commit_together(&mut conn, several).await,
    };
    drop(writes);
    database.give_back(conn, &outcomes);
    match outcomes {
        Ok(outcomes) => {
            database.commits.count();
            let mut outcomes = outcomes.into_iter();
            answer_all(group, |_| {
                outcomes.next().unwrap_or_else(|| Err(interrupted()))
            });
        }
        Err(fault) => {
            write_apart(database, group, fault).await;
        }
    }
}

/// The whole group was rolled back, or nobody can say. One of several may be the cause, so that each gets its own
/// transaction, where one can be had.
async fn write_apart(database: &Database, group: Vec<Waiting>, fault: Fault) {
    if group.len() == 1 || matches!(fault, Fault::InDoubt(_)) {
        let refusal = StoreError::from(fault);
        return answer_all(group, |_| Err(refusal.clone()));
    }
    for waiting in group {
        let outcome = database
            .attempt(&waiting.submission)
            .await
            .map_err(StoreError::from);
        answer_all(vec![waiting], |_| outcome.clone());
    }
}

/// Writes each submission inside its own savepoint and commits once.
async fn commit_together(conn: &mut Conn, group: &[Waiting]) -> Result<Vec<Answer>, Fault> {
    let mut together = begin(conn).await?;
    let mut outcomes = Vec::with_capacity(group.len());
    for waiting in group {
        outcomes.push(write_one(&mut together, &waiting.submission).await?);
    }
    commit(together).await?;
    Ok(outcomes)
}

async fn write_one(conn: &mut Conn, submission: &Submit) -> Result<Answer, Fault> {
    let mut attempt = 0;
    loop {
        let mut savepoint = conn.begin().await?;
        let done = perform(&mut savepoint, submission, attempt).await;
        if done.is_ok() && !submission.call().validate_only {
            savepoint.commit().await?;
        } else {
            savepoint.rollback().await?;
        }
        match done {
            Ok(answer) => return Ok(Ok(answer)),
            Err(Fault::Refused(refusal)) => return Ok(Err(refusal)),
            Err(Fault::Stale) if attempt + 1 < ATTEMPTS => attempt += 1,
            Err(fault) => return Err(fault),
        }
    }
}

fn answer_all(group: Vec<Waiting>, mut outcome: impl FnMut(&Submit) -> Answer) {
    for waiting in group {
        // A caller that no longer waits does not mind.
        let _ = waiting.answer.send(outcome(&waiting.submission));
    }
}

fn take(waiting: &Mutex<VecDeque<Waiting>>) -> Vec<Waiting> {
    let mut queue = locked(waiting);
    let mut rows = 0;
    let mut group = Vec::new();
    while let Some(next) = queue.front() {
        rows += next.submission.0.rows.len();
        if rows > MOST_ROWS && !group.is_empty() {
            break;
        }
        group.extend(queue.pop_front());
    }
    group
}

/// The queue is whole between any two calls, also after a panic elsewhere.
fn locked(waiting: &Mutex<VecDeque<Waiting>>) -> MutexGuard<'_, VecDeque<Waiting>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}
