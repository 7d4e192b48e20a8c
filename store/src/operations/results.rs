//! Results: appended, never overwritten.

mod columns;

use sqlx::QueryBuilder;

use super::bulk::Values;
use super::fields::Fields;
use super::ground;
use super::{Conn, Db, Row};
use crate::codes;
use crate::fault::Fault;
use crate::ids;
use crate::{NewResult, Page, PageRequest, ResultFilter, RevisionCause, StoredResult};

pub(super) use columns::{APPEND, Columns};

macro_rules! result_columns {
    () => {
        "r.batch_no, r.outcome, r.amount, r.unit, r.missing_reason, r.replicate_count, r.replicate_cv_percent, \
        r.well, r.amendment_reason, r.cause, r.created_us as result_created_us, \
        b.assay as result_assay, b.lod_nmol_per_l, b.lloq_nmol_per_l, b.uloq_nmol_per_l"
    };
}
pub(super) use result_columns;

/// Every result has its batch; the outer join keeps the engine from beginning with the batches.
const MANY: &str = concat!(
    "select r.specimen, r.revision, ",
    result_columns!(),
    " from results r left join batches b on b.study_no = r.study_no and b.batch_no = r.batch_no where r.study_no = "
);

/// What first results are appended with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Appended {
    pub(super) study_no: i64,
    pub(super) batch_no: i64,
    pub(super) now_us: i64,
}

/// Appends first results.
pub(super) async fn append(
    conn: &mut Conn,
    with: Appended,
    results: &[&NewResult],
) -> Result<(), Fault> {
    let of_all = Revising {
        study_no: with.study_no,
        cause: RevisionCause::Sent,
        reason: "",
        now_us: with.now_us,
    };
    let bind = |values: &mut Values, result: &&NewResult| {
        let first = Further {
            result,
            batch_no: with.batch_no,
            revision: 1,
        };
        Columns::of(of_all, &first).bind(values);
    };
    APPEND.write(conn, results, bind).await?;
    Ok(())
}

/// A further revision of a result.
#[derive(Debug, Clone, Copy)]
pub(super) struct Further<'a> {
    pub(super) result: &'a NewResult,
    pub(super) batch_no: i64,
    pub(super) revision: i64,
}

/// What further revisions have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Revising<'a> {
    pub(super) study_no: i64,
    pub(super) cause: RevisionCause,
    pub(super) reason: &'a str,
    pub(super) now_us: i64,
}

/// Appends further revisions.
pub(super) async fn revise(
    conn: &mut Conn,
    with: Revising<'_>,
    revisions: &[Further<'_>],
) -> Result<(), Fault> {
    let bind = |values: &mut Values, further: &Further<'_>| {
        Columns::of(with, further).bind(values);
    };
    APPEND.write(conn, revisions, bind).await?;
    Ok(())
}

/// Results by specimen and revision.
pub(crate) async fn list(
    conn: &mut Conn,
    study: &str,
    filter: &ResultFilter,
    page: &PageRequest<(String, i32)>,
) -> Result<Page<StoredResult, (String, i32)>, Fault> {
    let no = ground::number(conn, study).await?;
    let rows = select(no, filter, page).build().fetch_all(conn).await?;
    let results = rows
        .iter()
        .map(|row| stored(row, Fields(row).small("revision")?))
        .collect::<Result<_, _>>()?;
    Ok(page.cut(results, |result| (result.specimen.clone(), result.revision)))
}

pub(crate) fn select(
    no: i64,
    filter: &ResultFilter,
    page: &PageRequest<(String, i32)>,
) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(MANY);
    select.push_bind(no);
    if let Some(specimen) = &filter.specimen {
        select.push(" and r.specimen = ").push_bind(specimen);
    }
    if let Some(batch) = &filter.batch {
        select
            .push(" and r.batch_no = ")
            .push_bind(ids::batch_no(batch).unwrap_or(-1));
    }
    if let Some((specimen, revision)) = &page.after {
        select
            .push(" and (r.specimen, r.revision) > (")
            .push_bind(specimen);
        select.push(", ").push_bind(i64::from(*revision)).push(")");
    }
    select
        .push(" order by r.specimen, r.revision limit ")
        .push_bind(page.probe());
    select
}

/// One revision of a specimen's result.
pub(super) async fn find(
    conn: &mut Conn,
    no: i64,
    specimen: &str,
    revision: i64,
) -> Result<Option<StoredResult>, Fault> {
    let mut select = QueryBuilder::<Db>::new(MANY);
    select
        .push_bind(no)
        .push(" and r.specimen = ")
        .push_bind(specimen);
    select.push(" and r.revision = ").push_bind(revision);
    let row = select.build().fetch_optional(conn).await?;
    row.map(|row| stored(&row, Fields(&row).small("revision")?))
        .transpose()
}

/// A result from its columns.
pub(super) fn stored(row: &Row, revision: i32) -> Result<StoredResult, Fault> {
    let fields = Fields(row);
    Ok(StoredResult {
        specimen: fields.owned("specimen")?,
        batch: ids::batch_id(fields.integer("batch_no")?),
        assay: fields.owned("result_assay")?,
        measurement: fields.measurement()?,
        limits: fields.limits()?,
        replicate_count: fields.maybe_small("replicate_count")?,
        replicate_cv_percent: fields.maybe_number("replicate_cv_percent")?,
        well: fields.owned("well")?,
        revision,
        amendment_reason: fields.owned("amendment_reason")?,
        cause: codes::read_revision_cause(fields.integer("cause")?)?,
        created: fields.instant("result_created_us")?,
    })
}
