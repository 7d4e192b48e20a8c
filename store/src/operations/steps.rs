//! Steps in the life of flags, as they follow from judgements and from reviews.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Conn;
use super::bulk::{Insertion, Lookup, Values};
use super::fields::Fields;
use super::flags::{flag_name, life, life_columns};
use super::ground::Ground;
use super::numbers::{self, NUMBER_COLUMNS};
use crate::codes;
use crate::fault::Fault;
use crate::flag_life::{FlagLife, write_decisions};
use crate::flag_step::{self, Cause, Standing};
use crate::ids::new_id;
use crate::trail::{DIEL, FlagStep, Note, Trail, record};
use crate::{FlagDecision, FlagEventKind, RhythmNumbers, StoreError};

/// A flag that another writer moved on meanwhile stays as it is and shows in the count of rows changed.
pub(super) static WRITE: Insertion = Insertion::new(
    "insert into flags (study_no, flag_id, participant, state, probability_flat, decision, decision_reason, \
    raised_us, updated_us, version, claimed_by, claimed_us, claimed_until_us, decisions) values ",
    14,
    " on conflict (study_no, flag_id) do update set state = excluded.state, \
    probability_flat = excluded.probability_flat, decision = excluded.decision, \
    decision_reason = excluded.decision_reason, updated_us = excluded.updated_us, version = excluded.version, \
    claimed_by = excluded.claimed_by, claimed_us = excluded.claimed_us, \
    claimed_until_us = excluded.claimed_until_us, decisions = excluded.decisions \
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
    concat!(
        "select f.flag_id, f.participant, f.raised_us, f.version, ",
        life_columns!(),
        ", e.valid_day_count, e.posterior_slope_ln_per_h, e.posterior_sd, e.digest \
    from flags f \
    join flag_events e on e.study_no = f.study_no and e.flag_id = f.flag_id and e.sequence = f.version \
    where f.study_no = "
    ),
    " and f.participant in (",
    ")",
);

/// A participant's flag before a judgement.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) id: String,
    raised: Timestamp,
    version: i64,
    pub(super) standing: Standing,
}

/// A step of a flag, to be written.
#[derive(Debug)]
pub(super) struct Step<'a> {
    pub(super) id: String,
    pub(super) participant: &'a str,
    /// Where the flag stood before; `None` for one that is raised.
    pub(super) from: Option<FlagLife>,
    pub(super) kind: FlagEventKind,
    pub(super) life: FlagLife,
    pub(super) actor: &'a str,
    pub(super) reason: Cow<'a, str>,
    /// What was decided by this step.
    pub(super) decision: Option<FlagDecision>,
    pub(super) evidence: &'a RhythmNumbers,
    pub(super) policy_version: i64,
    pub(super) raised: Timestamp,
    pub(super) at: Timestamp,
    pub(super) version: i64,
}

/// A step that the flag of a participant took.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) participant: String,
    pub(super) flag: String,
    pub(super) kind: FlagEventKind,
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
                life: life(fields)?,
                valid_day_count: fields.small("valid_day_count")?,
                slope: fields
                    .maybe_number("posterior_slope_ln_per_h")?
                    .zip(fields.maybe_number("posterior_sd")?),
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

/// Takes the step that each new rhythm asks for; returns the steps.
pub(super) async fn step(
    conn: &mut Conn,
    trail: &mut Trail,
    ground: &Ground,
    now: Timestamp,
    cause: Cause<'_>,
    rhythms: &[(&str, RhythmNumbers)],
    mut standing: BTreeMap<String, Found>,
) -> Result<Vec<Taken>, Fault> {
    let mut steps = Vec::new();
    for (participant, evidence) in rhythms {
        let found = standing.remove(*participant);
        let before = found.as_ref().map(|found| &found.standing);
        let Some((kind, life, reason)) = flag_step::step(before, evidence, cause) else {
            continue;
        };
        let from = found.as_ref().map(|found| found.standing.life.clone());
        let (id, raised, version) = found.map_or_else(
            || (new_id(now), now, 0),
            |found| (found.id, found.raised, found.version),
        );
        steps.push(Step {
            id,
            participant,
            from,
            kind,
            life,
            actor: DIEL,
            reason: told(reason, cause),
            decision: None,
            evidence,
            policy_version: ground.policy.version,
            raised,
            at: now,
            version: version + 1,
        });
    }
    take(conn, trail, ground.no, &ground.study, &steps).await?;
    let taken = steps.into_iter().map(|step| Taken {
        participant: step.participant.to_owned(),
        flag: step.id,
        kind: step.kind,
    });
    Ok(taken.collect())
}

/// The reason of a step, with the revision that made it where there was one.
fn told<'a>(reason: &'a str, cause: Cause<'_>) -> Cow<'a, str> {
    match cause {
        Cause::Data { revision, .. } if !revision.is_empty() => {
            Cow::Owned(format!("{reason}; {revision}"))
        }
        Cause::Data { .. } | Cause::Policy => Cow::Borrowed(reason),
    }
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
    let steps: Vec<(&Step<'_>, String)> = steps
        .iter()
        .map(|step| Ok((step, write_decisions(&step.life.decisions)?)))
        .collect::<Result<_, StoreError>>()?;
    let written = WRITE
        .write(conn, &steps, |values, (step, decisions)| {
            bind_flag(values, no, step, decisions);
        })
        .await?;
    if usize::try_from(written) != Ok(steps.len()) {
        return Err(Fault::Stale);
    }
    NOTE.write(conn, &steps, |values, (step, _)| {
        bind_event(values, no, step)
    })
    .await?;
    for (step, _) in &steps {
        note(trail, no, study, step);
    }
    Ok(())
}

/// Notes a step in the trail.
fn note(trail: &mut Trail, no: i64, study: &str, step: &Step<'_>) {
    let before = step
        .from
        .as_ref()
        .map_or(Value::Null, |life| Value::Object(stands(life)));
    let posterior = step.evidence.posterior.as_ref();
    let mut after = stands(&step.life);
    let probability = posterior.map(|posterior| posterior.probability_flat);
    for (name, value) in [
        ("event", json!(step.version)),
        ("participant", json!(step.participant)),
        ("verdict", json!(step.evidence.verdict.code())),
        ("probability_flat", json!(probability)),
        ("policy", json!(step.policy_version)),
    ] {
        after.insert(name.to_owned(), value);
    }
    let note = Note {
        action: action(step.kind),
        resource: flag_name(study, &step.id),
        before,
        after: Value::Object(after),
        reason: &step.reason,
    };
    let about = FlagStep {
        flag: step.id.clone(),
        event: step.version,
        state: step.life.state,
    };
    trail.add(no, record(study, step.actor, step.at, note), Some(about));
}

/// Where a flag stands, and who holds it if anybody does.
fn stands(life: &FlagLife) -> Map<String, Value> {
    let decision = life.decision.map(codes::decision);
    let mut stands = Map::new();
    stands.insert("state".to_owned(), json!(codes::flag_state(life.state)));
    stands.insert("decision".to_owned(), json!(decision));
    if let Some(claim) = &life.claim {
        let until = claim.until.map(|until| until.to_string());
        stands.insert("claimed_by".to_owned(), json!(claim.reviewer));
        stands.insert("claimed_until".to_owned(), json!(until));
    }
    stands
}

/// What the trail calls a step.
const fn action(kind: FlagEventKind) -> &'static str {
    match kind {
        FlagEventKind::Raised => "raise_flag",
        FlagEventKind::EvidenceChanged => "change_evidence",
        FlagEventKind::Resolved => "resolve_flag",
        FlagEventKind::Reopened => "reopen_flag",
        FlagEventKind::Withdrawn => "withdraw_flag",
        FlagEventKind::Claimed => "claim_flag",
        FlagEventKind::TakenOver => "take_over_flag",
        FlagEventKind::Released => "release_flag",
        FlagEventKind::FirstDecision => "decide_flag_first",
        FlagEventKind::Disagreed => "decide_flag_otherwise",
    }
}

fn bind_flag(values: &mut Values, no: i64, step: &Step<'_>, decisions: &str) {
    let life = &step.life;
    values.integer(no);
    values.text(step.id.as_str());
    values.text(step.participant);
    values.text(codes::flag_state(life.state));
    values.number(
        step.evidence
            .posterior
            .map_or(0.0, |posterior| posterior.probability_flat),
    );
    values.text(life.decision.map(codes::decision));
    values.text(life.decision_reason.as_str());
    values.integer(step.raised.as_microsecond());
    values.integer(step.at.as_microsecond());
    values.integer(step.version);
    let claim = life.claim.as_ref();
    values.text(claim.map(|claim| claim.reviewer.as_str()));
    values.integer(claim.map(|claim| claim.at.as_microsecond()));
    values.integer(
        claim
            .and_then(|claim| claim.until)
            .map(Timestamp::as_microsecond),
    );
    values.text(decisions);
}

fn bind_event(values: &mut Values, no: i64, step: &Step<'_>) {
    values.integer(no);
    values.text(step.id.as_str());
    values.integer(step.version);
    values.text(codes::event_kind(step.kind));
    values.text(step.actor);
    values.text(step.reason.as_ref());
    values.text(step.decision.map(codes::decision));
    values.integer(step.at.as_microsecond());
    values.integer(step.policy_version);
    numbers::bind(values, step.evidence);
}
