//! Methods of studies: versions that are never changed.

mod create;

use diel_core::NmolPerL;
use sqlx::QueryBuilder;

use super::fields::{Fields, found};
use super::ground::{self, study_name};
use super::{Conn, Db, Row};
use crate::codes::damaged;
use crate::fault::Fault;
use crate::{NewMethod, Page, PageRequest, ReportedBias, StoredMethod};

pub(crate) use create::CreateMethod;

/// Statements of the whole folder.
pub(super) fn statements() -> impl Iterator<Item = &'static str> {
    [ONE, NEWEST, OF_ASSAY]
        .into_iter()
        .chain(create::STATEMENTS)
}

macro_rules! columns {
    () => {
        "select m.method, m.version, m.assay, m.description, m.lod_nmol_per_l, m.lloq_nmol_per_l, m.uloq_nmol_per_l, \
        m.source, m.created_us, b.position, b.compared_with, b.percent, b.lowest_nmol_per_l, b.highest_nmol_per_l, \
        b.source as bias_source "
    };
}

macro_rules! with_biases {
    () => {
        "left join method_biases b on b.study_no = m.study_no and b.method = m.method and b.version = m.version "
    };
}

const ONE: &str = concat!(
    columns!(),
    "from methods m ",
    with_biases!(),
    "where m.study_no = $1 and m.method = $2 and m.version = $3 order by b.position"
);

const NEWEST: &str = "select version from methods where study_no = $1 and method = $2 \
    order by version desc limit 1";

const OF_ASSAY: &str = "select method, version from methods where study_no = $1 and assay = $2 \
    order by created_us desc, version desc limit 1";

/// A method of a study: `{name}@{version}`, or `{name}` for its newest version.
pub(crate) async fn read(
    conn: &mut Conn,
    study: &str,
    method: &str,
) -> Result<StoredMethod, Fault> {
    let no = ground::number(conn, study).await?;
    let (name, version): (&str, Option<i64>) = match method.split_once('@') {
        Some((name, version)) => (name, version.parse().ok()),
        None => {
            let newest = sqlx::query_scalar(NEWEST)
                .bind(no)
                .bind(method)
                .fetch_optional(&mut *conn)
                .await?;
            (method, newest)
        }
    };
    let one = find(conn, no, name, version).await?;
    found(one, || method_name(study, method))
}

/// The method that was last created for an assay.
pub(crate) async fn of_assay(
    conn: &mut Conn,
    study: &str,
    assay: &str,
) -> Result<Option<StoredMethod>, Fault> {
    let no = ground::number(conn, study).await?;
    let row = sqlx::query(OF_ASSAY)
        .bind(no)
        .bind(assay)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let fields = Fields(&row);
    let version = fields.integer("version")?;
    find(conn, no, fields.text("method")?, Some(version)).await
}

async fn find(
    conn: &mut Conn,
    no: i64,
    name: &str,
    version: Option<i64>,
) -> Result<Option<StoredMethod>, Fault> {
    let rows = sqlx::query(ONE)
        .bind(no)
        .bind(name)
        .bind(version)
        .fetch_all(conn)
        .await?;
    Ok(methods(&rows)?.pop())
}

/// Methods of a study by name and version.
pub(crate) async fn list(
    conn: &mut Conn,
    study: &str,
    page: &PageRequest<(String, i64)>,
) -> Result<Page<StoredMethod, (String, i64)>, Fault> {
    let no = ground::number(conn, study).await?;
    let rows = select(no, page).build().fetch_all(conn).await?;
    Ok(page.cut(methods(&rows)?, |method| {
        (method.given.name.clone(), method.version)
    }))
}

/// The page is cut before the biases are joined, so that only those are read and sorted.
pub(crate) fn select(no: i64, page: &PageRequest<(String, i64)>) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(concat!(
        columns!(),
        "from (select * from methods where study_no = "
    ));
    select.push_bind(no);
    if let Some((name, version)) = &page.after {
        select
            .push(" and (method, version) > (")
            .push_bind(name)
            .push(", ")
            .push_bind(version)
            .push(")");
    }
    select
        .push(" order by method, version limit ")
        .push_bind(page.probe())
        .push(concat!(
            ") m ",
            with_biases!(),
            "order by m.method, m.version, b.position"
        ));
    select
}

fn method_name(study: &str, method: &str) -> String {
    format!("{}/methods/{method}", study_name(study))
}

/// Methods from the rows of their biases; one without a bias is a row too.
fn methods(rows: &[Row]) -> Result<Vec<StoredMethod>, Fault> {
    let mut methods: Vec<StoredMethod> = Vec::new();
    for row in rows {
        let fields = Fields(row);
        if fields.maybe_integer("position")?.unwrap_or_default() == 0 {
            methods.push(stored(fields)?);
        }
        if let (Some(method), Some(bias)) = (methods.last_mut(), bias(fields)?) {
            method.given.biases.push(bias);
        }
    }
    Ok(methods)
}

fn stored(fields: Fields<'_>) -> Result<StoredMethod, Fault> {
    Ok(StoredMethod {
        given: NewMethod {
            name: fields.owned("method")?,
            assay: fields.owned("assay")?,
            description: fields.owned("description")?,
            limits: fields.limits()?,
            biases: Vec::new(),
            source: fields.owned("source")?,
        },
        version: fields.integer("version")?,
        created: fields.instant("created_us")?,
    })
}

fn bias(fields: Fields<'_>) -> Result<Option<ReportedBias>, Fault> {
    let Some(compared_with) = fields.maybe_text("compared_with")? else {
        return Ok(None);
    };
    let concentration = |name: &str| -> Result<Option<NmolPerL>, Fault> {
        let number = fields.maybe_number(name)?;
        let read = number
            .map(|number| NmolPerL::new(number).map_err(|_| damaged("a concentration", &number)));
        Ok(read.transpose()?)
    };
    Ok(Some(ReportedBias {
        compared_with: compared_with.to_owned(),
        percent: fields.number("percent")?,
        lowest: concentration("lowest_nmol_per_l")?,
        highest: concentration("highest_nmol_per_l")?,
        source: fields.owned("bias_source")?,
    }))
}
