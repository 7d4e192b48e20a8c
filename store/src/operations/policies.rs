//! Policies: versions that are never changed, one of them in force.

use diel_core::{PolicyTerms, Threshold};
use serde_json::{Value, json};

use super::fields::{Fields, found};
use super::ground::{self, policy_columns, study_name};
use super::write::Write;
use super::{Conn, jobs, references, requests};
use crate::answer::KeptPolicy;
use crate::fault::Fault;
use crate::trail::{Note, Trail};
use crate::{Call, Job, JobKind, StoreError, StoredPolicy};

pub(super) const STATEMENTS: [&str; 3] = [VERSION, INSERT, PUT_IN_FORCE];

const VERSION: &str = concat!(
    "select ",
    policy_columns!(),
    " from policies p where p.study_no = $1 and p.version = $2"
);

const INSERT: &str = "insert into policies (study_no, version, reference, threshold_kind, threshold, probability, \
    min_days, min_days_to_report, car_window_min, evening_after_h, created_us, min_reference_persons) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

const PUT_IN_FORCE: &str = "update studies set policy_version = policy_version + 1, updated_us = $1 \
    where study_id = $2 and policy_version = $3 returning study_no";

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
        let terms = references::rule::check(conn, no, &self.terms).await?;
        if let Some(kept) = requests::find::<KeptPolicy>(conn, no, &self.call).await? {
            let policy = version_of(conn, no, &self.study, kept.version).await?;
            return Ok((policy, jobs::find(conn, no, &self.study, &kept.job).await?));
        }
        let name = format!("{}/policies", study_name(&self.study));
        let put: Option<i64> = sqlx::query_scalar(PUT_IN_FORCE)
            .bind(self.call.now.as_microsecond())
            .bind(&self.study)
            .bind(self.version)
            .fetch_optional(&mut *conn)
            .await?;
        if put.is_none() {
            return Err(StoreError::EtagMismatch { resource: name }.into());
        }
        let stored = StoredPolicy {
            version: self.version + 1,
            terms,
            created: self.call.now,
        };
        let before = version_of(conn, no, &self.study, self.version).await?;
        insert(conn, no, &stored).await?;
        let job = jobs::queue(conn, no, &self.study, JobKind::Rejudge, self.call.now).await?;
        let note = Note {
            action: "update_policy",
            resource: format!("{name}/{}", stored.version),
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
    })
}
