//! Controls of a study: keys that are never changed, targets in versions that are never changed.

mod target;

use std::collections::HashMap;

use diel_core::quality::{ControlMaterial, ControlTarget};
use sqlx::QueryBuilder;

use super::fields::{Fields, found};
use super::ground::{self, study_name};
use super::{Conn, Db, Row};
use crate::codes::{self, damaged};
use crate::fault::Fault;
use crate::{Control, ControlKey, Page, PageRequest, TargetTerms};

pub(crate) use target::{CreateControl, UpdateControl};

/// Statements of the whole folder.
pub(super) fn statements() -> impl Iterator<Item = &'static str> {
    [ONE, VERSION, OF_KEY, OF_LAB]
        .into_iter()
        .chain(target::STATEMENTS)
}

macro_rules! columns {
    () => {
        "select c.control_id, c.lab, c.assay, c.material, c.level, c.lot, c.created_us, t.version, t.mean, t.sd, \
        t.unit, t.mean_nmol_per_l, t.sd_nmol_per_l, t.run_count, t.source, t.created_us as target_created_us \
        from controls c join control_targets t on t.study_no = c.study_no and t.control_id = c.control_id "
    };
}

macro_rules! newest {
    () => {
        concat!(columns!(), "and t.version = c.version ")
    };
}

const ONE: &str = concat!(newest!(), "where c.study_no = $1 and c.control_id = $2");

const VERSION: &str = concat!(
    columns!(),
    "where c.study_no = $1 and c.control_id = $2 and t.version = $3"
);

const OF_KEY: &str = concat!(
    newest!(),
    "where c.study_no = $1 and c.lab = $2 and c.assay = $3 and c.material = $4 and c.level = $5 and c.lot = $6"
);

/// As many as a laboratory has lots of controls for an assay.
const OF_LAB: &str = concat!(
    newest!(),
    "where c.study_no = $1 and c.lab = $2 and c.assay = $3"
);

const MANY: &str = concat!(newest!(), "where c.study_no = ");

/// `{control}` with its newest target, or `{control}@{version}`.
pub(crate) async fn read(conn: &mut Conn, study: &str, name: &str) -> Result<Control, Fault> {
    let no = ground::number(conn, study).await?;
    let (id, version) = match name.split_once('@') {
        None => return find(conn, no, study, name).await,
        Some((id, version)) => (id, version.parse::<i64>().ok()),
    };
    let row = sqlx::query(VERSION)
        .bind(no)
        .bind(id)
        .bind(version.unwrap_or_default())
        .fetch_optional(conn)
        .await?;
    control(&found(row, || control_name(study, name))?)
}

pub(super) async fn find(
    conn: &mut Conn,
    no: i64,
    study: &str,
    id: &str,
) -> Result<Control, Fault> {
    let row = sqlx::query(ONE)
        .bind(no)
        .bind(id)
        .fetch_optional(conn)
        .await?;
    control(&found(row, || control_name(study, id))?)
}

/// The control of a key.
pub(super) async fn of_key(
    conn: &mut Conn,
    no: i64,
    key: &ControlKey,
) -> Result<Option<Control>, Fault> {
    let row = sqlx::query(OF_KEY)
        .bind(no)
        .bind(&key.lab)
        .bind(&key.assay)
        .bind(&key.material.material)
        .bind(&key.material.level)
        .bind(&key.material.lot)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(control).transpose()
}

/// The controls of a laboratory's assay, by material, level and lot.
pub(super) async fn of_lab(
    conn: &mut Conn,
    no: i64,
    lab: &str,
    assay: &str,
) -> Result<HashMap<ControlMaterial, Control>, Fault> {
    let rows = sqlx::query(OF_LAB)
        .bind(no)
        .bind(lab)
        .bind(assay)
        .fetch_all(conn)
        .await?;
    rows.iter()
        .map(|row| {
            let control = control(row)?;
            Ok((control.key.material.clone(), control))
        })
        .collect()
}

/// Controls by id, each with its newest target.
pub(crate) async fn list(
    conn: &mut Conn,
    study: &str,
    page: &PageRequest<String>,
) -> Result<Page<Control, String>, Fault> {
    let no = ground::number(conn, study).await?;
    let rows = select(no, page).build().fetch_all(conn).await?;
    let controls = rows.iter().map(control).collect::<Result<_, _>>()?;
    Ok(page.cut(controls, |control| control.id.clone()))
}

pub(crate) fn select(no: i64, page: &PageRequest<String>) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(MANY);
    select.push_bind(no);
    if let Some(after) = &page.after {
        select.push(" and c.control_id > ").push_bind(after);
    }
    select
        .push(" order by c.control_id limit ")
        .push_bind(page.probe());
    select
}

/// The name of a control.
pub(super) fn control_name(study: &str, id: &str) -> String {
    format!("{}/controls/{id}", study_name(study))
}

/// The material from the columns that controls of studies and of batches share.
pub(super) fn material(fields: Fields<'_>) -> Result<ControlMaterial, Fault> {
    Ok(ControlMaterial {
        material: fields.owned("material")?,
        level: fields.owned("level")?,
        lot: fields.owned("lot")?,
    })
}

fn control(row: &Row) -> Result<Control, Fault> {
    let fields = Fields(row);
    let target = ControlTarget::new(
        fields.number("mean_nmol_per_l")?,
        fields.number("sd_nmol_per_l")?,
    )
    .map_err(|error| damaged("a control's target", &error))?;
    Ok(Control {
        id: fields.owned("control_id")?,
        key: ControlKey {
            lab: fields.owned("lab")?,
            assay: fields.owned("assay")?,
            material: material(fields)?,
        },
        terms: TargetTerms {
            mean: fields.number("mean")?,
            sd: fields.number("sd")?,
            unit: codes::read_unit(fields.integer("unit")?)?,
            target,
            run_count: fields.maybe_small("run_count")?,
            source: fields.owned("source")?,
        },
        version: fields.integer("version")?,
        created: fields.instant("created_us")?,
        updated: fields.instant("target_created_us")?,
    })
}
