//! Flags and their events. A flag's evidence is that of its last event.

use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::fields::{Fields, found};
use super::ground::{self, study_name};
use super::numbers;
use super::{Conn, Db, Row};
use crate::answer::instant;
use crate::codes;
use crate::fault::Fault;
use crate::filter::{push_bound, push_one_of};
use crate::flag_life::{FlagLife, read_decisions};
use crate::{
    Flag, FlagClaim, FlagEvent, FlagFilter, FlagOrder, FlagPlace, FlagState, Page, PageRequest,
};

/// The columns of a flag's life, from `flags f`, in the words of [`life`].
macro_rules! life_columns {
    () => {
        "f.state, f.decision, f.decision_reason, f.claimed_by, f.claimed_us, f.claimed_until_us, f.decisions"
    };
}
pub(super) use life_columns;

const MANY: &str = concat!(
    "select f.flag_id, f.participant, p.group_label, f.raised_us, f.updated_us, f.version, e.policy_version, ",
    life_columns!(),
    ", ",
    number_columns!("e."),
    " from flags f \
    join participants p on p.study_no = f.study_no and p.participant = f.participant \
    join flag_events e on e.study_no = f.study_no and e.flag_id = f.flag_id and e.sequence = f.version \
    where f.study_no = "
);

const PLACES: &str = "select f.flag_id, f.probability_flat, p.group_label from flags f \
    join participants p on p.study_no = f.study_no and p.participant = f.participant where f.study_no = ";

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

/// The condition of flags that wait stands in the text and is not bound, so that the engine finds them in their index.
macro_rules! waiting {
    () => {
        "state in ('open', 'awaiting_second', 'disputed')"
    };
}

/// The flag that waits before a place in the queue, and the one behind it.
const BEFORE: &str = concat!(
    "select flag_id from flags where study_no = $1 and ",
    waiting!(),
    " and probability_flat >= $2 and (probability_flat > $2 or flag_id < $3) \
    order by probability_flat, flag_id desc limit 1"
);
const BEHIND: &str = concat!(
    "select flag_id from flags where study_no = $1 and ",
    waiting!(),
    " and probability_flat <= $2 and (probability_flat < $2 or flag_id > $3) \
    order by probability_flat desc, flag_id limit 1"
);

pub(crate) const STATEMENTS: [&str; 2] = [BEFORE, BEHIND];

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
    let mut select = filtered(MANY, no, filter);
    push_place(&mut select, page);
    select
}

/// Places in the queue without what the flags say.
pub(crate) fn select_places(
    no: i64,
    filter: &FlagFilter,
    page: &PageRequest<(f64, String)>,
) -> QueryBuilder<Db> {
    let mut select = filtered(PLACES, no, filter);
    push_place(&mut select, page);
    select
}

fn push_place(select: &mut QueryBuilder<Db>, page: &PageRequest<(f64, String)>) {
    if let Some((probability, id)) = &page.after {
        push_after_probability(select, *probability, id);
    }
    select
        .push(" order by f.probability_flat desc, f.flag_id limit ")
        .push_bind(page.probe());
}

fn filtered(columns: &'static str, no: i64, filter: &FlagFilter) -> QueryBuilder<Db> {
    let mut select = QueryBuilder::new(columns);
    select.push_bind(no);
    let states: Vec<&str> = filter
        .states
        .iter()
        .map(|state| codes::flag_state(*state))
        .collect();
    if filter.states == FlagState::WAITING {
        select.push(concat!(" and f.", waiting!()));
    } else {
        push_one_of(&mut select, " and f.state in (", &states);
    }
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
    push_bound(
        &mut select,
        " and f.claimed_by = ",
        filter.claimed_by.as_deref(),
    );
    push_bound(
        &mut select,
        " and coalesce(f.claimed_until_us, case when f.claimed_by is null then 0 else 9223372036854775807 end) <= ",
        filter.unclaimed_at.map(Timestamp::as_microsecond),
    );
    select
}

/// The first bound lets the index begin at the right place, the second leaves out what was returned.
fn push_after_probability(select: &mut QueryBuilder<Db>, probability: f64, id: &str) {
    select
        .push(" and f.probability_flat <= ")
        .push_bind(probability);
    select
        .push(" and (f.probability_flat < ")
        .push_bind(probability);
    select
        .push(" or f.flag_id > ")
        .push_bind(id.to_owned())
        .push(")");
}

/// Flags in the order that a reviewer chose.
pub(crate) async fn queue(
    conn: &mut Conn,
    study: &str,
    filter: &FlagFilter,
    order: FlagOrder,
    page: &PageRequest<FlagPlace>,
) -> Result<Page<Flag, FlagPlace>, Fault> {
    let no = ground::number(conn, study).await?;
    let rows = select_queue(no, filter, order, page)
        .build()
        .fetch_all(conn)
        .await?;
    let flags = rows.iter().map(flag).collect::<Result<_, _>>()?;
    Ok(page.cut(flags, |flag| {
        (probability(flag), flag.id.clone(), flag.participant.clone())
    }))
}

/// Ids are of version 7: their order is that in which the flags were raised.
pub(crate) fn select_queue(
    no: i64,
    filter: &FlagFilter,
    order: FlagOrder,
    page: &PageRequest<FlagPlace>,
) -> QueryBuilder<Db> {
    let mut select = filtered(MANY, no, filter);
    if let Some((probability, id, participant)) = &page.after {
        match order {
            FlagOrder::Probability => push_after_probability(&mut select, *probability, id),
            FlagOrder::Newest => push_bound(&mut select, " and f.flag_id < ", Some(id.clone())),
            FlagOrder::Oldest => push_bound(&mut select, " and f.flag_id > ", Some(id.clone())),
            FlagOrder::Participant => {
                push_bound(
                    &mut select,
                    " and f.participant > ",
                    Some(participant.clone()),
                );
            }
        }
    }
    select
        .push(match order {
            FlagOrder::Probability => " order by f.probability_flat desc, f.flag_id limit ",
            FlagOrder::Newest => " order by f.flag_id desc limit ",
            FlagOrder::Oldest => " order by f.flag_id limit ",
            FlagOrder::Participant => " order by f.participant limit ",
        })
        .push_bind(page.probe());
    select
}

/// The flags that wait before and behind a flag in the queue.
pub(super) async fn neighbours(
    conn: &mut Conn,
    no: i64,
    flag: &Flag,
) -> Result<(Option<String>, Option<String>), Fault> {
    let mut found = [None, None];
    for (slot, statement) in found.iter_mut().zip(STATEMENTS) {
        *slot = sqlx::query_scalar(statement)
            .bind(no)
            .bind(probability(flag))
            .bind(&flag.id)
            .fetch_optional(&mut *conn)
            .await?;
    }
    let [before, behind] = found;
    Ok((before, behind))
}

fn flag(row: &Row) -> Result<Flag, Fault> {
    let fields = Fields(row);
    let life = life(fields)?;
    Ok(Flag {
        id: fields.owned("flag_id")?,
        participant: fields.owned("participant")?,
        group: fields.owned("group_label")?,
        state: life.state,
        evidence: numbers::read(fields)?,
        policy_version: fields.integer("policy_version")?,
        decision: life.decision,
        decision_reason: life.decision_reason,
        claim: life.claim,
        decisions: life.decisions,
        raised: fields.instant("raised_us")?,
        updated: fields.instant("updated_us")?,
        version: fields.integer("version")?,
    })
}

/// The life of a flag from its columns.
pub(super) fn life(fields: Fields<'_>) -> Result<FlagLife, Fault> {
    let claim = match (
        fields.maybe_text("claimed_by")?,
        fields.maybe_integer("claimed_us")?,
    ) {
        (Some(reviewer), Some(at)) => Some(FlagClaim {
            reviewer: reviewer.to_owned(),
            at: instant(at)?,
            until: fields
                .maybe_integer("claimed_until_us")?
                .map(instant)
                .transpose()?,
        }),
        _ => None,
    };
    let decision = fields.maybe_text("decision")?;
    Ok(FlagLife {
        state: codes::read_flag_state(fields.text("state")?)?,
        decision: decision.map(codes::read_decision).transpose()?,
        decision_reason: fields.owned("decision_reason")?,
        claim,
        decisions: read_decisions(fields.text("decisions")?)?,
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
    let events = events_of(conn, no, &flag.id, page).await?;
    Ok(page.cut(events, |event| event.sequence))
}

/// A page of events and one more.
pub(super) async fn events_of(
    conn: &mut Conn,
    no: i64,
    id: &str,
    page: &PageRequest<i64>,
) -> Result<Vec<FlagEvent>, Fault> {
    let rows = select_events(no, id, page).build().fetch_all(conn).await?;
    rows.iter().map(event).collect()
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
