//! Conversions of studies: versions that are never changed.

mod create;

use diel_core::conversion::{Conversion, ConversionForm};
use sqlx::QueryBuilder;

use super::fields::{Fields, found};
use super::ground::{self, study_name};
use super::{Conn, Db, Row};
use crate::codes::damaged;
use crate::fault::Fault;
use crate::{NewConversion, Page, PageRequest, StoredConversion};

pub(crate) use create::CreateConversion;

/// Statements of the whole folder.
pub(super) fn statements() -> impl Iterator<Item = &'static str> {
    [ONE, NEWEST].into_iter().chain(create::STATEMENTS)
}

macro_rules! columns {
    () => {
        "select c.conversion, c.version, c.from_assay, c.to_assay, c.form, c.lowest_nmol_per_l, \
        c.highest_nmol_per_l, c.source, c.created_us, t.position, t.first_term, t.second_term "
    };
}

macro_rules! with_terms {
    () => {
        "join conversion_terms t on t.study_no = c.study_no and t.conversion = c.conversion \
        and t.version = c.version "
    };
}

const ONE: &str = concat!(
    columns!(),
    "from conversions c ",
    with_terms!(),
    "where c.study_no = $1 and c.conversion = $2 and c.version = $3 order by t.position"
);

const NEWEST: &str = "select version from conversions where study_no = $1 and conversion = $2 \
    order by version desc limit 1";

/// A conversion of a study: `{name}@{version}`, or `{name}` for its newest version.
pub(crate) async fn read(
    conn: &mut Conn,
    study: &str,
    conversion: &str,
) -> Result<StoredConversion, Fault> {
    let no = ground::number(conn, study).await?;
    let found_one = find(conn, no, conversion).await?;
    found(found_one, || conversion_name(study, conversion))
}

async fn find(
    conn: &mut Conn,
    no: i64,
    conversion: &str,
) -> Result<Option<StoredConversion>, Fault> {
    let (name, version): (&str, Option<i64>) = match conversion.split_once('@') {
        Some((name, version)) => (name, version.parse().ok()),
        None => {
            let newest = sqlx::query_scalar(NEWEST)
                .bind(no)
                .bind(conversion)
                .fetch_optional(&mut *conn)
                .await?;
            (conversion, newest)
        }
    };
    let rows = sqlx::query(ONE)
        .bind(no)
        .bind(name)
        .bind(version)
        .fetch_all(conn)
        .await?;
    Ok(conversions(&rows)?.pop())
}

/// Conversions of a study by name and version.
pub(crate) async fn list(
    conn: &mut Conn,
    study: &str,
    page: &PageRequest<(String, i64)>,
) -> Result<Page<StoredConversion, (String, i64)>, Fault> {
    let no = ground::number(conn, study).await?;
    let rows = select(no, page).build().fetch_all(conn).await?;
    Ok(page.cut(conversions(&rows)?, |conversion| {
        (conversion.given.name.clone(), conversion.version)
    }))
}

/// The page is cut before the terms are joined, so that only those are read and sorted.
pub(crate) fn select(no: i64, page: &PageRequest<(String, i64)>) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(concat!(
        columns!(),
        "from (select * from conversions where study_no = "
    ));
    select.push_bind(no);
    if let Some((name, version)) = &page.after {
        select
            .push(" and (conversion, version) > (")
            .push_bind(name)
            .push(", ")
            .push_bind(version)
            .push(")");
    }
    select
        .push(" order by conversion, version limit ")
        .push_bind(page.probe())
        .push(concat!(
            ") c ",
            with_terms!(),
            "order by c.conversion, c.version, t.position"
        ));
    select
}

fn conversion_name(study: &str, conversion: &str) -> String {
    format!("{}/conversions/{conversion}", study_name(study))
}

/// Conversions from the rows of their terms.
fn conversions(rows: &[Row]) -> Result<Vec<StoredConversion>, Fault> {
    let mut conversions = Vec::new();
    let mut terms = Vec::new();
    for (row, next) in rows.iter().zip(rows.iter().skip(1).map(Some).chain([None])) {
        let fields = Fields(row);
        terms.push((fields.number("first_term")?, fields.number("second_term")?));
        let is_last = match next {
            Some(next) => Fields(next).integer("position")? == 0,
            None => true,
        };
        if is_last {
            conversions.push(stored(fields, std::mem::take(&mut terms))?);
        }
    }
    Ok(conversions)
}

fn stored(fields: Fields<'_>, points: Vec<(f64, f64)>) -> Result<StoredConversion, Fault> {
    let form = match (fields.text("form")?, points.as_slice()) {
        ("linear", &[(intercept_nmol_per_l, slope)]) => ConversionForm::Linear {
            intercept_nmol_per_l,
            slope,
        },
        ("power", &[(factor, exponent)]) => ConversionForm::Power { factor, exponent },
        ("table", _) => ConversionForm::Table { points },
        (form, _) => return Err(damaged("form", &form).into()),
    };
    let function = Conversion::new(
        form,
        fields.number("lowest_nmol_per_l")?,
        fields.number("highest_nmol_per_l")?,
    );
    Ok(StoredConversion {
        given: NewConversion {
            name: fields.owned("conversion")?,
            from_assay: fields.owned("from_assay")?,
            to_assay: fields.owned("to_assay")?,
            function: function.map_err(|error| damaged("a conversion", &error))?,
            source: fields.owned("source")?,
        },
        version: fields.integer("version")?,
        created: fields.instant("created_us")?,
    })
}
