//! Recalls a batch whose results nobody trusts, and takes a recall back.

use diel_core::{Measurement, MissingReason, Outcome};
use serde_json::{Value, json};

use super::fields::Fields;
use super::ground::{self, study_name};
use super::revise::{Revision, Why, revise};
use super::write::Write;
use super::{Conn, Row, batches, requests, specimens};
use crate::answer::KeptRevised;
use crate::codes;
use crate::fault::Fault;
use crate::trail::{Note, Trail};
use crate::{Batch, BatchRecall, Call, NewResult, Recall, Revised, RevisionCause, StoreError};

pub(crate) const STATEMENTS: [&str; 3] = [MARK, MEASURED, RECALLED];

const MARK: &str = "update batches set recalled_us = $1, recalled_by = $2, recall_reason = $3, version = version + 1 \
    where study_no = $4 and batch_no = $5 and version = $6";

/// Results of a batch that are in force and say a concentration.
const MEASURED: &str = "select r.specimen, r.well from results r \
    join specimens s on s.study_no = r.study_no and s.specimen = r.specimen and s.revision = r.revision \
    where r.study_no = $1 and r.batch_no = $2 and r.outcome <> 3 order by r.specimen";

/// What results that a recall took out of force said before it.
const RECALLED: &str = "select p.specimen, p.outcome, p.amount, p.unit, p.missing_reason, p.replicate_count, \
    p.replicate_cv_percent, p.well from results r \
    join specimens s on s.study_no = r.study_no and s.specimen = r.specimen and s.revision = r.revision \
    join results p on p.study_no = r.study_no and p.specimen = r.specimen and p.revision = r.revision - 1 \
    where r.study_no = $1 and r.batch_no = $2 and r.cause = $3 order by r.specimen";

/// A recall as a change.
#[derive(Debug)]
pub(crate) struct RecallBatch(pub(crate) Recall);

/// The end of a recall as a change.
#[derive(Debug)]
pub(crate) struct RestoreBatch(pub(crate) Recall);

impl Write for RecallBatch {
    type Answer = (Batch, Revised);

    fn call(&self) -> &Call {
        &self.0.call
    }

    async fn run(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        _attempt: u32,
    ) -> Result<(Batch, Revised), Fault> {
        run(&self.0, Direction::Recall, conn, trail).await
    }
}

impl Write for RestoreBatch {
    type Answer = (Batch, Revised);

    fn call(&self) -> &Call {
        &self.0.call
    }

    async fn run(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        _attempt: u32,
    ) -> Result<(Batch, Revised), Fault> {
        run(&self.0, Direction::Restore, conn, trail).await
    }
}

/// Which of the two is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Recall,
    Restore,
}

impl Direction {
    const fn done(self) -> &'static str {
        match self {
            Self::Recall => "recalled",
            Self::Restore => "restored",
        }
    }

    const fn action(self) -> &'static str {
        match self {
            Self::Recall => "recall_batch",
            Self::Restore => "restore_batch",
        }
    }

    const fn cause(self) -> RevisionCause {
        match self {
            Self::Recall => RevisionCause::Recalled,
            Self::Restore => RevisionCause::Restored,
        }
    }
}

async fn run(
    recall: &Recall,
    direction: Direction,
    conn: &mut Conn,
    trail: &mut Trail,
) -> Result<(Batch, Revised), Fault> {
    let Recall {
        study,
        batch: id,
        version,
        reason,
        call,
    } = recall;
    let ground = ground::share(conn, study).await?;
    if let Some(kept) = requests::find::<KeptRevised>(conn, ground.no, call).await? {
        let batch = batches::find(conn, ground.no, study, id).await?;
        return Ok((batch, kept.answer()?));
    }
    let resource = format!("{}/batches/{id}", study_name(study));
    let before = batches::find(conn, ground.no, study, id).await?;
    if version.is_some_and(|version| version != before.version) {
        return Err(StoreError::EtagMismatch { resource }.into());
    }
    let state = match (direction, before.recall.is_some()) {
        (Direction::Recall, true) => Some("recalled already"),
        (Direction::Restore, false) => Some("not recalled"),
        _ => None,
    };
    if let Some(state) = state {
        let step = direction.done();
        return Err(StoreError::StateForbids {
            resource,
            state,
            step,
        }
        .into());
    }
    let marked = marked(&before, direction, reason, call);
    let batch_no = batches::number_of(id)?;
    mark(conn, ground.no, batch_no, &before, &marked).await?;
    let results = match direction {
        Direction::Recall => withdrawn(conn, ground.no, batch_no).await?,
        Direction::Restore => restored(conn, ground.no, batch_no).await?,
    };
    let codes: Vec<&str> = results
        .iter()
        .map(|result| result.specimen.as_str())
        .collect();
    let known = specimens::known(conn, ground.no, &codes).await?;
    let revisions = results.iter().map(|result| {
        let known = known.get(&result.specimen).ok_or(Fault::Stale)?;
        Ok(Revision {
            known,
            result,
            replaced_batch_no: batch_no,
            batch_no,
        })
    });
    let revisions = revisions.collect::<Result<Vec<_>, Fault>>()?;
    let done = direction.done();
    let why = Why {
        cause: direction.cause(),
        reason: &format!("batch {done}: {reason}"),
        told: &format!("{resource} {done}: {reason}"),
    };
    let revised = revise(conn, trail, &ground, call, why, &revisions).await?;
    let after = batches::find(conn, ground.no, study, id).await?;
    let mut said = state_of(&after);
    if let Value::Object(said) = &mut said {
        said.insert("results".to_owned(), json!(revised.results));
        said.insert("persons".to_owned(), json!(revised.persons.len()));
    }
    let note = Note {
        action: direction.action(),
        resource,
        before: state_of(&before),
        after: said,
        reason,
    };
    trail.note(ground.no, study, call, note);
    requests::keep(conn, ground.no, call, &KeptRevised::of(&revised)).await?;
    Ok((after, revised))
}

fn marked(before: &Batch, direction: Direction, reason: &str, call: &Call) -> Batch {
    Batch {
        recall: (direction == Direction::Recall).then(|| BatchRecall {
            at: call.now,
            actor: call.actor.clone(),
            reason: reason.to_owned(),
        }),
        version: before.version + 1,
        ..before.clone()
    }
}

async fn mark(
    conn: &mut Conn,
    no: i64,
    batch_no: i64,
    before: &Batch,
    after: &Batch,
) -> Result<(), Fault> {
    let recall = after.recall.as_ref();
    let marked = sqlx::query(MARK)
        .bind(recall.map(|recall| recall.at.as_microsecond()))
        .bind(recall.map(|recall| recall.actor.as_str()))
        .bind(recall.map(|recall| recall.reason.as_str()))
        .bind(no)
        .bind(batch_no)
        .bind(before.version)
        .execute(conn)
        .await?;
    if marked.rows_affected() == 0 {
        return Err(Fault::Stale);
    }
    Ok(())
}

/// What the results of a batch become when it is recalled. Those that say why there is no concentration go on saying it.
async fn withdrawn(conn: &mut Conn, no: i64, batch_no: i64) -> Result<Vec<NewResult>, Fault> {
    let rejected = Measurement::new(Outcome::Missing(MissingReason::RejectedByLab), None)
        .map_err(|error| codes::damaged("a recall", &error))?;
    let rows = sqlx::query(MEASURED)
        .bind(no)
        .bind(batch_no)
        .fetch_all(conn)
        .await?;
    let results = rows.iter().map(|row| {
        let fields = Fields(row);
        Ok(NewResult {
            specimen: fields.owned("specimen")?,
            measurement: rejected,
            replicate_count: None,
            replicate_cv_percent: None,
            well: fields.owned("well")?,
        })
    });
    results.collect()
}

/// What results said before the recall; those that were amended since stay as they are.
async fn restored(conn: &mut Conn, no: i64, batch_no: i64) -> Result<Vec<NewResult>, Fault> {
    let rows = sqlx::query(RECALLED)
        .bind(no)
        .bind(batch_no)
        .bind(codes::revision_cause(RevisionCause::Recalled))
        .fetch_all(conn)
        .await?;
    rows.iter().map(result).collect()
}

fn result(row: &Row) -> Result<NewResult, Fault> {
    let fields = Fields(row);
    Ok(NewResult {
        specimen: fields.owned("specimen")?,
        measurement: fields.measurement()?,
        replicate_count: fields.maybe_small("replicate_count")?,
        replicate_cv_percent: fields.maybe_number("replicate_cv_percent")?,
        well: fields.owned("well")?,
    })
}

/// A batch as the trail says it.
fn state_of(batch: &Batch) -> Value {
    json!({ "recalled": batch.recall.is_some(), "version": batch.version })
}
