//! Steps in the life of flags, as they follow from judgements and from reviews.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Conn;
use super::bulk::{Insertion, Lookup, Values};
use super::fields::Fields;
use super::flags::flag_name;
use super::ground::Ground;
use super::numbers::{self, NUMBER_COLUMNS};
use crate::codes;
use crate::fault::Fault;
use crate::flag_step::{self, Standing};
use crate::ids::new_id;
use crate::trail::{DIEL, FlagStep, Note, Trail, record};
use crate::{FlagDecision, FlagEventKind, FlagState, RhythmNumbers};

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
    /// Where the flag stood before; `None` for one that is raised.
    pub(super) from: Option<(FlagState, Option<FlagDecision>)>,
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
    trail: &mut Trail,
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
        let from = found
            .as_ref()
            .map(|found| (found.standing.state, found.standing.decision));
        let (id, raised, version) = found.map_or_else(
            || (new_id(now), now, 0),
            |found| (found.id, found.raised, found.version),
        );
        steps.push(Step {
            id,
            participant,
            from,
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
    take(conn, trail, ground.no, &ground.study, &steps).await?;
    let raised =
        |step: &Step<'_>| matches!(step.kind, FlagEventKind::Raised | FlagEventKind::Reopened);
    Ok(steps
        .into_iter()
        .filter(raised)
        .map(|step| step.id)
        .collect())
}

/// Writes steps: the flags as they stand after, the events, and an entry in the trail for each.
///
/// # Errors
/// [`Fault::Stale`] when another writer came first to one of the flags.
pub(super) async fn take(
    conn: &mut Conn,
    trail: &mut Trail,
    no: i64,
    study: &str,
    steps: &[Step<'_>],
) -> Result<(), Fault> {
    let written = WRITE
        .write(conn, steps, |values, step| bind_flag(values, no, step))
        .await?;
    if usize::try_from(written) != Ok(steps.len()) {
        return Err(Fault::Stale);
    }
    NOTE.write(conn, steps, |values, step| bind_event(values, no, step))
        .await?;
    steps.iter().for_each(|step| note(trail, no, study, step));
    Ok(())
}

/// Notes a step in the trail.
fn note(trail: &mut Trail, no: i64, study: &str, step: &Step<'_>) {
    let before = step.from.map_or(Value::Null, |(state, decision)| {
        json!({
            "state": codes::flag_state(state),
            "decision": decision.map(codes::decision),
        })
    });
    let posterior = step.evidence.posterior.as_ref();
    let after = json!({
        "state": codes::flag_state(step.state),
        "decision": step.decision.map(codes::decision),
        "event": step.version,
        "participant": step.participant,
        "verdict": step.evidence.verdict.code(),
        "probability_flat": posterior.map(|posterior| posterior.probability_flat),
        "policy": step.policy_version,
    });
    let note = Note {
        action: action(step.kind),
        resource: flag_name(study, &step.id),
        before,
        after,
        reason: step.reason,
    };
    let about = FlagStep {
        flag: step.id.clone(),
        event: step.version,
        state: step.state,
    };
    trail.add(no, record(study, step.actor, step.at, note), Some(about));
}

/// What the trail calls a step.
const fn action(kind: FlagEventKind) -> &'static str {
    match kind {
        FlagEventKind::Raised => "raise_flag",
        FlagEventKind::EvidenceChanged => "change_evidence",
        FlagEventKind::Resolved => "resolve_flag",
        FlagEventKind::Reopened => "reopen_flag",
        FlagEventKind::Withdrawn => "withdraw_flag",
    }
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
