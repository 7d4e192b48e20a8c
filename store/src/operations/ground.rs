//! What every operation on a study begins with: its number and the policy in force.

use diel_core::{Policy, PolicyTerms, Threshold};
use jiff::Timestamp;

use super::fields::{Fields, found};
use super::quality::policies::quality_columns;
use super::{Conn, Row, quality, references};
use crate::codes::{self, damaged};
use crate::fault::Fault;
use crate::flag_step::Cause;
use crate::{StoreError, StoredPolicy, StoredQualityPolicy};

pub(super) const STATEMENTS: [&str; 8] = [
    NUMBER,
    NUMBER_OF_ANY,
    ID,
    END,
    END_BY_NUMBER,
    GROUND,
    SHARED_GROUND,
    HELD_GROUND,
];

const NUMBER: &str = "select study_no from studies where study_id = $1 and deletion_us is null";

const NUMBER_OF_ANY: &str = "select study_no from studies where study_id = $1";

macro_rules! end {
    () => {
        "select study_id, deletion_us, deletion_by, deleted_us from studies where deletion_us is not null and "
    };
}

const END: &str = concat!(end!(), "study_id = $1");

const END_BY_NUMBER: &str = concat!(end!(), "study_no = $1");

const ID: &str = "select study_id from studies where study_no = $1";

macro_rules! ground {
    () => {
        concat!(
            "select s.study_no, ",
            policy_columns!(),
            ", ",
            quality_columns!(),
            " from studies s join policies p on p.study_no = s.study_no and p.version = s.policy_version \
            left join quality_policies q on q.study_no = s.study_no and q.version = s.quality_version \
            where s.study_id = $1 and s.deletion_us is null"
        )
    };
}

/// The columns of a policy, from `policies p`.
macro_rules! policy_columns {
    () => {
        "p.version as policy_version, p.reference, p.threshold_kind, p.threshold, p.probability, p.min_days, \
        p.min_days_to_report, p.car_window_min, p.evening_after_h, p.min_reference_persons, p.min_samples, p.excluding, \
        p.min_age_years, p.min_age_to_flag_years, p.min_age_for_car_years, p.evening_limit_nmol_per_l, \
        p.evening_limit_share, p.second_review, p.reopen_shift_sd, p.created_us as policy_created_us"
    };
}
pub(super) use policy_columns;

const GROUND: &str = ground!();

/// Writers hold the study's row until they commit, so that a change of policy comes after all rhythms that were judged
/// by the policy before it, and its job sees them.
const SHARED_GROUND: &str = sharing_the_study!(ground!());

/// Whoever changes verdicts of stored batches, or may, keeps other writers out: nobody then judges by a verdict that is
/// about to change, and the runs of a control have an order.
const HELD_GROUND: &str = holding_the_study!(ground!());

/// A study as operations need it.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    pub(super) no: i64,
    /// The study's id.
    pub(super) study: String,
    pub(super) policy: StoredPolicy,
    /// The policy with the reference that its terms come to.
    pub(super) rule: Policy,
    /// By which batches are assessed.
    pub(super) quality: StoredQualityPolicy,
}

impl Ground {
    /// Data came: what of a decided flag's evidence is then materially new is the policy's to say.
    pub(super) fn by_data(&self) -> Cause<'static> {
        self.by_revision("")
    }

    /// Data were revised, and the histories of flags say what and why.
    pub(super) fn by_revision<'a>(&self, revision: &'a str) -> Cause<'a> {
        Cause::Data {
            reopen_shift_sd: self.rule.reviewing().reopen_shift_sd,
            revision,
        }
    }
}

/// The name of a study.
pub(super) fn study_name(study: &str) -> String {
    format!("studies/{study}")
}

/// The number of a study that stands.
pub(super) async fn number(conn: &mut Conn, study: &str) -> Result<i64, Fault> {
    let no = sqlx::query_scalar(NUMBER)
        .bind(study)
        .fetch_optional(&mut *conn)
        .await?;
    match no {
        Some(no) => Ok(no),
        None => Err(missing(conn, study).await?.into()),
    }
}

/// The number of a study, also of one that was deleted: of that, only what is kept may be asked for.
pub(super) async fn number_of_any(conn: &mut Conn, study: &str) -> Result<i64, Fault> {
    let no = sqlx::query_scalar(NUMBER_OF_ANY)
        .bind(study)
        .fetch_optional(conn)
        .await?;
    found(no, || study_name(study))
}

/// Why there is no study of this id that stands.
pub(super) async fn missing(conn: &mut Conn, study: &str) -> Result<StoreError, Fault> {
    let end = sqlx::query(END).bind(study).fetch_optional(conn).await?;
    match end {
        Some(row) => end_of(&row),
        None => Ok(StoreError::NotFound {
            resource: study_name(study),
        }),
    }
}

/// That a study was deleted, or is being deleted.
pub(super) async fn deleted(conn: &mut Conn, no: i64) -> Result<StoreError, Fault> {
    let end = sqlx::query(END_BY_NUMBER).bind(no).fetch_one(conn).await?;
    end_of(&end)
}

fn end_of(row: &Row) -> Result<StoreError, Fault> {
    let fields = Fields(row);
    Ok(StoreError::StudyDeleted {
        resource: study_name(fields.text("study_id")?),
        asked: fields.instant("deletion_us")?,
        by: fields
            .maybe_text("deletion_by")?
            .unwrap_or_default()
            .to_owned(),
        is_done: fields.maybe_integer("deleted_us")?.is_some(),
    })
}

/// The id of a study that exists.
pub(super) async fn id(conn: &mut Conn, no: i64) -> Result<String, Fault> {
    Ok(sqlx::query_scalar(ID).bind(no).fetch_one(conn).await?)
}

/// A study for readers.
pub(super) async fn read(conn: &mut Conn, study: &str) -> Result<Ground, Fault> {
    fetch(conn, GROUND, study).await
}

/// A study for writers that change verdicts of its batches.
pub(super) async fn hold(conn: &mut Conn, study: &str) -> Result<Ground, Fault> {
    fetch(conn, HELD_GROUND, study).await
}

/// A study for writers that judge by its policy.
pub(super) async fn share(conn: &mut Conn, study: &str) -> Result<Ground, Fault> {
    fetch(conn, SHARED_GROUND, study).await
}

async fn fetch(conn: &mut Conn, statement: &'static str, study: &str) -> Result<Ground, Fault> {
    let row = sqlx::query(statement)
        .bind(study)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(row) = row else {
        return Err(missing(conn, study).await?.into());
    };
    let fields = Fields(&row);
    let (no, policy) = (fields.integer("study_no")?, policy(fields)?);
    let quality = quality::policies::policy(fields)?.unwrap_or_default();
    let rule = references::rule::rule(conn, no, &policy.terms).await?;
    Ok(Ground {
        no,
        study: study.to_owned(),
        policy,
        rule,
        quality,
    })
}

/// A policy from its columns.
pub(super) fn policy(fields: Fields<'_>) -> Result<StoredPolicy, Fault> {
    let threshold = match (
        fields.maybe_text("threshold_kind")?,
        fields.maybe_number("threshold")?,
    ) {
        (None, None) => None,
        (Some("ln_per_hour"), Some(slope)) => Some(Threshold::LnPerHour(slope)),
        (Some("percentile"), Some(percentile)) => Some(Threshold::Percentile(percentile)),
        (kind, _) => return Err(damaged("threshold_kind", &kind.unwrap_or("nothing")).into()),
    };
    let terms = PolicyTerms {
        reference: fields.maybe_text("reference")?.map(str::to_owned),
        min_reference_persons: fields.maybe_small("min_reference_persons")?,
        threshold,
        probability: fields.maybe_number("probability")?,
        min_days: fields.maybe_small("min_days")?,
        min_days_to_report: fields.maybe_small("min_days_to_report")?,
        car_window_min: fields.maybe_number("car_window_min")?,
        evening_after_h: fields.maybe_number("evening_after_h")?,
        min_samples: fields.maybe_small("min_samples")?,
        excluding: fields
            .maybe_integer("excluding")?
            .map(codes::read_conditions)
            .transpose()?,
        min_age_years: fields.maybe_number("min_age_years")?,
        min_age_to_flag_years: fields.maybe_number("min_age_to_flag_years")?,
        min_age_for_car_years: fields.maybe_number("min_age_for_car_years")?,
        evening_limit_nmol_per_l: fields.maybe_number("evening_limit_nmol_per_l")?,
        evening_limit_share: fields.maybe_number("evening_limit_share")?,
        second_review: fields.maybe_truth("second_review")?,
        reopen_shift_sd: fields.maybe_number("reopen_shift_sd")?,
    };
    let terms = Policy::check_terms(&terms).map_err(|error| damaged("a policy", &error))?;
    let created: Timestamp = fields.instant("policy_created_us")?;
    Ok(StoredPolicy {
        version: fields.integer("policy_version")?,
        terms,
        created,
    })
}
