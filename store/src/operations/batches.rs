//! Batches.

use diel_core::{NmolPerL, Unit};
use sqlx::QueryBuilder;

use super::fields::{Fields, found};
use super::ground::{self, study_name};
use super::{Conn, Db, Row};
use crate::codes::damaged;
use crate::fault::Fault;
use crate::ids;
use crate::{Batch, NewBatch, Page, PageRequest};

pub(super) const STATEMENTS: [&str; 2] = [ONE, INSERT];

macro_rules! batches {
    () => {
        "select batch_no, lab, assay, kit, plate, lod, lloq, uloq, limit_unit, lod_nmol_per_l, lloq_nmol_per_l, \
        uloq_nmol_per_l, run_date, result_count, created_us from batches where study_no = "
    };
}

const ONE: &str = concat!(batches!(), "$1 and batch_no = $2");

const MANY: &str = batches!();

const INSERT: &str = "insert into batches (study_no, batch_no, lab, assay, kit, plate, lod, lloq, uloq, limit_unit, \
    lod_nmol_per_l, lloq_nmol_per_l, uloq_nmol_per_l, run_date, result_count, created_us) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";

/// A batch.
pub(crate) async fn read(conn: &mut Conn, study: &str, id: &str) -> Result<Batch, Fault> {
    let no = ground::number(conn, study).await?;
    find(conn, no, study, id).await
}

pub(super) async fn find(conn: &mut Conn, no: i64, study: &str, id: &str) -> Result<Batch, Fault> {
    let row = match ids::batch_no(id) {
        Some(batch_no) => {
            sqlx::query(ONE)
                .bind(no)
                .bind(batch_no)
                .fetch_optional(conn)
                .await?
        }
        None => None,
    };
    batch(&found(row, || {
        format!("{}/batches/{id}", study_name(study))
    })?)
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

/// Writes a batch.
pub(super) async fn insert(conn: &mut Conn, no: i64, batch: &Batch) -> Result<(), Fault> {
    let new = &batch.batch;
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
        .bind(new.run_date.map(|date| date.to_string()))
        .bind(batch.result_count)
        .bind(batch.created.as_microsecond())
        .execute(conn)
        .await?;
    Ok(())
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
            run_date: fields.maybe_date("run_date")?,
        },
        result_count: fields.integer("result_count")?,
        created: fields.instant("created_us")?,
    })
}
