//! Controls as they were measured, and their runs in order.

use diel_core::quality::{ControlMaterial, WestgardRules};
use diel_core::{BatchVerdict, Measurement};
use jiff::tz::TimeZone;
use sqlx::QueryBuilder;

use super::super::bulk::{Insertion, Values};
use super::super::controls::{self, material};
use super::super::fields::Fields;
use super::super::{Conn, Db, Row, ground};
use crate::batch_quality::in_force;
use crate::codes::{self, damaged};
use crate::fault::Fault;
use crate::ids;
use crate::{
    Batch, BatchControl, ControlKey, ControlMark, MeasuredControl, NewBatchControl, Page,
    PageRequest,
};

pub(super) const STATEMENTS: [&str; 5] = [OF_BATCH, OLDEST_RUN, RUNS, LATER, MARK];

macro_rules! columns {
    () => {
        "select m.batch_no, m.position, m.material, m.level, m.lot, m.run_us, m.outcome, m.amount, m.unit, \
        m.missing_reason, m.replicates, m.replicate_count, m.replicate_cv_percent, m.well, m.control_id, \
        m.target_version, m.z, m.rules"
    };
}

const OF_BATCH: &str = concat!(
    columns!(),
    " from batch_controls m where m.study_no = $1 and m.batch_no = $2 order by m.position"
);

/// The oldest of the runs before one, at most so many.
const OLDEST_RUN: &str = "select run_us, batch_no from (select distinct run_us, batch_no from batch_controls \
    where study_no = $1 and lab = $2 and assay = $3 and (run_us, batch_no) < ($4, $5) \
    order by run_us desc, batch_no desc limit $6) as runs order by run_us, batch_no limit 1";

const RUNS: &str = concat!(
    columns!(),
    " from batch_controls m where m.study_no = $1 and m.lab = $2 and m.assay = $3 \
    and (m.run_us, m.batch_no) >= ($4, $5) and (m.run_us, m.batch_no) < ($6, $7) \
    order by m.run_us, m.batch_no, m.position"
);

/// The runs that one of theirs comes before, at most so many.
const LATER: &str = "select distinct run_us, batch_no from batch_controls \
    where study_no = $1 and lab = $2 and assay = $3 and (run_us, batch_no) > ($4, $5) \
    order by run_us, batch_no limit $6";

const MARK: &str = "update batch_controls set control_id = $1, target_version = $2, z = $3, rules = $4 \
    where study_no = $5 and batch_no = $6 and position = $7";

const OF_CONTROL: &str = concat!(
    columns!(),
    ", b.verdict, b.decided_verdict from batch_controls m \
    join batches b on b.study_no = m.study_no and b.batch_no = m.batch_no where m.study_no = "
);

pub(in super::super) static WRITE: Insertion = Insertion::new(
    "insert into batch_controls (study_no, batch_no, position, lab, assay, material, level, lot, run_us, outcome, \
    amount, unit, missing_reason, replicates, replicate_count, replicate_cv_percent, well, control_id, \
    target_version, z, rules) values ",
    21,
    "",
);

/// Where the run of a batch stands among those of its laboratory's assay.
#[derive(Debug, Clone)]
pub(in super::super) struct Place {
    pub(in super::super) batch_no: i64,
    pub(in super::super) lab: String,
    pub(in super::super) assay: String,
    pub(in super::super) run_us: i64,
}

impl Place {
    pub(in super::super) fn of(batch: &Batch) -> Result<Self, Fault> {
        let run = match batch.batch.run_date {
            Some(date) => TimeZone::UTC
                .to_timestamp(date.at(0, 0, 0, 0))
                .map_err(|error| damaged("run_date", &error))?,
            None => batch.created,
        };
        Ok(Self {
            batch_no: super::super::batches::number_of(&batch.id)?,
            lab: batch.batch.lab.clone(),
            assay: batch.batch.assay.clone(),
            run_us: run.as_microsecond(),
        })
    }
}

/// A control of an earlier run, as the rules need it.
#[derive(Debug)]
pub(super) struct Earlier {
    pub(super) batch_no: i64,
    pub(super) material: ControlMaterial,
    pub(super) measurement: Measurement,
}

/// Writes the controls of a batch with what an assessment said of them.
pub(in super::super) async fn write(
    conn: &mut Conn,
    study_no: i64,
    place: &Place,
    controls: &[BatchControl],
) -> Result<(), Fault> {
    let placed: Vec<(i64, &BatchControl)> = (0..).zip(controls).collect();
    let bind = |values: &mut Values, (position, control): &(i64, &BatchControl)| {
        let new = &control.control;
        let (outcome, amount, reason) = codes::outcome(new.measurement.outcome());
        let mark = control.score.as_ref();
        values.integer(study_no);
        values.integer(place.batch_no);
        values.integer(*position);
        values.text(place.lab.as_str());
        values.text(place.assay.as_str());
        values.text(new.material.material.as_str());
        values.text(new.material.level.as_str());
        values.text(new.material.lot.as_str());
        values.integer(place.run_us);
        values.integer(outcome);
        values.number(amount);
        values.integer(new.measurement.unit().map(codes::unit));
        values.text(reason);
        values.text(joined(&new.replicates).as_str());
        values.integer(new.replicate_count.map(i64::from));
        values.number(new.replicate_cv_percent);
        values.text(new.well.as_str());
        values.text(mark.map(|mark| mark.control.as_str()));
        values.integer(mark.map(|mark| mark.version));
        values.number(mark.and_then(|mark| mark.z));
        values.text(control.rules.to_string().as_str());
    };
    WRITE.write(conn, &placed, bind).await?;
    Ok(())
}

/// Writes what another assessment says of the controls of a batch.
pub(super) async fn mark(
    conn: &mut Conn,
    study_no: i64,
    batch_no: i64,
    controls: &[BatchControl],
) -> Result<(), Fault> {
    for (position, control) in (0_i64..).zip(controls) {
        let mark = control.score.as_ref();
        sqlx::query(MARK)
            .bind(mark.map(|mark| mark.control.as_str()))
            .bind(mark.map(|mark| mark.version))
            .bind(mark.and_then(|mark| mark.z))
            .bind(control.rules.to_string())
            .bind(study_no)
            .bind(batch_no)
            .bind(position)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// The controls of a batch, as sent.
pub(in super::super) async fn of_batch(
    conn: &mut Conn,
    study_no: i64,
    batch_no: i64,
) -> Result<Vec<BatchControl>, Fault> {
    let rows = sqlx::query(OF_BATCH)
        .bind(study_no)
        .bind(batch_no)
        .fetch_all(conn)
        .await?;
    rows.iter().map(control).collect()
}

/// The controls of the runs before one, at most so many runs, oldest first.
pub(super) async fn before(
    conn: &mut Conn,
    study_no: i64,
    place: &Place,
    runs: u32,
) -> Result<Vec<Earlier>, Fault> {
    let oldest = sqlx::query(OLDEST_RUN)
        .bind(study_no)
        .bind(&place.lab)
        .bind(&place.assay)
        .bind(place.run_us)
        .bind(place.batch_no)
        .bind(i64::from(runs))
        .fetch_optional(&mut *conn)
        .await?;
    let Some(oldest) = oldest else {
        return Ok(Vec::new());
    };
    let oldest = Fields(&oldest);
    let rows = sqlx::query(RUNS)
        .bind(study_no)
        .bind(&place.lab)
        .bind(&place.assay)
        .bind(oldest.integer("run_us")?)
        .bind(oldest.integer("batch_no")?)
        .bind(place.run_us)
        .bind(place.batch_no)
        .fetch_all(conn)
        .await?;
    let earlier = rows.iter().map(|row| {
        let fields = Fields(row);
        Ok(Earlier {
            batch_no: fields.integer("batch_no")?,
            material: material(fields)?,
            measurement: fields.measurement()?,
        })
    });
    earlier.collect()
}

/// The batches whose runs come after one, at most so many, in their order.
pub(super) async fn behind(
    conn: &mut Conn,
    study_no: i64,
    place: &Place,
    runs: u32,
) -> Result<Vec<i64>, Fault> {
    let rows = sqlx::query(LATER)
        .bind(study_no)
        .bind(&place.lab)
        .bind(&place.assay)
        .bind(place.run_us)
        .bind(place.batch_no)
        .bind(i64::from(runs))
        .fetch_all(conn)
        .await?;
    rows.iter()
        .map(|row| Fields(row).integer("batch_no"))
        .collect()
}

/// The place of a measurement in the runs of its control: when, batch, position.
pub(crate) type RunPlace = (i64, i64, i64);

/// The measurements of a control, the newest run first.
pub(crate) async fn list(
    conn: &mut Conn,
    study: &str,
    id: &str,
    page: &PageRequest<RunPlace>,
) -> Result<Page<MeasuredControl, RunPlace>, Fault> {
    let no = ground::number(conn, study).await?;
    let key = controls::find(conn, no, study, id).await?.key;
    let rows = select(no, &key, page).build().fetch_all(conn).await?;
    let runs = rows
        .iter()
        .map(|row| Ok((place(row)?, measured(row)?)))
        .collect::<Result<Vec<_>, Fault>>()?;
    let cut = page.cut(runs, |(place, _)| *place);
    Ok(Page {
        items: cut.items.into_iter().map(|(_, run)| run).collect(),
        next: cut.next,
    })
}

pub(crate) fn select(no: i64, key: &ControlKey, page: &PageRequest<RunPlace>) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(OF_CONTROL);
    select.push_bind(no);
    for (column, value) in [
        (" and m.lab = ", &key.lab),
        (" and m.assay = ", &key.assay),
        (" and m.material = ", &key.material.material),
        (" and m.level = ", &key.material.level),
        (" and m.lot = ", &key.material.lot),
    ] {
        select.push(column).push_bind(value.clone());
    }
    if let Some((run_us, batch_no, position)) = page.after {
        select
            .push(" and (m.run_us, m.batch_no, m.position) < (")
            .push_bind(run_us)
            .push(", ")
            .push_bind(batch_no)
            .push(", ")
            .push_bind(position)
            .push(")");
    }
    select
        .push(" order by m.run_us desc, m.batch_no desc, m.position desc limit ")
        .push_bind(page.probe());
    select
}

fn place(row: &Row) -> Result<RunPlace, Fault> {
    let fields = Fields(row);
    Ok((
        fields.integer("run_us")?,
        fields.integer("batch_no")?,
        fields.integer("position")?,
    ))
}

fn measured(row: &Row) -> Result<MeasuredControl, Fault> {
    let fields = Fields(row);
    Ok(MeasuredControl {
        batch: ids::batch_id(fields.integer("batch_no")?),
        position: fields.integer("position")?,
        run: fields.instant("run_us")?,
        control: control(row)?,
        verdict: verdict(fields)?,
    })
}

/// The verdict in force, from the columns `verdict` and `decided_verdict` of a batch.
pub(in super::super) fn verdict(fields: Fields<'_>) -> Result<BatchVerdict, Fault> {
    let decided = fields.maybe_integer("decided_verdict")?;
    Ok(in_force(
        decided.map(codes::read_batch_verdict).transpose()?,
        codes::read_batch_verdict(fields.integer("verdict")?)?,
    ))
}

fn control(row: &Row) -> Result<BatchControl, Fault> {
    let fields = Fields(row);
    let score = match (
        fields.maybe_text("control_id")?,
        fields.maybe_integer("target_version")?,
    ) {
        (Some(control), Some(version)) => Some(ControlMark {
            control: control.to_owned(),
            version,
            z: fields.maybe_number("z")?,
        }),
        _ => None,
    };
    let rules: WestgardRules = codes::read_rules(fields.text("rules")?)?;
    Ok(BatchControl {
        control: NewBatchControl {
            material: material(fields)?,
            measurement: fields.measurement()?,
            replicates: numbers(fields.text("replicates")?)?,
            replicate_count: fields.maybe_small("replicate_count")?,
            replicate_cv_percent: fields.maybe_number("replicate_cv_percent")?,
            well: fields.owned("well")?,
        },
        score,
        rules,
    })
}

/// Numbers as the shortest texts that read back equal, joined by ;.
fn joined(numbers: &[f64]) -> String {
    let texts: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    texts.join(";")
}

fn numbers(joined: &str) -> Result<Vec<f64>, Fault> {
    joined
        .split(';')
        .filter(|text| !text.is_empty())
        .map(|text| {
            text.parse()
                .map_err(|_| damaged("replicates", &text).into())
        })
        .collect()
}
