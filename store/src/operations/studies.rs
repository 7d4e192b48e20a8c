//! Studies.

use diel_core::{CodeShape, CodeShapes, RetentionDays, Unit};
use serde_json::{Value, json};
use sqlx::QueryBuilder;

use super::fields::Fields;
use super::ground::{self, policy_columns, study_name};
use super::write::Write;
use super::{Conn, Db, Row, policies, references, requests};
use crate::answer::KeptStudy;
use crate::codes::damaged;
use crate::fault::Fault;
use crate::filter::push_one_of;
use crate::trail::{Note, OUTSIDE, Trail};
use crate::{Call, NewStudy, Page, PageRequest, StoreError, StoredPolicy, Study, StudyChange};

pub(super) const STATEMENTS: [&str; 4] = [ONE, INSERT, UPDATE, OTHER_CODE_KEY];

macro_rules! studies {
    () => {
        concat!(
            "select s.study_id, s.display_name, s.time_zone, s.display_unit, s.created_us, s.updated_us, s.version, \
            s.refused_shapes, s.code_key, s.retention_days, ",
            policy_columns!(),
            " from studies s join policies p on p.study_no = s.study_no and p.version = s.policy_version"
        )
    };
}

const ONE: &str = concat!(
    studies!(),
    " where s.study_id = $1 and s.deletion_us is null"
);

const MANY: &str = concat!(studies!(), " where s.deletion_us is null and s.study_id > ");

const INSERT: &str = "insert into studies (study_no, study_id, display_name, time_zone, display_unit, \
    policy_version, created_us, updated_us, version, refused_shapes, code_key, retention_days) \
    select coalesce(max(study_no), 0) + 1, cast($1 as text), cast($2 as text), cast($3 as text), cast($4 as text), \
    1, cast($5 as bigint), cast($5 as bigint), 1, cast($6 as bigint), cast($7 as text), cast($8 as bigint) from studies where true \
    on conflict (study_id) do nothing returning study_no";

const UPDATE: &str = "update studies set display_name = $1, display_unit = $2, updated_us = $3, \
    version = version + 1, refused_shapes = $6, retention_days = $7 where study_id = $4 and version = $5";

const OTHER_CODE_KEY: &str = "select study_id, code_key from studies where code_key <> $1 and deletion_us is null \
    order by study_id limit 1";

/// The number of no study: one that is being created has no references yet.
const UNBORN: i64 = -1;

/// A study.
pub(crate) async fn read(conn: &mut Conn, id: &str) -> Result<Study, Fault> {
    let row = sqlx::query(ONE).bind(id).fetch_optional(&mut *conn).await?;
    match row {
        Some(row) => study(&row),
        None => Err(ground::missing(conn, id).await?.into()),
    }
}

/// The first study whose codes are stored under another key than the one with this fingerprint, and the fingerprint of its own.
pub(crate) async fn other_code_key(
    conn: &mut Conn,
    fingerprint: Option<&str>,
) -> Result<Option<(String, String)>, Fault> {
    let row = sqlx::query(OTHER_CODE_KEY)
        .bind(fingerprint.unwrap_or_default())
        .fetch_optional(conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let fields = Fields(&row);
    Ok(Some((fields.owned("study_id")?, fields.owned("code_key")?)))
}

/// Studies by id; those among some ids only, of which there must then be one.
pub(crate) async fn list(
    conn: &mut Conn,
    among: Option<&[String]>,
    page: &PageRequest<String>,
) -> Result<Page<Study, String>, Fault> {
    let rows = select(among, page).build().fetch_all(conn).await?;
    let studies = rows.iter().map(study).collect::<Result<_, _>>()?;
    Ok(page.cut(studies, |study| study.id.clone()))
}

pub(crate) fn select(among: Option<&[String]>, page: &PageRequest<String>) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(MANY);
    select.push_bind(page.after.as_deref().unwrap_or_default());
    push_one_of(
        &mut select,
        " and s.study_id in (",
        among.unwrap_or_default(),
    );
    select
        .push(" order by s.study_id limit ")
        .push_bind(page.probe());
    select
}

fn study(row: &Row) -> Result<Study, Fault> {
    let fields = Fields(row);
    let unit = fields.maybe_text("display_unit")?;
    let display_unit =
        unit.map(|code| Unit::from_ucum(code).ok_or_else(|| damaged("display_unit", &code)));
    Ok(Study {
        id: fields.owned("study_id")?,
        display_name: fields.owned("display_name")?,
        time_zone: fields.owned("time_zone")?,
        display_unit: display_unit.transpose()?,
        policy: ground::policy(fields)?,
        refused_shapes: refused_shapes(fields.integer("refused_shapes")?)?,
        code_key: fields.maybe_text("code_key")?.map(str::to_owned),
        retention: retention(fields.maybe_integer("retention_days")?)?,
        created: fields.instant("created_us")?,
        updated: fields.instant("updated_us")?,
        version: fields.integer("version")?,
    })
}

/// Creates a study with its first policy.
#[derive(Debug)]
pub(crate) struct CreateStudy {
    pub(crate) new: NewStudy,
    pub(crate) call: Call,
}

impl Write for CreateStudy {
    type Answer = Study;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(&self, conn: &mut Conn, trail: &mut Trail, _attempt: u32) -> Result<Study, Fault> {
        let new = &self.new;
        if let Some(kept) = requests::find::<KeptStudy>(conn, OUTSIDE, &self.call).await? {
            return recall(conn, &new.id, kept).await;
        }
        let terms = references::rule::check(conn, UNBORN, &new.policy)
            .await?
            .terms();
        let no: Option<i64> = sqlx::query_scalar(INSERT)
            .bind(&new.id)
            .bind(&new.display_name)
            .bind(&new.time_zone)
            .bind(new.display_unit.map(Unit::ucum))
            .bind(self.call.now.as_microsecond())
            .bind(i64::from(new.refused_shapes.bits()))
            .bind(&new.code_key)
            .bind(days(new.retention))
            .fetch_optional(&mut *conn)
            .await?;
        let Some(no) = no else {
            return Err(match ground::missing(conn, &new.id).await? {
                StoreError::StudyDeleted {
                    resource, asked, ..
                } => StoreError::NameSpent { resource, asked },
                _ => StoreError::AlreadyExists {
                    resource: study_name(&new.id),
                },
            }
            .into());
        };
        policies::insert(
            conn,
            no,
            &StoredPolicy {
                version: 1,
                terms,
                created: self.call.now,
            },
        )
        .await?;
        let study = read(conn, &new.id).await?;
        let note = Note {
            action: "create_study",
            resource: study_name(&new.id),
            after: facts(&study),
            ..Note::default()
        };
        trail.note(no, &new.id, &self.call, note);
        requests::keep(conn, OUTSIDE, &self.call, &KeptStudy::of(&study)).await?;
        Ok(study)
    }
}

async fn recall(conn: &mut Conn, id: &str, kept: KeptStudy) -> Result<Study, Fault> {
    let no = ground::number(conn, id).await?;
    let policy = policies::version_of(conn, no, id, kept.policy_version).await?;
    Ok(kept.answer(read(conn, id).await?, policy)?)
}

/// Changes what a study is called and how it shows concentrations.
#[derive(Debug)]
pub(crate) struct UpdateStudy {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) change: StudyChange,
    pub(crate) call: Call,
}

impl Write for UpdateStudy {
    type Answer = Study;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(&self, conn: &mut Conn, trail: &mut Trail, _attempt: u32) -> Result<Study, Fault> {
        let no = ground::number(conn, &self.id).await?;
        if let Some(kept) = requests::find::<KeptStudy>(conn, no, &self.call).await? {
            return recall(conn, &self.id, kept).await;
        }
        let mut study = read(conn, &self.id).await?;
        let before = facts(&study);
        if let Some(name) = &self.change.display_name {
            study.display_name.clone_from(name);
        }
        study.display_unit = self.change.display_unit.unwrap_or(study.display_unit);
        study.refused_shapes = self.change.refused_shapes.unwrap_or(study.refused_shapes);
        study.retention = self.change.retention.unwrap_or(study.retention);
        let updated = sqlx::query(UPDATE)
            .bind(&study.display_name)
            .bind(study.display_unit.map(Unit::ucum))
            .bind(self.call.now.as_microsecond())
            .bind(&self.id)
            .bind(self.version)
            .bind(i64::from(study.refused_shapes.bits()))
            .bind(days(study.retention))
            .execute(&mut *conn)
            .await?;
        if updated.rows_affected() == 0 {
            return Err(StoreError::EtagMismatch {
                resource: study_name(&self.id),
            }
            .into());
        }
        study.version = self.version + 1;
        study.updated = self.call.now;
        let note = Note {
            action: "update_study",
            resource: study_name(&self.id),
            before,
            after: facts(&study),
            ..Note::default()
        };
        trail.note(no, &self.id, &self.call, note.of_differences());
        requests::keep(conn, no, &self.call, &KeptStudy::of(&study)).await?;
        Ok(study)
    }
}

fn refused_shapes(bits: i64) -> Result<CodeShapes, Fault> {
    let bits = u8::try_from(bits).map_err(|_| damaged("refused_shapes", &bits))?;
    Ok(CodeShapes::from_bits(bits))
}

fn retention(days: Option<i64>) -> Result<Option<RetentionDays>, Fault> {
    let retention = days.map(RetentionDays::new).transpose();
    Ok(retention.map_err(|error| damaged("retention_days", &error.days))?)
}

fn days(retention: Option<RetentionDays>) -> Option<i64> {
    retention.map(|retention| i64::from(retention.days()))
}

/// A study as the trail says it.
fn facts(study: &Study) -> Value {
    json!({
        "display_name": study.display_name,
        "time_zone": study.time_zone,
        "display_unit": study.display_unit.map(Unit::ucum),
        "policy": policies::facts(&study.policy.terms),
        "refused_codes": study.refused_shapes.iter().map(CodeShape::code).collect::<Vec<_>>(),
        "code_storage": if study.code_key.is_some() { "keyed" } else { "as_sent" },
        "retention_days": study.retention.map(RetentionDays::days),
        "version": study.version,
    })
}
