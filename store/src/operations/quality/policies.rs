//! Quality policies: versions that are never changed, one of them in force. Version 0, the built-in one, has no row.

use diel_core::quality::{Bounds, QualityPolicy, QualityTerms, WestgardRules};
use serde_json::{Value, json};

use super::super::fields::{Fields, found};
use super::super::ground::{self, study_name};
use super::super::write::Write;
use super::super::{Conn, jobs, requests};
use crate::answer::KeptPolicy;
use crate::codes::{self, damaged};
use crate::fault::Fault;
use crate::trail::{Note, Trail};
use crate::{Call, Job, JobKind, StoreError, StoredQualityPolicy};

pub(super) const STATEMENTS: [&str; 3] = [VERSION, INSERT, PUT_IN_FORCE];

/// The columns of a quality policy, from `quality_policies q`.
macro_rules! quality_columns {
    () => {
        "q.version as quality_version, q.noting, q.reviewing, q.failing, q.control_runs, q.replicate_cv_percent, \
        q.high_cv_share_review, q.high_cv_share_fail, q.intra_assay_cv_review, q.intra_assay_cv_fail, \
        q.below_limit_share_review, q.below_limit_share_fail, q.plate_effect_review, q.plate_effect_fail, \
        q.least_plate_effect_percent, q.created_us as quality_created_us"
    };
}
pub(in super::super) use quality_columns;

const VERSION: &str = concat!(
    "select ",
    quality_columns!(),
    " from quality_policies q where q.study_no = $1 and q.version = $2"
);

const INSERT: &str = "insert into quality_policies (study_no, version, noting, reviewing, failing, control_runs, \
    replicate_cv_percent, high_cv_share_review, high_cv_share_fail, intra_assay_cv_review, intra_assay_cv_fail, \
    below_limit_share_review, below_limit_share_fail, plate_effect_review, plate_effect_fail, \
    least_plate_effect_percent, created_us) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";

const PUT_IN_FORCE: &str = "update studies set quality_version = quality_version + 1 \
    where study_no = $1 and quality_version = $2";

/// A version of a quality policy; `None` for the one in force.
pub(crate) async fn read(
    conn: &mut Conn,
    study: &str,
    version: Option<i64>,
) -> Result<StoredQualityPolicy, Fault> {
    match version {
        None => Ok(ground::read(conn, study).await?.quality),
        Some(version) => {
            let no = ground::number(conn, study).await?;
            version_of(conn, no, study, version).await
        }
    }
}

async fn version_of(
    conn: &mut Conn,
    no: i64,
    study: &str,
    version: i64,
) -> Result<StoredQualityPolicy, Fault> {
    if version == 0 {
        return Ok(StoredQualityPolicy::default());
    }
    let row = sqlx::query(VERSION)
        .bind(no)
        .bind(version)
        .fetch_optional(conn)
        .await?;
    let policy = match &row {
        Some(row) => policy(Fields(row))?,
        None => None,
    };
    found(policy, || {
        format!("{}/qualityPolicies/{version}", study_name(study))
    })
}

/// A quality policy from its columns; `None` where they are all null.
pub(in super::super) fn policy(fields: Fields<'_>) -> Result<Option<StoredQualityPolicy>, Fault> {
    let Some(version) = fields.maybe_integer("quality_version")? else {
        return Ok(None);
    };
    let bounds = |review: &str, fail: &str| -> Result<Bounds, Fault> {
        Ok(Bounds {
            review_above: fields.maybe_number(review)?,
            fail_above: fields.maybe_number(fail)?,
        })
    };
    let terms = QualityTerms {
        noting: codes::read_rules(fields.text("noting")?)?,
        reviewing: codes::read_rules(fields.text("reviewing")?)?,
        failing: codes::read_rules(fields.text("failing")?)?,
        replicate_cv_percent: fields.number("replicate_cv_percent")?,
        high_cv_share: bounds("high_cv_share_review", "high_cv_share_fail")?,
        intra_assay_cv_percent: bounds("intra_assay_cv_review", "intra_assay_cv_fail")?,
        below_limit_share: bounds("below_limit_share_review", "below_limit_share_fail")?,
        plate_effect_z: bounds("plate_effect_review", "plate_effect_fail")?,
        least_plate_effect_percent: fields.number("least_plate_effect_percent")?,
    };
    let policy = QualityPolicy::new(terms).map_err(|error| damaged("a quality policy", &error))?;
    Ok(Some(StoredQualityPolicy {
        version,
        policy,
        control_runs: fields.small("control_runs")?,
        created: fields.maybe_instant("quality_created_us")?,
    }))
}

async fn insert(conn: &mut Conn, no: i64, stored: &StoredQualityPolicy) -> Result<(), Fault> {
    let terms = stored.policy.terms();
    let mut query = sqlx::query(INSERT)
        .bind(no)
        .bind(stored.version)
        .bind(terms.noting.to_string())
        .bind(terms.reviewing.to_string())
        .bind(terms.failing.to_string())
        .bind(i64::from(stored.control_runs))
        .bind(terms.replicate_cv_percent);
    for bounds in [
        terms.high_cv_share,
        terms.intra_assay_cv_percent,
        terms.below_limit_share,
        terms.plate_effect_z,
    ] {
        query = query.bind(bounds.review_above).bind(bounds.fail_above);
    }
    query
        .bind(terms.least_plate_effect_percent)
        .bind(stored.created.map(jiff::Timestamp::as_microsecond))
        .execute(conn)
        .await?;
    Ok(())
}

/// Puts another quality policy in force and queues the job that assesses every batch by it.
#[derive(Debug)]
pub(crate) struct UpdateQualityPolicy {
    pub(crate) study: String,
    pub(crate) version: i64,
    pub(crate) policy: QualityPolicy,
    pub(crate) control_runs: u32,
    pub(crate) call: Call,
}

impl Write for UpdateQualityPolicy {
    type Answer = (StoredQualityPolicy, Job);

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        _attempt: u32,
    ) -> Result<Self::Answer, Fault> {
        let ground = ground::hold(conn, &self.study).await?;
        let no = ground.no;
        if let Some(kept) = requests::find::<KeptPolicy>(conn, no, &self.call).await? {
            let policy = version_of(conn, no, &self.study, kept.version).await?;
            return Ok((policy, jobs::find(conn, no, &self.study, &kept.job).await?));
        }
        let resource = format!("{}/qualityPolicies", study_name(&self.study));
        let put = sqlx::query(PUT_IN_FORCE)
            .bind(no)
            .bind(self.version)
            .execute(&mut *conn)
            .await?;
        if put.rows_affected() == 0 {
            return Err(StoreError::EtagMismatch { resource }.into());
        }
        let stored = StoredQualityPolicy {
            version: self.version + 1,
            policy: self.policy,
            control_runs: self.control_runs,
            created: Some(self.call.now),
        };
        insert(conn, no, &stored).await?;
        let job = jobs::queue(conn, no, &self.study, JobKind::Reassess, self.call.now).await?;
        let note = Note {
            action: "update_quality_policy",
            resource: format!("{resource}/{}", stored.version),
            before: facts(&ground.quality),
            after: facts(&stored),
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

/// A quality policy as the trail says it.
fn facts(stored: &StoredQualityPolicy) -> Value {
    let QualityTerms {
        noting,
        reviewing,
        failing,
        replicate_cv_percent,
        high_cv_share,
        intra_assay_cv_percent,
        below_limit_share,
        plate_effect_z,
        least_plate_effect_percent,
    } = stored.policy.terms();
    let rules = |rules: &WestgardRules| rules.to_string();
    let bounds = |bounds: &Bounds| json!({ "review_above": bounds.review_above, "fail_above": bounds.fail_above });
    json!({
        "noting": rules(noting),
        "reviewing": rules(reviewing),
        "failing": rules(failing),
        "control_runs": stored.control_runs,
        "replicate_cv_percent": replicate_cv_percent,
        "high_cv_share": bounds(high_cv_share),
        "intra_assay_cv_percent": bounds(intra_assay_cv_percent),
        "below_limit_share": bounds(below_limit_share),
        "plate_effect_z": bounds(plate_effect_z),
        "least_plate_effect_percent": least_plate_effect_percent,
    })
}
