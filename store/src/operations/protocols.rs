//! Sampling protocols: versions that are never changed, the highest in force.

use diel_core::sampling::{Due, PlannedSample, SamplingProtocol, Tolerance};
use serde_json::{Value, json};
use sqlx::QueryBuilder;

use super::bulk::{Insertion, Values};
use super::fields::{Fields, found};
use super::ground::{self, study_name};
use super::write::Write;
use super::{Conn, Db, Row, requests};
use crate::answer::KeptProtocol;
use crate::codes::damaged;
use crate::fault::Fault;
use crate::trail::{Note, Trail};
use crate::{Call, Page, PageRequest, StoreError, StoredProtocol};

pub(super) const STATEMENTS: [&str; 4] = [LAST, ONE, SAMPLES, INSERT];

const LAST: &str = "select version, day_count, created_us from protocols where study_no = $1 \
    order by version desc limit 1";

const ONE: &str =
    "select version, day_count, created_us from protocols where study_no = $1 and version = $2";

const MANY: &str = "select version, day_count, created_us from protocols where study_no = ";

const SAMPLES: &str = "select label, due_kind, due_min, early_min, late_min from protocol_samples \
    where study_no = $1 and version = $2 order by position";

const INSERT: &str =
    "insert into protocols (study_no, version, day_count, created_us) values ($1, $2, $3, $4)";

pub(super) static INSERT_SAMPLES: Insertion = Insertion::new(
    "insert into protocol_samples (study_no, version, position, label, due_kind, due_min, early_min, late_min) values ",
    8,
    "",
);

/// A version of a protocol; `None` for the one in force.
pub(crate) async fn read(
    conn: &mut Conn,
    study: &str,
    version: Option<i64>,
) -> Result<StoredProtocol, Fault> {
    let no = ground::number(conn, study).await?;
    let protocol = match version {
        None => in_force(conn, no).await?,
        Some(version) => version_of(conn, no, version).await?,
    };
    found(protocol, || {
        let version = version.map_or_else(|| "current".to_owned(), |version| version.to_string());
        format!("{}/protocols/{version}", study_name(study))
    })
}

async fn in_force(conn: &mut Conn, no: i64) -> Result<Option<StoredProtocol>, Fault> {
    let row = sqlx::query(LAST)
        .bind(no)
        .fetch_optional(&mut *conn)
        .await?;
    match row {
        Some(row) => whole(conn, no, &row).await.map(Some),
        None => Ok(None),
    }
}

async fn version_of(
    conn: &mut Conn,
    no: i64,
    version: i64,
) -> Result<Option<StoredProtocol>, Fault> {
    let row = sqlx::query(ONE)
        .bind(no)
        .bind(version)
        .fetch_optional(&mut *conn)
        .await?;
    match row {
        Some(row) => whole(conn, no, &row).await.map(Some),
        None => Ok(None),
    }
}

async fn whole(conn: &mut Conn, no: i64, row: &Row) -> Result<StoredProtocol, Fault> {
    let fields = Fields(row);
    let version = fields.integer("version")?;
    let rows = sqlx::query(SAMPLES)
        .bind(no)
        .bind(version)
        .fetch_all(conn)
        .await?;
    let samples = rows
        .iter()
        .map(|row| sample(Fields(row)))
        .collect::<Result<_, _>>()?;
    let protocol = SamplingProtocol::new(samples, fields.maybe_small("day_count")?)
        .map_err(|_| damaged("a protocol", &version))?;
    Ok(StoredProtocol {
        version,
        protocol,
        created: fields.instant("created_us")?,
    })
}

fn sample(fields: Fields<'_>) -> Result<PlannedSample, Fault> {
    let due = match (fields.text("due_kind")?, fields.maybe_number("due_min")?) {
        ("after_awakening", Some(minutes)) => Due::AfterAwakening(minutes),
        ("clock_time", Some(minutes)) => Due::ClockTime(minutes),
        ("bedtime", None) => Due::Bedtime,
        (kind, _) => return Err(damaged("due_kind", &kind).into()),
    };
    let tolerance = match (
        fields.maybe_number("early_min")?,
        fields.maybe_number("late_min")?,
    ) {
        (Some(early_min), Some(late_min)) => Some(Tolerance {
            early_min,
            late_min,
        }),
        _ => None,
    };
    Ok(PlannedSample {
        label: fields.owned("label")?,
        due,
        tolerance,
    })
}

/// Versions of a protocol, the newest first.
pub(crate) async fn list(
    conn: &mut Conn,
    study: &str,
    page: &PageRequest<i64>,
) -> Result<Page<StoredProtocol, i64>, Fault> {
    let no = ground::number(conn, study).await?;
    let rows = select(no, page).build().fetch_all(&mut *conn).await?;
    let mut protocols = Vec::with_capacity(rows.len());
    for row in &rows {
        protocols.push(whole(conn, no, row).await?);
    }
    Ok(page.cut(protocols, |protocol| protocol.version))
}

pub(crate) fn select(no: i64, page: &PageRequest<i64>) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(MANY);
    select
        .push_bind(no)
        .push(" and version < ")
        .push_bind(page.after.unwrap_or(i64::MAX));
    select
        .push(" order by version desc limit ")
        .push_bind(page.probe());
    select
}

/// Puts another protocol in force.
#[derive(Debug)]
pub(crate) struct UpdateProtocol {
    pub(crate) study: String,
    pub(crate) protocol: SamplingProtocol,
    /// The version that the caller saw; 0 where there was none.
    pub(crate) replaced_version: i64,
    pub(crate) call: Call,
}

impl Write for UpdateProtocol {
    type Answer = StoredProtocol;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        _attempt: u32,
    ) -> Result<StoredProtocol, Fault> {
        let no = ground::number(conn, &self.study).await?;
        let resource = |version: i64| format!("{}/protocols/{version}", study_name(&self.study));
        if let Some(kept) = requests::find::<KeptProtocol>(conn, no, &self.call).await? {
            let protocol = version_of(conn, no, kept.version).await?;
            return found(protocol, || resource(kept.version));
        }
        let before = in_force(conn, no).await?;
        let version = before.as_ref().map_or(0, |protocol| protocol.version);
        if version != self.replaced_version {
            let resource = resource(version);
            return Err(StoreError::EtagMismatch { resource }.into());
        }
        let stored = StoredProtocol {
            version: version + 1,
            protocol: self.protocol.clone(),
            created: self.call.now,
        };
        insert(conn, no, &stored).await?;
        let note = Note {
            action: "update_protocol",
            resource: resource(stored.version),
            before: before.map_or(Value::Null, |before| said(&before.protocol)),
            after: said(&stored.protocol),
            ..Note::default()
        };
        trail.note(no, &self.study, &self.call, note.of_differences());
        let kept = KeptProtocol {
            version: stored.version,
        };
        requests::keep(conn, no, &self.call, &kept).await?;
        Ok(stored)
    }
}

async fn insert(conn: &mut Conn, no: i64, stored: &StoredProtocol) -> Result<(), Fault> {
    sqlx::query(INSERT)
        .bind(no)
        .bind(stored.version)
        .bind(stored.protocol.days().map(i64::from))
        .bind(stored.created.as_microsecond())
        .execute(&mut *conn)
        .await?;
    let samples: Vec<(i64, &PlannedSample)> = (0..).zip(stored.protocol.samples()).collect();
    let bind = |values: &mut Values, (position, sample): &(i64, &PlannedSample)| {
        let (kind, minutes) = match sample.due {
            Due::AfterAwakening(minutes) => ("after_awakening", Some(minutes)),
            Due::ClockTime(minutes) => ("clock_time", Some(minutes)),
            Due::Bedtime => ("bedtime", None),
        };
        let tolerance = sample.tolerance_in_force();
        values.integer(no);
        values.integer(stored.version);
        values.integer(*position);
        values.text(sample.label.as_str());
        values.text(kind);
        values.number(minutes);
        values.number(tolerance.map(|tolerance| tolerance.early_min));
        values.number(tolerance.map(|tolerance| tolerance.late_min));
    };
    INSERT_SAMPLES.write(conn, &samples, bind).await?;
    Ok(())
}

/// A protocol as the trail says it.
fn said(protocol: &SamplingProtocol) -> Value {
    let samples: Vec<Value> = protocol
        .samples()
        .iter()
        .map(|sample| {
            let tolerance = sample.tolerance_in_force();
            json!({
                "label": sample.label,
                "due": sample.due.to_string(),
                "early_min": tolerance.map(|tolerance| tolerance.early_min),
                "late_min": tolerance.map(|tolerance| tolerance.late_min),
            })
        })
        .collect();
    json!({ "day_count": protocol.days(), "samples": samples })
}
