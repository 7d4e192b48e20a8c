//! Assesses stored batches again: one after an amendment, those behind a run that came late, all of a study in a job.

use std::collections::BTreeSet;
use std::time::Duration;

use diel_core::quality::BatchResult;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::Conn;
use super::super::batches::{self, batch_name};
use super::super::fields::Fields;
use super::super::ground::{self, Ground};
use super::super::jobs::{Held, job, job_name, move_on};
use super::super::judge::rejudge;
use super::super::participants::meet;
use super::super::write::Write;
use super::assess::{Assessed, verdict};
use super::columns::AssessmentColumns;
use super::measured::{self, Place};
use crate::batch_quality::in_force;
use crate::codes;
use crate::fault::Fault;
use crate::ids;
use crate::plan::Said;
use crate::trail::{Note, Trail};
use crate::{BatchAssessment, Call, Job, JobKind, JobState};

pub(super) const STATEMENTS: [&str; 4] = [RESULTS, UPDATE, TOUCHED, NEXT];

/// The results in force that came with a batch, in the order in which they were assessed first: sums of the same numbers
/// are then the same.
const RESULTS: &str = "select r.outcome, r.amount, r.unit, r.missing_reason, r.replicate_cv_percent, \
    b.lod_nmol_per_l, b.lloq_nmol_per_l, b.uloq_nmol_per_l from results r \
    join specimens s on s.study_no = r.study_no and s.specimen = r.specimen and s.revision = r.revision \
    left join batches b on b.study_no = r.study_no and b.batch_no = r.batch_no \
    where r.study_no = $1 and r.batch_no = $2 order by r.specimen";

const UPDATE: &str = "update batches set verdict = $1, quality_reasons = $2, quality_policy_version = $3, \
    measured_count = $4, below_limit_count = $5, replicate_cv_count = $6, high_cv_count = $7, \
    intra_assay_cv_percent = $8, plate_effect_z = $9, violations = $10, assessed_us = $11, version = version + 1 \
    where study_no = $12 and batch_no = $13";

const TOUCHED: &str = "select distinct s.participant from results r \
    join specimens s on s.study_no = r.study_no and s.specimen = r.specimen and s.revision = r.revision \
    where r.study_no = $1 and r.batch_no = $2 and s.participant is not null";

const NEXT: &str =
    "select batch_no from batches where study_no = $1 and batch_no > $2 order by batch_no limit $3";

/// Batches of a job whose numbers are read in one transaction at most.
const BATCHES: i64 = 20;

/// What another assessment of a batch changed.
#[derive(Debug)]
pub(in super::super) struct Changed {
    /// Its id.
    pub(in super::super) batch: String,
    /// Whether its results now carry another remark.
    pub(in super::super) marks_differently: bool,
}

/// Assesses a stored batch again and keeps what it says, unless that is the same as before. The study is held.
pub(in super::super) async fn reassess(
    conn: &mut Conn,
    trail: &mut Trail,
    ground: &Ground,
    batch_no: i64,
    call: &Call,
) -> Result<Option<Changed>, Fault> {
    let id = ids::batch_id(batch_no);
    let batch = batches::find(conn, ground.no, &ground.study, &id).await?;
    let place = Place::of(&batch)?;
    let results = results(conn, ground.no, batch_no).await?;
    let controls = batch
        .controls
        .iter()
        .map(|control| control.control.clone())
        .collect();
    let assessed = verdict(conn, ground, &place, &results, controls, call.now).await?;
    let same_marks = assessed.controls == batch.controls;
    let before = batch.assessment.as_ref();
    if before.is_some_and(|before| before.says_as(&assessed.assessment)) && same_marks {
        return Ok(None);
    }
    keep(conn, ground.no, batch_no, &assessed).await?;
    let decided = batch.decision.as_ref().map(|decision| decision.verdict);
    let now = in_force(decided, assessed.assessment.verdict);
    let (said_before, says) = (before.map_or(Value::Null, said), said(&assessed.assessment));
    if said_before != says {
        let note = Note {
            action: "assess_batch",
            resource: batch_name(&ground.study, &id),
            before: said_before,
            after: says,
            ..Note::default()
        };
        trail.note(ground.no, &ground.study, call, note.of_differences());
    }
    Ok(Some(Changed {
        marks_differently: batch.verdict().finding() != now.finding(),
        batch: id,
    }))
}

async fn keep(conn: &mut Conn, no: i64, batch_no: i64, assessed: &Assessed) -> Result<(), Fault> {
    let numbers = AssessmentColumns::of(Some(&assessed.assessment))?;
    sqlx::query(UPDATE)
        .bind(numbers.verdict)
        .bind(numbers.reasons)
        .bind(numbers.policy_version)
        .bind(numbers.measured)
        .bind(numbers.below_limit)
        .bind(numbers.replicate_cvs)
        .bind(numbers.high_cvs)
        .bind(numbers.intra_assay_cv_percent)
        .bind(numbers.plate_effect_z)
        .bind(numbers.violations)
        .bind(numbers.assessed_us)
        .bind(no)
        .bind(batch_no)
        .execute(&mut *conn)
        .await?;
    measured::mark(conn, no, batch_no, &assessed.controls).await
}

/// An assessment as the trail says it.
fn said(assessment: &BatchAssessment) -> Value {
    json!({
        "verdict": assessment.verdict.code(),
        "reasons": assessment.reasons.to_string(),
    })
}

async fn results(conn: &mut Conn, no: i64, batch_no: i64) -> Result<Vec<BatchResult>, Fault> {
    let rows = sqlx::query(RESULTS)
        .bind(no)
        .bind(batch_no)
        .fetch_all(conn)
        .await?;
    rows.iter()
        .map(|row| {
            let fields = Fields(row);
            Ok(BatchResult {
                level: fields.measurement()?.level(&fields.limits()?),
                replicate_cv_percent: fields.maybe_number("replicate_cv_percent")?,
            })
        })
        .collect()
}

/// Assesses again the batches whose runs come after one that was stored now. Returns those that changed.
pub(in super::super) async fn later_than(
    conn: &mut Conn,
    trail: &mut Trail,
    ground: &Ground,
    place: &Place,
    call: &Call,
) -> Result<Vec<Changed>, Fault> {
    let mut changed = Vec::new();
    let reach = ground.quality.control_runs.saturating_sub(1);
    for batch_no in measured::behind(conn, ground.no, place, reach).await? {
        changed.extend(reassess(conn, trail, ground, batch_no, call).await?);
    }
    Ok(changed)
}

/// The participants whose results carry another remark since these batches changed.
pub(in super::super) async fn touched(
    conn: &mut Conn,
    no: i64,
    changed: &[Changed],
) -> Result<BTreeSet<String>, Fault> {
    let mut touched = BTreeSet::new();
    for batch in changed.iter().filter(|batch| batch.marks_differently) {
        let codes: Vec<String> = sqlx::query_scalar(TOUCHED)
            .bind(no)
            .bind(batches::number_of(&batch.batch)?)
            .fetch_all(&mut *conn)
            .await?;
        touched.extend(codes);
    }
    Ok(touched)
}

/// Assesses the next batches of a job and judges again whom that touches.
#[derive(Debug)]
pub(crate) struct ReassessNext {
    pub(crate) study: String,
    pub(crate) job: String,
    /// Participants after whom no further batch is begun.
    pub(crate) limit: u32,
    pub(crate) lease: Duration,
    pub(crate) call: Call,
}

impl Write for ReassessNext {
    type Answer = Job;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(&self, conn: &mut Conn, trail: &mut Trail, _attempt: u32) -> Result<Job, Fault> {
        let ground = ground::hold(conn, &self.study).await?;
        let held = Held {
            study: &self.study,
            job: &self.job,
            lease: self.lease,
            call: &self.call,
        };
        let progress = held.hold(conn, ground.no).await?;
        let next: Vec<i64> = sqlx::query_scalar(NEXT)
            .bind(ground.no)
            .bind(ids::batch_no(&progress).unwrap_or_default())
            .bind(BATCHES)
            .fetch_all(&mut *conn)
            .await?;
        let are_all = next.len() < usize::try_from(BATCHES).unwrap_or(usize::MAX);
        let (mut done, mut codes, mut reached) = (0_usize, BTreeSet::new(), progress);
        for batch_no in &next {
            let changed = reassess(conn, trail, &ground, *batch_no, &self.call).await?;
            codes.extend(touched(conn, ground.no, changed.as_slice()).await?);
            done += 1;
            reached = ids::batch_id(*batch_no);
            if codes.len() >= usize::try_from(self.limit).unwrap_or(usize::MAX) {
                break;
            }
        }
        let is_last = are_all && done == next.len();
        let said = codes.iter().map(|code| (code.as_str(), Said::default()));
        let now: Timestamp = self.call.now;
        let met = meet(conn, ground.no, now.as_microsecond(), said).await?;
        rejudge(conn, trail, &ground, now, ground.by_data(), &met).await?;
        let state = if is_last {
            JobState::Succeeded
        } else {
            JobState::Running
        };
        let row = move_on(conn, ground.no, &held, state, &reached, done).await?;
        let job = job(&row, &self.study)?;
        if is_last {
            let note = Note {
                action: codes::job_kind(JobKind::Reassess),
                resource: job_name(&self.study, &self.job),
                after: json!({ "quality_policy": ground.quality.version, "batches": job.done }),
                ..Note::default()
            };
            trail.note(ground.no, &self.study, &self.call, note);
        }
        Ok(job)
    }
}
