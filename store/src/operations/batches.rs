//! Batches.

use diel_core::quality::Share;
use diel_core::{NmolPerL, Unit};
use sqlx::QueryBuilder;

use super::fields::{Fields, found};
use super::ground::{self, study_name};
use super::quality::AssessmentColumns;
use super::quality::measured::{self, Place};
use super::{Conn, Db, Row};
use crate::batch_quality::read_violations;
use crate::codes::{self, damaged};
use crate::fault::Fault;
use crate::ids;
use crate::{Batch, BatchAssessment, BatchDecision, BatchRecall, NewBatch, Page, PageRequest};

pub(super) const STATEMENTS: [&str; 3] = [ONE, INSERT, OF_SPECIMEN];

macro_rules! batches {
    () => {
        "select batch_no, lab, assay, kit, plate, lod, lloq, uloq, limit_unit, lod_nmol_per_l, lloq_nmol_per_l, \
        uloq_nmol_per_l, method, run_date, result_count, created_us, verdict, quality_reasons, quality_policy_version, \
        measured_count, below_limit_count, replicate_cv_count, high_cv_count, intra_assay_cv_percent, \
        plate_effect_z, violations, assessed_us, decided_verdict, decided_reason, decided_by, decided_us, recalled_us, \
        recalled_by, recall_reason, version \
        from batches where study_no = "
    };
}

const ONE: &str = concat!(batches!(), "$1 and batch_no = $2");

const MANY: &str = batches!();

const INSERT: &str = "insert into batches (study_no, batch_no, lab, assay, kit, plate, lod, lloq, uloq, limit_unit, \
    lod_nmol_per_l, lloq_nmol_per_l, uloq_nmol_per_l, method, run_date, result_count, created_us, verdict, \
    quality_reasons, quality_policy_version, measured_count, below_limit_count, replicate_cv_count, high_cv_count, \
    intra_assay_cv_percent, plate_effect_z, violations, assessed_us) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
    $23, $24, $25, $26, $27, $28)";

/// The batch of the result in force of a specimen.
const OF_SPECIMEN: &str = "select r.batch_no from specimens s \
    join results r on r.study_no = s.study_no and r.specimen = s.specimen and r.revision = s.revision \
    where s.study_no = $1 and s.specimen = $2";

/// A batch.
pub(crate) async fn read(conn: &mut Conn, study: &str, id: &str) -> Result<Batch, Fault> {
    let no = ground::number(conn, study).await?;
    find(conn, no, study, id).await
}

pub(super) async fn find(conn: &mut Conn, no: i64, study: &str, id: &str) -> Result<Batch, Fault> {
    // No batch has the number of an id that is none.
    let batch_no = ids::batch_no(id).unwrap_or(-1);
    let row = sqlx::query(ONE)
        .bind(no)
        .bind(batch_no)
        .fetch_optional(&mut *conn)
        .await?;
    let mut batch = batch(&found(row, || batch_name(study, id))?)?;
    batch.controls = measured::of_batch(conn, no, batch_no).await?;
    Ok(batch)
}

/// The name of a batch.
pub(super) fn batch_name(study: &str, id: &str) -> String {
    format!("{}/batches/{id}", study_name(study))
}

/// The id of the batch that the result in force of a specimen came with.
pub(super) async fn of_specimen(
    conn: &mut Conn,
    no: i64,
    specimen: &str,
) -> Result<Option<String>, Fault> {
    let batch_no: Option<i64> = sqlx::query_scalar(OF_SPECIMEN)
        .bind(no)
        .bind(specimen)
        .fetch_optional(conn)
        .await?;
    Ok(batch_no.map(ids::batch_id))
}

/// Batches, oldest first.
pub(crate) async fn list(
    conn: &mut Conn,
    study: &str,
    page: &PageRequest<String>,
) -> Result<Page<Batch, String>, Fault> {
    let no = ground::number(conn, study).await?;
    let rows = select(no, page).build().fetch_all(conn).await?;
    let batches = rows.iter().map(batch).collect::<Result<_, _>>()?;
    Ok(page.cut(batches, |batch| batch.id.clone()))
}

pub(crate) fn select(no: i64, page: &PageRequest<String>) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(MANY);
    select.push_bind(no);
    if let Some(after) = &page.after {
        select
            .push(" and batch_no > ")
            .push_bind(ids::batch_no(after).unwrap_or(i64::MAX));
    }
    select
        .push(" order by batch_no limit ")
        .push_bind(page.probe());
    select
}

/// The number of a batch that is stored or about to be.
pub(super) fn number_of(id: &str) -> Result<i64, Fault> {
    ids::batch_no(id).ok_or_else(|| damaged("a batch id", &id).into())
}

/// Writes a batch with its controls.
pub(super) async fn insert(conn: &mut Conn, no: i64, batch: &Batch) -> Result<(), Fault> {
    let new = &batch.batch;
    let quality = AssessmentColumns::of(batch.assessment.as_ref())?;
    sqlx::query(INSERT)
        .bind(no)
        .bind(number_of(&batch.id)?)
        .bind(&new.lab)
        .bind(&new.assay)
        .bind(&new.kit)
        .bind(&new.plate)
        .bind(new.limit_of_detection)
        .bind(new.lower_limit_of_quantification)
        .bind(new.upper_limit_of_quantification)
        .bind(new.limit_unit.map(Unit::ucum))
        .bind(new.limits.detection.map(NmolPerL::get))
        .bind(new.limits.quantification_low.map(NmolPerL::get))
        .bind(new.limits.quantification_high.map(NmolPerL::get))
        .bind(&new.method)
        .bind(new.run_date.map(|date| date.to_string()))
        .bind(batch.result_count)
        .bind(batch.created.as_microsecond())
        .bind(quality.verdict)
        .bind(quality.reasons)
        .bind(quality.policy_version)
        .bind(quality.measured)
        .bind(quality.below_limit)
        .bind(quality.replicate_cvs)
        .bind(quality.high_cvs)
        .bind(quality.intra_assay_cv_percent)
        .bind(quality.plate_effect_z)
        .bind(quality.violations)
        .bind(quality.assessed_us)
        .execute(&mut *conn)
        .await?;
    if batch.controls.is_empty() {
        return Ok(());
    }
    measured::write(conn, no, &Place::of(batch)?, &batch.controls).await
}

fn batch(row: &Row) -> Result<Batch, Fault> {
    let fields = Fields(row);
    let unit = fields.maybe_text("limit_unit")?;
    let limit_unit =
        unit.map(|code| Unit::from_ucum(code).ok_or_else(|| damaged("limit_unit", &code)));
    Ok(Batch {
        id: ids::batch_id(fields.integer("batch_no")?),
        batch: NewBatch {
            lab: fields.owned("lab")?,
            assay: fields.owned("assay")?,
            kit: fields.owned("kit")?,
            plate: fields.owned("plate")?,
            limit_of_detection: fields.maybe_number("lod")?,
            lower_limit_of_quantification: fields.maybe_number("lloq")?,
            upper_limit_of_quantification: fields.maybe_number("uloq")?,
            limit_unit: limit_unit.transpose()?,
            limits: fields.limits()?,
            method: fields.owned("method")?,
            run_date: fields.maybe_date("run_date")?,
        },
        result_count: fields.integer("result_count")?,
        created: fields.instant("created_us")?,
        assessment: assessment(fields)?,
        decision: decision(fields)?,
        controls: Vec::new(),
        recall: recall(fields)?,
        version: fields.integer("version")?,
    })
}

fn assessment(fields: Fields<'_>) -> Result<Option<BatchAssessment>, Fault> {
    let (Some(policy_version), Some(at)) = (
        fields.maybe_integer("quality_policy_version")?,
        fields.maybe_instant("assessed_us")?,
    ) else {
        return Ok(None);
    };
    let share = |count: &str, of: &str| -> Result<Share, Fault> {
        Ok(Share {
            count: fields.small(count)?,
            of: fields.small(of)?,
        })
    };
    Ok(Some(BatchAssessment {
        verdict: codes::read_batch_verdict(fields.integer("verdict")?)?,
        reasons: codes::read_quality_reasons(fields.text("quality_reasons")?)?,
        policy_version,
        high_cv: share("high_cv_count", "replicate_cv_count")?,
        below_limit: share("below_limit_count", "measured_count")?,
        intra_assay_cv_percent: fields.maybe_number("intra_assay_cv_percent")?,
        plate_effect_z: fields.maybe_number("plate_effect_z")?,
        violations: read_violations(fields.text("violations")?)?,
        at,
    }))
}

fn decision(fields: Fields<'_>) -> Result<Option<BatchDecision>, Fault> {
    let (Some(verdict), Some(at)) = (
        fields.maybe_integer("decided_verdict")?,
        fields.maybe_instant("decided_us")?,
    ) else {
        return Ok(None);
    };
    Ok(Some(BatchDecision {
        verdict: codes::read_batch_verdict(verdict)?,
        reason: fields.owned("decided_reason")?,
        reviewer: fields.owned("decided_by")?,
        at,
    }))
}

fn recall(fields: Fields<'_>) -> Result<Option<BatchRecall>, Fault> {
    let Some(at) = fields.maybe_instant("recalled_us")? else {
        return Ok(None);
    };
    Ok(Some(BatchRecall {
        at,
        actor: fields.owned("recalled_by")?,
        reason: fields.owned("recall_reason")?,
    }))
}
