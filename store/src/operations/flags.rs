//! Flags and their events. A flag's evidence is that of its last event.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::QueryBuilder;

use super::bulk::{Insertion, Lookup, Values};
use super::fields::{Fields, found};
use super::ground::{self, Ground, study_name};
use super::numbers::{self, NUMBER_COLUMNS};
use super::{Conn, Db, Row};
use crate::codes;
use crate::fault::Fault;
use crate::filter::{push_bound, push_one_of};
use crate::flag_step::{self, Standing};
use crate::ids::new_id;
use crate::{
    Flag, FlagDecision, FlagEvent, FlagEventKind, FlagFilter, FlagState, Page, PageRequest,
    RhythmNumbers,
};

const MANY: &str = concat!(
    "select f.flag_id, f.participant, p.group_label, f.state, f.decision, f.decision_reason, f.raised_us, \
    f.updated_us, f.version, e.policy_version, ",
    number_columns!("e."),
    " from flags f \
    join participants p on p.study_no = f.study_no and p.participant = f.participant \
    join flag_events e on e.study_no = f.study_no and e.flag_id = f.flag_id and e.sequence = f.version \
    where f.study_no = "
);

const EVENTS: &str = concat!(
    "select e.sequence, e.kind, e.actor, e.reason, e.decision, e.at_us, e.policy_version, ",
    number_columns!("e."),
    " from flag_events e where e.study_no = "
);

/// A flag that another writer moved on meanwhile stays as it is and shows in the count of rows changed.
pub(super) static WRITE: Insertion = Insertion::new(
    "insert into flags (study_no, flag_id, participant, state, probability_flat, decision, decision_reason, \
    raised_us, updated_us, version) values ",
    10,
    " on conflict (study_no, flag_id) do update set state = excluded.state, \
    probability_flat = excluded.probability_flat, decision = excluded.decision, \
    decision_reason = excluded.decision_reason, updated_us = excluded.updated_us, version = excluded.version \
    where flags.version = excluded.version - 1",
);

pub(super) static NOTE: Insertion = Insertion::new(
    concat!(
        "insert into flag_events (study_no, flag_id, sequence, kind, actor, reason, decision, at_us, policy_version, ",
        number_columns!(""),
        ") values "
    ),
    9 + NUMBER_COLUMNS,
    "",
);

pub(super) static STANDING: Lookup = Lookup::new(
    "select f.flag_id, f.participant, f.state, f.decision, f.raised_us, f.version, e.valid_day_count, e.digest \
    from flags f \
    join flag_events e on e.study_no = f.study_no and e.flag_id = f.flag_id and e.sequence = f.version \
    where f.study_no = ",
    " and f.participant in (",
    ")",
);

/// Who takes the steps that follow from data.
const DIEL: &str = "diel";

/// A participant's flag before a judgement.
#[derive(Debug)]
pub(super) struct Found {
    id: String,
    raised: Timestamp,
    version: i64,
    standing: Standing,
}

/// A step of a flag, to be written.
#[derive(Debug)]
pub(super) struct Step<'a> {
    pub(super) id: String,
    pub(super) participant: &'a str,
    pub(super) kind: FlagEventKind,
    pub(super) state: FlagState,
    pub(super) actor: &'a str,
    pub(super) reason: &'a str,
    pub(super) decision: Option<FlagDecision>,
    pub(super) evidence: &'a RhythmNumbers,
    pub(super) policy_version: i64,
    pub(super) raised: Timestamp,
    pub(super) at: Timestamp,
    pub(super) version: i64,
}

/// The flags of participants.
pub(super) async fn standing(
    conn: &mut Conn,
    no: i64,
    codes: &[&str],
) -> Result<BTreeMap<String, Found>, Fault> {
    let rows = STANDING.read(conn, no, codes).await?;
    rows.iter()
        .map(|row| {
            let fields = Fields(row);
            let standing = Standing {
                state: codes::read_flag_state(fields.text("state")?)?,
                decision: fields
                    .maybe_text("decision")?
                    .map(codes::read_decision)
                    .transpose()?,
                valid_day_count: fields.small("valid_day_count")?,
                digest: fields.digest("digest")?,
            };
            let found = Found {
                id: fields.owned("flag_id")?,
                raised: fields.instant("raised_us")?,
                version: fields.integer("version")?,
                standing,
            };
            Ok((fields.owned("participant")?, found))
        })
        .collect()
}

/// Takes the step that each new rhythm asks for; returns the flags raised or opened again.
pub(super) async fn step(
    conn: &mut Conn,
    ground: &Ground,
    now: Timestamp,
    rhythms: &[(&str, RhythmNumbers)],
    mut standing: BTreeMap<String, Found>,
) -> Result<Vec<String>, Fault> {
    let mut steps = Vec::new();
    for (participant, evidence) in rhythms {
        let found = standing.remove(*participant);
        let Some((kind, state, reason)) =
            flag_step::step(found.as_ref().map(|found| &found.standing), evidence)
        else {
            continue;
        };
        let (id, raised, version) = found.map_or_else(
            || (new_id(now), now, 0),
            |found| (found.id, found.raised, found.version),
        );
        steps.push(Step {
            id,
            participant,
            kind,
            state,
            actor: DIEL,
            reason,
            decision: None,
            evidence,
            policy_version: ground.policy.version,
            raised,
            at: now,
            version: version + 1,
        });
    }
    take(conn, ground.no, &steps).await?;
    let raised =
        |step: &Step<'_>| matches!(step.kind, FlagEventKind::Raised | FlagEventKind::Reopened);
    Ok(steps
        .into_iter()
        .filter(raised)
        .map(|step| step.id)
        .collect())
}

/// Writes steps: the flags as they stand after, and the events.
///
/// # Errors
/// [`Fault::Stale`] when another writer came first to one of the flags.
pub(super) async fn take(conn: &mut Conn, no: i64, steps: &[Step<'_>]) -> Result<(), Fault> {
    let written = WRITE
        .write(conn, steps, |values, step| bind_flag(values, no, step))
        .await?;
    if usize::try_from(written) != Ok(steps.len()) {
        return Err(Fault::Stale);
    }
    NOTE.write(conn, steps, |values, step| bind_event(values, no, step))
        .await?;
    Ok(())
}

fn bind_flag(values: &mut Values, no: i64, step: &Step<'_>) {
    let resolved = step.state == FlagState::Resolved;
    values.integer(no);
    values.text(step.id.as_str());
    values.text(step.participant);
    values.text(codes::flag_state(step.state));
    values.number(
        step.evidence
            .posterior
            .map_or(0.0, |posterior| posterior.probability_flat),
    );
    values.text(step.decision.map(codes::decision));
    values.text(if resolved { step.reason } else { "" });
    values.integer(step.raised.as_microsecond());
    values.integer(step.at.as_microsecond());
    values.integer(step.version);
}

fn bind_event(values: &mut Values, no: i64, step: &Step<'_>) {
    values.integer(no);
    values.text(step.id.as_str());
    values.integer(step.version);
    values.text(codes::event_kind(step.kind));
    values.text(step.actor);
    values.text(step.reason);
    values.text(step.decision.map(codes::decision));
    values.integer(step.at.as_microsecond());
    values.integer(step.policy_version);
    numbers::bind(values, step.evidence);
}

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

pub(super) fn select(
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

pub(super) fn select_events(no: i64, id: &str, page: &PageRequest<i64>) -> QueryBuilder<Db> {
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

fn event(row: &Row) -> Result<FlagEvent, Fault> {
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
