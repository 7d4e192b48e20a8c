//! Flags and their events. A flag's evidence is that of its last event.

use sqlx::QueryBuilder;

use super::fields::{Fields, found};
use super::ground::{self, study_name};
use super::numbers;
use super::{Conn, Db, Row};
use crate::codes;
use crate::fault::Fault;
use crate::filter::{push_bound, push_one_of};
use crate::{Flag, FlagEvent, FlagFilter, Page, PageRequest};

const MANY: &str = concat!(
    "select f.flag_id, f.participant, p.group_label, f.state, f.decision, f.decision_reason, f.raised_us, \
    f.updated_us, f.version, e.policy_version, ",
    number_columns!("e."),
    " from flags f \
    join participants p on p.study_no = f.study_no and p.participant = f.participant \
    join flag_events e on e.study_no = f.study_no and e.flag_id = f.flag_id and e.sequence = f.version \
    where f.study_no = "
);

/// The columns of an event, from `flag_events e`.
macro_rules! event_columns {
    () => {
        concat!(
            "e.sequence, e.kind, e.actor, e.reason, e.decision, e.at_us, e.policy_version, ",
            number_columns!("e.")
        )
    };
}
pub(super) use event_columns;

const EVENTS: &str = concat!(
    "select ",
    event_columns!(),
    " from flag_events e where e.study_no = "
);

pub(super) fn flag_name(study: &str, id: &str) -> String {
    format!("{}/flags/{id}", study_name(study))
}

/// A flag.
pub(crate) async fn read(conn: &mut Conn, study: &str, id: &str) -> Result<Flag, Fault> {
    let no = ground::number(conn, study).await?;
    find(conn, no, study, id).await
}

pub(super) async fn find(conn: &mut Conn, no: i64, study: &str, id: &str) -> Result<Flag, Fault> {
    let mut select = QueryBuilder::<Db>::new(MANY);
    select.push_bind(no).push(" and f.flag_id = ").push_bind(id);
    let row = select.build().fetch_optional(conn).await?;
    flag(&found(row, || flag_name(study, id))?)
}

/// Flags, the most probable first.
pub(crate) async fn list(
    conn: &mut Conn,
    study: &str,
    filter: &FlagFilter,
    page: &PageRequest<(f64, String)>,
) -> Result<Page<Flag, (f64, String)>, Fault> {
    let no = ground::number(conn, study).await?;
    let rows = select(no, filter, page).build().fetch_all(conn).await?;
    let flags = rows.iter().map(flag).collect::<Result<_, _>>()?;
    Ok(page.cut(flags, |flag| (probability(flag), flag.id.clone())))
}

fn probability(flag: &Flag) -> f64 {
    flag.evidence
        .posterior
        .map_or(0.0, |posterior| posterior.probability_flat)
}

pub(crate) fn select(
    no: i64,
    filter: &FlagFilter,
    page: &PageRequest<(f64, String)>,
) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(MANY);
    select.push_bind(no);
    let states: Vec<&str> = filter
        .states
        .iter()
        .map(|state| codes::flag_state(*state))
        .collect();
    push_one_of(&mut select, " and f.state in (", &states);
    push_bound(
        &mut select,
        " and f.participant = ",
        filter.participant.as_deref(),
    );
    push_one_of(&mut select, " and p.group_label in (", &filter.groups);
    push_bound(
        &mut select,
        " and f.probability_flat >= ",
        filter.min_probability,
    );
    if let Some((probability, id)) = &page.after {
        // The first bound lets the index begin at the right place, the second leaves out what was returned.
        select
            .push(" and f.probability_flat <= ")
            .push_bind(*probability);
        select
            .push(" and (f.probability_flat < ")
            .push_bind(*probability);
        select.push(" or f.flag_id > ").push_bind(id).push(")");
    }
    select
        .push(" order by f.probability_flat desc, f.flag_id limit ")
        .push_bind(page.probe());
    select
}

fn flag(row: &Row) -> Result<Flag, Fault> {
    let fields = Fields(row);
    Ok(Flag {
        id: fields.owned("flag_id")?,
        participant: fields.owned("participant")?,
        group: fields.owned("group_label")?,
        state: codes::read_flag_state(fields.text("state")?)?,
        evidence: numbers::read(fields)?,
        policy_version: fields.integer("policy_version")?,
        decision: fields
            .maybe_text("decision")?
            .map(codes::read_decision)
            .transpose()?,
        decision_reason: fields.owned("decision_reason")?,
        raised: fields.instant("raised_us")?,
        updated: fields.instant("updated_us")?,
        version: fields.integer("version")?,
    })
}

/// What happened to a flag, oldest first.
pub(crate) async fn events(
    conn: &mut Conn,
    study: &str,
    id: &str,
    page: &PageRequest<i64>,
) -> Result<Page<FlagEvent, i64>, Fault> {
    let flag = read(conn, study, id).await?;
    let no = ground::number(conn, study).await?;
    let rows = select_events(no, &flag.id, page)
        .build()
        .fetch_all(conn)
        .await?;
    let events = rows.iter().map(event).collect::<Result<_, _>>()?;
    Ok(page.cut(events, |event| event.sequence))
}

pub(crate) fn select_events(no: i64, id: &str, page: &PageRequest<i64>) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(EVENTS);
    select.push_bind(no).push(" and e.flag_id = ").push_bind(id);
    select
        .push(" and e.sequence > ")
        .push_bind(page.after.unwrap_or(0));
    select
        .push(" order by e.sequence limit ")
        .push_bind(page.probe());
    select
}

/// One event of a flag.
pub(super) async fn event_at(
    conn: &mut Conn,
    no: i64,
    id: &str,
    sequence: i64,
) -> Result<Option<FlagEvent>, Fault> {
    let page = PageRequest {
        after: Some(sequence - 1),
        limit: 1,
    };
    let row = select_events(no, id, &page)
        .build()
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(event).transpose()
}

/// An event from its columns.
pub(super) fn event(row: &Row) -> Result<FlagEvent, Fault> {
    let fields = Fields(row);
    Ok(FlagEvent {
        sequence: fields.integer("sequence")?,
        kind: codes::read_event_kind(fields.text("kind")?)?,
        actor: fields.owned("actor")?,
        reason: fields.owned("reason")?,
        decision: fields
            .maybe_text("decision")?
            .map(codes::read_decision)
            .transpose()?,
        evidence: numbers::read(fields)?,
        policy_version: fields.integer("policy_version")?,
        at: fields.instant("at_us")?,
    })
}
