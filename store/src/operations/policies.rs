//! Policies: versions that are never changed, one of them in force.

use diel_core::{PolicyTerms, Threshold};
use serde_json::{Value, json};
use sqlx::QueryBuilder;

use super::fields::{Fields, found};
use super::ground::{self, policy_columns, study_name};
use super::write::Write;
use super::{Conn, Db, jobs, references, requests};
use crate::answer::KeptPolicy;
use crate::fault::Fault;
use crate::trail::{Note, Trail};
use crate::{Call, Job, JobKind, Page, PageRequest, StoreError, StoredPolicy};

pub(super) const STATEMENTS: [&str; 3] = [VERSION, INSERT, PUT_IN_FORCE];

const VERSION: &str = concat!(
    "select ",
    policy_columns!(),
    " from policies p where p.study_no = $1 and p.version = $2"
);

const MANY: &str = concat!(
    "select ",
    policy_columns!(),
    " from policies p where p.study_no = "
);

const INSERT: &str = "insert into policies (study_no, version, reference, threshold_kind, threshold, probability, \
    min_days, min_days_to_report, car_window_min, evening_after_h, created_us, min_reference_persons, min_samples, \
    excluding, min_age_years, min_age_to_flag_years, min_age_for_car_years, evening_limit_nmol_per_l, \
    evening_limit_share, second_review, reopen_shift_sd) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)";

/// The policy is part of the study: the study's version guards both, and counts changes of either.
const PUT_IN_FORCE: &str = "update studies set policy_version = policy_version + 1, version = version + 1, \
    updated_us = $1 where study_id = $2 and version = $3 returning policy_version";

/// A version of a policy; `None` for the one in force.
pub(crate) async fn read(
    conn: &mut Conn,
    study: &str,
    version: Option<i64>,
) -> Result<StoredPolicy, Fault> {
    match version {
        None => Ok(ground::read(conn, study).await?.policy),
        Some(version) => {
            let no = ground::number(conn, study).await?;
            version_of(conn, no, study, version).await
        }
    }
}

pub(super) async fn version_of(
    conn: &mut Conn,
    no: i64,
    study: &str,
    version: i64,
) -> Result<StoredPolicy, Fault> {
    let row = sqlx::query(VERSION)
        .bind(no)
        .bind(version)
        .fetch_optional(conn)
        .await?;
    let row = found(row, || format!("{}/policies/{version}", study_name(study)))?;
    ground::policy(Fields(&row))
}

/// Versions of a policy, the newest first.
pub(crate) async fn list(
    conn: &mut Conn,
    study: &str,
    page: &PageRequest<i64>,
) -> Result<Page<StoredPolicy, i64>, Fault> {
    let no = ground::number(conn, study).await?;
    let rows = select(no, page).build().fetch_all(conn).await?;
    let policies = rows
        .iter()
        .map(|row| ground::policy(Fields(row)))
        .collect::<Result<_, _>>()?;
    Ok(page.cut(policies, |policy| policy.version))
}

pub(crate) fn select(no: i64, page: &PageRequest<i64>) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(MANY);
    select
        .push_bind(no)
        .push(" and p.version < ")
        .push_bind(page.after.unwrap_or(i64::MAX));
    select
        .push(" order by p.version desc limit ")
        .push_bind(page.probe());
    select
}

/// Writes a version.
pub(super) async fn insert(conn: &mut Conn, no: i64, stored: &StoredPolicy) -> Result<(), Fault> {
    let terms = &stored.terms;
    let (kind, threshold) = match terms.threshold {
        None => (None, None),
        Some(Threshold::LnPerHour(slope)) => (Some("ln_per_hour"), Some(slope)),
        Some(Threshold::Percentile(percentile)) => (Some("percentile"), Some(percentile)),
    };
    sqlx::query(INSERT)
        .bind(no)
        .bind(stored.version)
        .bind(terms.reference.as_deref())
        .bind(kind)
        .bind(threshold)
        .bind(terms.probability)
        .bind(terms.min_days.map(i64::from))
        .bind(terms.min_days_to_report.map(i64::from))
        .bind(terms.car_window_min)
        .bind(terms.evening_after_h)
        .bind(stored.created.as_microsecond())
        .bind(terms.min_reference_persons.map(i64::from))
        .bind(terms.min_samples.map(i64::from))
        .bind(terms.excluding.map(|set| i64::from(set.bits())))
        .bind(terms.min_age_years)
        .bind(terms.min_age_to_flag_years)
        .bind(terms.min_age_for_car_years)
        .bind(terms.evening_limit_nmol_per_l)
        .bind(terms.evening_limit_share)
        .bind(terms.second_review)
        .bind(terms.reopen_shift_sd)
        .execute(conn)
        .await?;
    Ok(())
}

/// Puts another policy in force and queues the job that judges everybody by it.
#[derive(Debug)]
pub(crate) struct UpdatePolicy {
    pub(crate) study: String,
    pub(crate) version: i64,
    pub(crate) terms: PolicyTerms,
    pub(crate) call: Call,
}

impl Write for UpdatePolicy {
    type Answer = (StoredPolicy, Job);

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        _attempt: u32,
    ) -> Result<Self::Answer, Fault> {
        let no = ground::number(conn, &self.study).await?;
        let terms = references::rule::check(conn, no, &self.terms)
            .await?
            .terms();
        if let Some(kept) = requests::find::<KeptPolicy>(conn, no, &self.call).await? {
            let policy = version_of(conn, no, &self.study, kept.version).await?;
            return Ok((policy, jobs::find(conn, no, &self.study, &kept.job).await?));
        }
        let name = study_name(&self.study);
        let put: Option<i64> = sqlx::query_scalar(PUT_IN_FORCE)
            .bind(self.call.now.as_microsecond())
            .bind(&self.study)
            .bind(self.version)
            .fetch_optional(&mut *conn)
            .await?;
        let Some(version) = put else {
            return Err(StoreError::EtagMismatch { resource: name }.into());
        };
        let stored = StoredPolicy {
            version,
            terms,
            created: self.call.now,
        };
        let before = version_of(conn, no, &self.study, version - 1).await?;
        insert(conn, no, &stored).await?;
        let job = jobs::queue(conn, no, &self.study, JobKind::Rejudge, self.call.now).await?;
        let note = Note {
            action: "update_policy",
            resource: format!("{name}/policies/{}", stored.version),
            before: facts(&before.terms),
            after: facts(&stored.terms),
            ..Note::default()
        };
        trail.note(no, &self.study, &self.call, note.of_differences());
        let kept = KeptPolicy {
            version: stored.version,
            job: job.id.clone(),
        };
        requests::keep(conn, no, &self.call, &kept).await?;
        Ok((stored, job))
    }
}

/// The terms of a policy as the trail says them.
pub(super) fn facts(terms: &PolicyTerms) -> Value {
    let PolicyTerms {
        reference,
        min_reference_persons,
        threshold,
        probability,
        min_days,
        min_days_to_report,
        car_window_min,
        evening_after_h,
        min_samples,
        excluding,
        min_age_years,
        min_age_to_flag_years,
        min_age_for_car_years,
        evening_limit_nmol_per_l,
        evening_limit_share,
        second_review,
        reopen_shift_sd,
    } = terms;
    let threshold = match threshold {
        None => json!({}),
        Some(Threshold::LnPerHour(slope)) => json!({ "ln_per_h": slope }),
        Some(Threshold::Percentile(percentile)) => json!({ "percentile": percentile }),
    };
    json!({
        "reference": reference,
        "min_reference_persons": min_reference_persons,
        "threshold": threshold,
        "probability": probability,
        "min_days": min_days,
        "min_days_to_report": min_days_to_report,
        "car_window_min": car_window_min,
        "evening_after_h": evening_after_h,
        "min_samples": min_samples,
        "excluding": excluding.map(|excluding| excluding.to_string()),
        "min_age_years": min_age_years,
        "min_age_to_flag_years": min_age_to_flag_years,
        "min_age_for_car_years": min_age_for_car_years,
        "evening_limit_nmol_per_l": evening_limit_nmol_per_l,
        "evening_limit_share": evening_limit_share,
        "second_review": second_review,
        "reopen_shift_sd": reopen_shift_sd,
    })
}
