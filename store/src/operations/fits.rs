//! Fits: queued with a job of the same id, worked on under its lease, kept whole or not at all.

use std::time::Duration;

use serde_json::{Value, json};
use sqlx::QueryBuilder;

use super::fields::{Fields, found};
use super::ground::{self, study_name};
use super::jobs::{self, Held};
use super::write::Write;
use super::{Conn, Db, Row, requests};
use crate::answer::{self, KeptFitId};
use crate::codes;
use crate::fault::Fault;
use crate::filter::push_bound;
use crate::fit::KeptFit;
use crate::job::Cause;
use crate::trail::{Note, Trail};
use crate::{
    Call, Fit, FitInput, FitOutcome, FitSpecification, JobKind, JobState, Page, PageRequest,
    StoreError,
};

pub(super) const STATEMENTS: [&str; 3] = [ONE, INSERT, KEEP];

macro_rules! fits {
    () => {
        "select f.fit_id, f.formula, f.criterion, f.group_label, f.sex, f.min_age_years, f.max_age_years, f.judged_days_only, \
        f.software, f.input_digest, f.person_count, f.persons_with_days, f.days, f.rows_left_out, f.result, \
        f.created_us, j.state, j.done_count, j.total_count, j.error_reason, j.error, j.updated_us \
        from fits f join jobs j on j.study_no = f.study_no and j.job_id = f.fit_id where f.study_no = "
    };
}

const ONE: &str = concat!(fits!(), "$1 and f.fit_id = $2");

const MANY: &str = fits!();

const INSERT: &str = "insert into fits (study_no, fit_id, formula, criterion, group_label, sex, min_age_years, \
    max_age_years, judged_days_only, software, input_digest, person_count, persons_with_days, days, rows_left_out, \
    result, created_us) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', null, 0, 0, 0, 0, null, $10)";

const KEEP: &str = "update fits set software = $1, input_digest = $2, person_count = $3, persons_with_days = $4, \
    days = $5, rows_left_out = $6, result = $7 where study_no = $8 and fit_id = $9";

/// A fit.
pub(crate) async fn read(conn: &mut Conn, study: &str, id: &str) -> Result<Fit, Fault> {
    let no = ground::number(conn, study).await?;
    find(conn, no, study, id).await
}

pub(super) async fn find(conn: &mut Conn, no: i64, study: &str, id: &str) -> Result<Fit, Fault> {
    let row = sqlx::query(ONE)
        .bind(no)
        .bind(id)
        .fetch_optional(conn)
        .await?;
    fit(&found(row, || fit_name(study, id))?)
}

/// Fits in the order in which they were asked for.
pub(crate) async fn list(
    conn: &mut Conn,
    study: &str,
    page: &PageRequest<String>,
) -> Result<Page<Fit, String>, Fault> {
    let no = ground::number(conn, study).await?;
    let rows = select(no, page).build().fetch_all(conn).await?;
    let fits = rows.iter().map(fit).collect::<Result<_, _>>()?;
    Ok(page.cut(fits, |fit| fit.id.clone()))
}

pub(crate) fn select(no: i64, page: &PageRequest<String>) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(MANY);
    select.push_bind(no);
    push_bound(&mut select, " and f.fit_id > ", page.after.as_deref());
    select
        .push(" order by f.fit_id limit ")
        .push_bind(page.probe());
    select
}

/// `studies/{study}/fits/{fit}`.
pub(super) fn fit_name(study: &str, id: &str) -> String {
    format!("{}/fits/{id}", study_name(study))
}

fn fit(row: &Row) -> Result<Fit, Fault> {
    let fields = Fields(row);
    let criterion = codes::read_criterion(fields.text("criterion")?)?;
    let outcome = match (
        fields.maybe_text("result")?,
        fields.maybe_digest("input_digest")?,
    ) {
        (Some(result), Some(digest)) => Some(FitOutcome {
            fit: answer::recall::<KeptFit>(result)?.fit()?,
            input: FitInput {
                digest,
                persons: fields.small("person_count")?,
                persons_with_days: fields.small("persons_with_days")?,
                days: fields.small("days")?,
                rows_left_out: fields.small("rows_left_out")?,
            },
            software: fields.owned("software")?,
        }),
        _ => None,
    };
    Ok(Fit {
        id: fields.owned("fit_id")?,
        specification: FitSpecification {
            formula: fields.owned("formula")?,
            criterion,
            group: fields.owned("group_label")?,
            sex: codes::read_sex(fields.integer("sex")?)?,
            min_age_years: fields.maybe_number("min_age_years")?,
            max_age_years: fields.maybe_number("max_age_years")?,
            judged_days_only: fields.truth("judged_days_only")?,
        },
        state: codes::read_job_state(fields.text("state")?)?,
        done: fields.integer("done_count")?,
        total: fields.integer("total_count")?,
        error_reason: fields.owned("error_reason")?,
        error: fields.owned("error")?,
        outcome,
        created: fields.instant("created_us")?,
        updated: fields.instant("updated_us")?,
    })
}

/// Queues a fit.
#[derive(Debug)]
pub(crate) struct StartFit {
    pub(crate) study: String,
    pub(crate) specification: FitSpecification,
    pub(crate) call: Call,
}

impl Write for StartFit {
    type Answer = Fit;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(&self, conn: &mut Conn, trail: &mut Trail, _attempt: u32) -> Result<Fit, Fault> {
        let no = ground::number(conn, &self.study).await?;
        if let Some(kept) = requests::find::<KeptFitId>(conn, no, &self.call).await? {
            return find(conn, no, &self.study, &kept.fit).await;
        }
        let job = jobs::queue(conn, no, &self.study, JobKind::Fit, self.call.now).await?;
        let wanted = &self.specification;
        sqlx::query(INSERT)
            .bind(no)
            .bind(&job.id)
            .bind(&wanted.formula)
            .bind(codes::criterion(wanted.criterion))
            .bind(&wanted.group)
            .bind(codes::sex(wanted.sex))
            .bind(wanted.min_age_years)
            .bind(wanted.max_age_years)
            .bind(wanted.judged_days_only)
            .bind(self.call.now.as_microsecond())
            .execute(&mut *conn)
            .await?;
        let name = fit_name(&self.study, &job.id);
        let note = Note {
            action: "start_fit",
            resource: name,
            after: facts(wanted),
            ..Note::default()
        };
        trail.note(no, &self.study, &self.call, note);
        let kept = KeptFitId {
            fit: job.id.clone(),
        };
        requests::keep(conn, no, &self.call, &kept).await?;
        find(conn, no, &self.study, &job.id).await
    }
}

/// What was asked for, as the trail says it.
fn facts(wanted: &FitSpecification) -> Value {
    json!({
        "formula": wanted.formula,
        "criterion": codes::criterion(wanted.criterion),
        "group": wanted.group,
        "sex": wanted.sex.code(),
        "min_age_years": wanted.min_age_years,
        "max_age_years": wanted.max_age_years,
        "judged_days_only": wanted.judged_days_only,
    })
}

/// Stops a fit that is queued or running. One that was stopped before stays as it is.
#[derive(Debug)]
pub(crate) struct CancelFit {
    pub(crate) study: String,
    pub(crate) id: String,
    pub(crate) call: Call,
}

impl Write for CancelFit {
    type Answer = Fit;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(&self, conn: &mut Conn, trail: &mut Trail, _attempt: u32) -> Result<Fit, Fault> {
        let no = ground::number(conn, &self.study).await?;
        // Only what is a fit is found; other jobs are nobody's to stop here.
        find(conn, no, &self.study, &self.id).await?;
        let name = fit_name(&self.study, &self.id);
        if jobs::cancel(conn, no, &self.id, self.call.now).await? {
            let note = Note {
                action: "cancel_fit",
                resource: name.clone(),
                ..Note::default()
            };
            trail.note(no, &self.study, &self.call, note);
        }
        let fit = find(conn, no, &self.study, &self.id).await?;
        if fit.state == JobState::Cancelled {
            return Ok(fit);
        }
        Err(StoreError::StateForbids {
            resource: name,
            state: fit.state.word(),
            step: "cancelled",
        }
        .into())
    }
}

/// Notes how far a worker came with a fit, and extends its lease.
#[derive(Debug)]
pub(crate) struct Advance {
    pub(crate) study: String,
    pub(crate) id: String,
    pub(crate) done: i64,
    pub(crate) lease: Duration,
    pub(crate) call: Call,
}

impl Write for Advance {
    type Answer = ();

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(&self, conn: &mut Conn, _trail: &mut Trail, _attempt: u32) -> Result<(), Fault> {
        let no = ground::number(conn, &self.study).await?;
        let held = Held {
            study: &self.study,
            job: &self.id,
            lease: self.lease,
            call: &self.call,
        };
        held.hold(conn, no).await?;
        jobs::advance(conn, no, &self.id, self.done, self.call.now).await
    }
}

/// Keeps what came out of a fit, or why nothing did.
#[derive(Debug)]
pub(crate) struct FinishFit {
    pub(crate) study: String,
    pub(crate) id: String,
    pub(crate) outcome: Result<FitOutcome, Cause>,
    pub(crate) call: Call,
}

impl Write for FinishFit {
    type Answer = Fit;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(&self, conn: &mut Conn, trail: &mut Trail, _attempt: u32) -> Result<Fit, Fault> {
        let no = ground::number(conn, &self.study).await?;
        let held = Held {
            study: &self.study,
            job: &self.id,
            lease: Duration::ZERO,
            call: &self.call,
        };
        held.hold(conn, no).await?;
        let now = self.call.now;
        let name = fit_name(&self.study, &self.id);
        let (state, cause, after) = match &self.outcome {
            Ok(outcome) => {
                self.keep(conn, no, outcome).await?;
                let after = json!({
                    "persons": outcome.input.persons,
                    "samples": outcome.fit.n_observations,
                });
                (JobState::Succeeded, Cause::default(), after)
            }
            Err(cause) => (
                JobState::Failed,
                cause.clone(),
                json!({ "error": cause.reason }),
            ),
        };
        jobs::end(conn, no, &self.id, state, &cause, now).await?;
        let action = match state {
            JobState::Succeeded => "finish_fit",
            _ => "fail_fit",
        };
        let note = Note {
            action,
            resource: name,
            after,
            reason: &cause.text,
            ..Note::default()
        };
        trail.note(no, &self.study, &self.call, note);
        find(conn, no, &self.study, &self.id).await
    }
}

impl FinishFit {
    async fn keep(&self, conn: &mut Conn, no: i64, outcome: &FitOutcome) -> Result<(), Fault> {
        let input = &outcome.input;
        sqlx::query(KEEP)
            .bind(&outcome.software)
            .bind(input.digest.as_slice())
            .bind(i64::from(input.persons))
            .bind(i64::from(input.persons_with_days))
            .bind(i64::from(input.days))
            .bind(i64::from(input.rows_left_out))
            .bind(answer::keep(&KeptFit::of(&outcome.fit))?)
            .bind(no)
            .bind(&self.id)
            .execute(conn)
            .await?;
        Ok(())
    }
}
