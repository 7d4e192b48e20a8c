//! References of studies: versions that are never changed, read.

mod create;
mod freeze;
pub(super) mod rule;

use std::sync::Arc;

use diel_core::{Basis, PopulationModel, Reference, ReferenceTerms, Strata};
use sqlx::QueryBuilder;

use super::fields::Fields;
use super::fits::fit_name;
use super::ground::{self, study_name};
use super::{Conn, Db, Row};
use crate::codes::{self, damaged};
use crate::fault::Fault;
use crate::{Page, PageRequest, Sex, StoredReference};

pub(crate) use create::CreateReference;
pub(crate) use freeze::FreezeFit;

/// Statements of the whole folder.
pub(super) fn statements() -> impl Iterator<Item = &'static str> {
    [ONE, NEWEST]
        .into_iter()
        .chain(rule::STATEMENTS)
        .chain(create::STATEMENTS)
}

macro_rules! columns {
    () => {
        "select s.study_id, r.reference, r.version, r.population, r.assay, r.source, r.fit_id, r.formula, \
        r.person_count, r.persons_with_days, r.days, r.sample_count, r.input_digest, r.software, r.created_us, \
        t.position, t.sex, t.min_age_years, t.max_age_years, t.intercept_ln, t.slope_ln_per_h, t.car_ln, \
        t.intercept_sd, t.slope_sd, t.correlation, t.residual_sd "
    };
}

macro_rules! with_strata {
    () => {
        "join studies s on s.study_no = r.study_no \
        join reference_strata t on t.study_no = r.study_no and t.reference = r.reference and t.version = r.version "
    };
}

const ONE: &str = concat!(
    columns!(),
    "from study_references r ",
    with_strata!(),
    "where s.study_id = $1 and s.deletion_us is null and r.reference = $2 and r.version = $3 order by t.position"
);

const NEWEST: &str = "select r.version from study_references r join studies s on s.study_no = r.study_no \
    where s.study_id = $1 and s.deletion_us is null and r.reference = $2 order by r.version desc limit 1";

/// `{name}@{version}`, or `{name}` for its newest version.
async fn find(
    conn: &mut Conn,
    study: &str,
    reference: &str,
) -> Result<Option<StoredReference>, Fault> {
    let (name, version) = match reference.split_once('@') {
        Some((name, version)) => (name, version.parse().ok()),
        None => {
            let newest = sqlx::query_scalar(NEWEST)
                .bind(study)
                .bind(reference)
                .fetch_optional(&mut *conn)
                .await?;
            (reference, newest)
        }
    };
    match version {
        Some(version) => version_of(conn, study, name, version).await,
        None => Ok(None),
    }
}

async fn version_of(
    conn: &mut Conn,
    study: &str,
    name: &str,
    version: i64,
) -> Result<Option<StoredReference>, Fault> {
    let rows = sqlx::query(ONE)
        .bind(study)
        .bind(name)
        .bind(version)
        .fetch_all(conn)
        .await?;
    Ok(references(&rows)?.pop())
}

/// A reference of a study by name and version, or its newest version by name.
pub(crate) async fn read(
    conn: &mut Conn,
    study: &str,
    reference: &str,
) -> Result<StoredReference, Fault> {
    let found = find(conn, study, reference).await?;
    super::fields::found(found, || reference_name(study, reference))
}

/// References of a study by name and version.
pub(crate) async fn list(
    conn: &mut Conn,
    study: &str,
    page: &PageRequest<(String, i64)>,
) -> Result<Page<StoredReference, (String, i64)>, Fault> {
    let no = ground::number(conn, study).await?;
    let rows = select(no, page).build().fetch_all(conn).await?;
    let references = references(&rows)?;
    Ok(page.cut(references, |reference| {
        (reference.name.clone(), reference.version)
    }))
}

pub(crate) fn select(no: i64, page: &PageRequest<(String, i64)>) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(concat!(
        columns!(),
        "from (select * from study_references where study_no = "
    ));
    select.push_bind(no);
    if let Some((name, version)) = &page.after {
        select
            .push(" and (reference, version) > (")
            .push_bind(name)
            .push(", ")
            .push_bind(version)
            .push(")");
    }
    select
        .push(" order by reference, version limit ")
        .push_bind(page.probe())
        .push(concat!(
            ") r ",
            with_strata!(),
            "order by r.reference, r.version, t.position"
        ));
    select
}

fn reference_name(study: &str, reference: &str) -> String {
    format!("{}/references/{reference}", study_name(study))
}

/// References from the rows of their strata.
fn references(rows: &[Row]) -> Result<Vec<StoredReference>, Fault> {
    let mut references: Vec<StoredReference> = Vec::new();
    let mut terms = Vec::new();
    for (row, next) in rows.iter().zip(rows.iter().skip(1).map(Some).chain([None])) {
        terms.push(stratum(row)?);
        let is_last = match next {
            Some(next) => Fields(next).integer("position")? == 0,
            None => true,
        };
        if is_last {
            let fields = Fields(row);
            references.push(StoredReference {
                name: fields.owned("reference")?,
                version: fields.integer("version")?,
                strata: strata(std::mem::take(&mut terms))?,
                created: fields.instant("created_us")?,
            });
        }
    }
    Ok(references)
}

/// A fit of persons of any sex judges everybody; strata judge those in them.
fn strata(mut terms: Vec<ReferenceTerms>) -> Result<Arc<Strata>, Fault> {
    let is_for_everybody = matches!(
        terms.as_slice(),
        [only] if only.basis.is_some() && only.sex.is_none()
    );
    let strata = match terms.pop() {
        Some(only) if is_for_everybody => {
            let reference = Reference::new(only).map_err(|error| damaged("a reference", &error))?;
            Strata::of(Arc::new(reference))
        }
        last => {
            terms.extend(last);
            Strata::new(terms).map_err(|error| damaged("a reference", &error))?
        }
    };
    Ok(Arc::new(strata))
}

fn stratum(row: &Row) -> Result<ReferenceTerms, Fault> {
    let fields = Fields(row);
    let (study, name) = (fields.text("study_id")?, fields.text("reference")?);
    let sex = codes::read_sex(fields.integer("sex")?)?;
    let basis = match (
        fields.maybe_text("fit_id")?,
        fields.maybe_digest("input_digest")?,
    ) {
        (Some(fit), Some(input_digest)) => Some(Basis {
            persons: fields.small("person_count")?,
            persons_with_days: fields.small("persons_with_days")?,
            days: fields.small("days")?,
            samples: fields.small("sample_count")?,
            fit: fit_name(study, fit),
            formula: fields.owned("formula")?,
            input_digest,
            software: fields.owned("software")?,
        }),
        _ => None,
    };
    Ok(ReferenceTerms {
        id: format!(
            "{}@{}",
            reference_name(study, name),
            fields.integer("version")?
        ),
        population: fields.owned("population")?,
        assay: fields.owned("assay")?,
        source: fields.owned("source")?,
        provisional: false,
        min_age_years: fields.number("min_age_years")?,
        max_age_years: fields.maybe_number("max_age_years")?,
        sex: (sex != Sex::Unspecified).then_some(sex),
        model: PopulationModel {
            intercept_ln: fields.number("intercept_ln")?,
            slope_ln_per_h: fields.number("slope_ln_per_h")?,
            car_ln: fields.number("car_ln")?,
            intercept_sd: fields.number("intercept_sd")?,
            slope_sd: fields.number("slope_sd")?,
            correlation: fields.number("correlation")?,
            residual_sd: fields.number("residual_sd")?,
        },
        basis,
    })
}
