//! Collection facts of single tubes: those in force, and those that a correction replaced.

use diel_core::Condition;
use serde_json::{Value, json};
use sqlx::QueryBuilder;

use super::fields::Fields;
use super::ground;
use super::{Conn, Db, Row};
use crate::codes;
use crate::compare::moment;
use crate::facts::{FactsInForce, TubeFacts};
use crate::fault::Fault;
use crate::{Call, EarlierFacts, Page, PageRequest};

pub(super) const STATEMENTS: [&str; 3] = [IN_FORCE, KEEP_EARLIER, PUT_IN_FORCE];

const IN_FORCE: &str = "select s.participant, s.collected_us, s.utc_offset_minutes, s.time_source, s.label, \
    s.conditions, s.facts_revision, s.version, a.awakening_us, a.utc_offset_minutes as awakening_offset_minutes, \
    a.time_source as awakening_source from specimens s \
    left join awakenings a on a.study_no = s.study_no and a.participant = s.participant \
    and a.awakening_us = s.awakening_us where s.study_no = $1 and s.specimen = $2";

const KEEP_EARLIER: &str = "insert into earlier_facts (study_no, specimen, revision, participant, collected_us, \
    utc_offset_minutes, time_source, label, awakening_us, awakening_offset_minutes, awakening_source, conditions, \
    reason, actor, replaced_us) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";

const PUT_IN_FORCE: &str = "update specimens set participant = $1, collected_us = $2, utc_offset_minutes = $3, \
    time_source = $4, label = $5, awakening_us = $6, conditions = $7, facts_revision = $8, version = version + 1 \
    where study_no = $9 and specimen = $10 and version = $11";

const EARLIER: &str = "select revision, participant, collected_us, utc_offset_minutes, time_source, label, \
    awakening_us, awakening_offset_minutes, awakening_source, conditions, reason, actor, replaced_us \
    from earlier_facts where study_no = ";

/// The facts of a specimen; `None` where there is no such specimen.
pub(super) async fn in_force(
    conn: &mut Conn,
    no: i64,
    specimen: &str,
) -> Result<Option<FactsInForce>, Fault> {
    let row = sqlx::query(IN_FORCE)
        .bind(no)
        .bind(specimen)
        .fetch_optional(conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let fields = Fields(&row);
    let facts = match fields.maybe_text("participant")? {
        Some(_) => Some(tube(fields)?),
        None => None,
    };
    Ok(Some(FactsInForce {
        facts,
        revision: fields.integer("facts_revision")?,
        version: fields.integer("version")?,
    }))
}

fn tube(fields: Fields<'_>) -> Result<TubeFacts, Fault> {
    let awakening = fields.maybe_moment("awakening_us", "awakening_offset_minutes")?;
    let source = fields
        .maybe_integer("awakening_source")?
        .map(codes::read_source)
        .transpose()?;
    Ok(TubeFacts {
        participant: fields.owned("participant")?,
        collected: fields.moment("collected_us", "utc_offset_minutes")?,
        source: codes::read_source(fields.integer("time_source")?)?,
        label: fields.owned("label")?,
        awakening: awakening.map(|at| (at, source.unwrap_or_default())),
        conditions: fields.conditions("conditions")?,
    })
}

/// Which facts are replaced, why and by whom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Replaced<'a> {
    pub(super) study_no: i64,
    pub(super) specimen: &'a str,
    pub(super) revision: i64,
    pub(super) reason: &'a str,
    pub(super) call: &'a Call,
}

/// Keeps facts that are about to be replaced.
pub(super) async fn keep_earlier(
    conn: &mut Conn,
    replaced: Replaced<'_>,
    facts: &TubeFacts,
) -> Result<(), Fault> {
    let awakening = facts.awakening;
    sqlx::query(KEEP_EARLIER)
        .bind(replaced.study_no)
        .bind(replaced.specimen)
        .bind(replaced.revision)
        .bind(&facts.participant)
        .bind(facts.collected.microseconds())
        .bind(i64::from(facts.collected.utc_offset_minutes()))
        .bind(codes::source(facts.source))
        .bind(&facts.label)
        .bind(awakening.map(|(at, _)| at.microseconds()))
        .bind(awakening.map(|(at, _)| i64::from(at.utc_offset_minutes())))
        .bind(awakening.map(|(_, source)| codes::source(source)))
        .bind(i64::from(facts.conditions.bits()))
        .bind(replaced.reason)
        .bind(&replaced.call.actor)
        .bind(replaced.call.now.as_microsecond())
        .execute(conn)
        .await?;
    Ok(())
}

/// Puts other facts in force, or none.
///
/// # Errors
/// [`Fault::Stale`] when the specimen changed since it was read.
pub(super) async fn put_in_force(
    conn: &mut Conn,
    no: i64,
    specimen: &str,
    before: &FactsInForce,
    after: Option<&TubeFacts>,
) -> Result<(), Fault> {
    let put = sqlx::query(PUT_IN_FORCE)
        .bind(after.map(|facts| facts.participant.as_str()))
        .bind(after.map(|facts| facts.collected.microseconds()))
        .bind(after.map(|facts| i64::from(facts.collected.utc_offset_minutes())))
        .bind(after.map_or(0, |facts| codes::source(facts.source)))
        .bind(after.map_or("", |facts| facts.label.as_str()))
        .bind(
            after
                .and_then(|facts| facts.awakening)
                .map(|(at, _)| at.microseconds()),
        )
        .bind(after.map_or(0, |facts| i64::from(facts.conditions.bits())))
        .bind(before.next_revision())
        .bind(no)
        .bind(specimen)
        .bind(before.version)
        .execute(conn)
        .await?;
    if put.rows_affected() == 0 {
        return Err(Fault::Stale);
    }
    Ok(())
}

/// Facts that were in force once, by revision.
pub(crate) async fn list_earlier(
    conn: &mut Conn,
    study: &str,
    specimen: &str,
    page: &PageRequest<i64>,
) -> Result<Page<EarlierFacts, i64>, Fault> {
    let no = ground::number(conn, study).await?;
    let rows = select_earlier(no, specimen, page)
        .build()
        .fetch_all(conn)
        .await?;
    let facts = rows.iter().map(earlier).collect::<Result<_, _>>()?;
    Ok(page.cut(facts, |facts| facts.revision))
}

pub(crate) fn select_earlier(no: i64, specimen: &str, page: &PageRequest<i64>) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(EARLIER);
    select
        .push_bind(no)
        .push(" and specimen = ")
        .push_bind(specimen.to_owned());
    select
        .push(" and revision > ")
        .push_bind(page.after.unwrap_or(0));
    select
        .push(" order by revision limit ")
        .push_bind(page.probe());
    select
}

fn earlier(row: &Row) -> Result<EarlierFacts, Fault> {
    let fields = Fields(row);
    Ok(EarlierFacts {
        revision: fields.integer("revision")?,
        collection: tube(fields)?.collection(),
        reason: fields.owned("reason")?,
        actor: fields.owned("actor")?,
        replaced: fields.instant("replaced_us")?,
    })
}

/// A tube's facts as the trail says them.
pub(super) fn said(revision: i64, facts: Option<&TubeFacts>) -> Value {
    let Some(facts) = facts else {
        return json!({ "collection_revision": revision, "participant": null });
    };
    let conditions: Vec<&str> = facts.conditions.iter().map(Condition::code).collect();
    json!({
        "collection_revision": revision,
        "participant": facts.participant,
        "collection_time": moment(facts.collected),
        "label": facts.label,
        "awakening_time": facts.awakening.map(|(at, _)| moment(at)),
        "conditions": conditions,
    })
}
