//! A flag before its reviewer: the curve, the numbers it stands on, its history, and the form for a decision.

use std::collections::BTreeMap;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use diel_store::{Case, Dossier, FlagClaim, FlagEvent, FlagState, ReviewerDecision, RhythmNumbers};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::frame::{Frame, Place};
use super::participant::{Fact, facts};
use super::person::Person;
use super::query::Given;
use super::refused::{Refused, page};
use super::text::{self, Meaning};
use super::visitor::Visitor;
use crate::code::check_code;
use crate::etag;
use crate::refusal::Refusal;
use crate::service::Service;

/// What came of a step that the reviewer tried.
#[derive(Debug, Clone, Default)]
pub(super) enum Outcome {
    /// Nothing was tried.
    #[default]
    None,
    /// It was stored.
    Stored,
    /// It breaks a rule, in words.
    Refused(String),
    /// Somebody else was faster.
    Conflict,
    /// The flag is not in a state for it, in words.
    NotNow(String),
}

/// What the reviewer wrote, so that nothing of it is lost.
#[derive(Debug, Clone, Default)]
pub(super) struct Tried {
    pub(super) outcome: Outcome,
    pub(super) decision: String,
    pub(super) reason: String,
}

struct DecisionChoice {
    value: &'static str,
    key: &'static str,
    label: &'static str,
    says: &'static str,
    chosen: bool,
}

/// Who holds the flag.
struct Holder {
    reviewer: String,
    since: String,
    until: String,
}

/// What one reviewer decided.
struct DecisionRow {
    reviewer: String,
    decision: &'static str,
    reason: String,
    at: String,
}

/// A batch that quality control remarks on.
struct Plate {
    id: String,
    says: &'static str,
}

struct EventRow {
    sequence: i64,
    at: String,
    actor: String,
    what: &'static str,
    decision: &'static str,
    reason: String,
    probability: String,
}

#[derive(Template)]
#[template(path = "flag.html")]
struct Page {
    frame: Frame,
    study: String,
    id: String,
    etag: String,
    state: &'static str,
    is_open: bool,
    is_resolved: bool,
    is_second: bool,
    is_disputed: bool,
    is_mine: bool,
    holder: Option<Holder>,
    decisions: Vec<DecisionRow>,
    decision: &'static str,
    decision_reason: String,
    raised: String,
    person: Person,
    headline: String,
    facts: Vec<Fact>,
    reasons: Vec<Meaning>,
    plates: Vec<Plate>,
    policy: i64,
    data_changed: bool,
    history: Vec<EventRow>,
    choices: Vec<DecisionChoice>,
    stored: bool,
    refused: String,
    is_conflict: bool,
    typed_reason: String,
    before: Option<String>,
    behind: Option<String>,
}

pub(super) async fn show(
    State(service): State<Service>,
    Extension(visitor): Extension<Visitor>,
    Path((study, id)): Path<(String, String)>,
    mut given: Given,
) -> Result<Response, Refused> {
    let tried = Tried {
        outcome: match given.take("stored").as_str() {
            "" => Outcome::None,
            _ => Outcome::Stored,
        },
        ..Tried::default()
    };
    after(&service, &visitor, &study, &id, tried).await
}

/// The page as it is after a step was tried.
pub(super) async fn after(
    service: &Service,
    visitor: &Visitor,
    study: &str,
    id: &str,
    tried: Tried,
) -> Result<Response, Refused> {
    visitor.calls("diel.v1.Reviews/GetFlag")?.in_study(study)?;
    check_code(id).map_err(Refusal::name("flag"))?;
    let case = service.store.case(study, id).await?;
    let zone = service.zone(&case.dossier.study).time_zone;
    let status = match &tried.outcome {
        Outcome::None | Outcome::Stored => StatusCode::OK,
        Outcome::Refused(_) => StatusCode::BAD_REQUEST,
        Outcome::Conflict | Outcome::NotNow(_) => StatusCode::CONFLICT,
    };
    let frame = Frame::within(visitor, &case.dossier.study, Place::Flags);
    let answer = page(&shown(
        frame,
        study,
        case,
        &zone,
        service.clock.now(),
        tried,
    ))?;
    Ok((status, answer).into_response())
}

fn shown(
    frame: Frame,
    study: &str,
    case: Case,
    zone: &TimeZone,
    now: Timestamp,
    tried: Tried,
) -> Page {
    let Case {
        flag,
        events,
        dossier,
        before,
        behind,
    } = case;
    let analysis = dossier.history.analysis();
    let evidence = &flag.evidence;
    let holder = flag
        .claim
        .as_ref()
        .filter(|claim| claim.holds(now))
        .map(|claim| held(claim, zone));
    Page {
        study: study.to_owned(),
        etag: etag::write(flag.version),
        state: text::state(flag.state),
        is_open: FlagState::WAITING.contains(&flag.state),
        is_resolved: flag.state == FlagState::Resolved,
        is_second: flag.state == FlagState::AwaitingSecond,
        is_disputed: flag.state == FlagState::Disputed,
        is_mine: holder
            .as_ref()
            .is_some_and(|holder| holder.reviewer == frame.visitor),
        holder,
        decisions: flag
            .decisions
            .iter()
            .map(|one| decided(one, zone))
            .collect(),
        decision: flag.decision.map_or("", text::decision),
        decision_reason: flag.decision_reason.clone(),
        raised: text::moment(flag.raised, zone),
        person: Person::of(&dossier, &analysis),
        headline: headline(evidence),
        facts: facts(evidence),
        reasons: text::reasons(evidence.reasons),
        plates: plates(&dossier),
        policy: flag.policy_version,
        data_changed: evidence.digest != analysis.rhythm.digest,
        history: events.iter().map(|event| row(event, zone)).collect(),
        choices: choices(&tried.decision),
        stored: matches!(tried.outcome, Outcome::Stored),
        is_conflict: matches!(tried.outcome, Outcome::Conflict),
        refused: match tried.outcome {
            Outcome::Refused(message) | Outcome::NotNow(message) => message,
            _ => String::new(),
        },
        typed_reason: tried.reason,
        before,
        behind,
        id: flag.id,
        frame,
    }
}

fn held(claim: &FlagClaim, zone: &TimeZone) -> Holder {
    Holder {
        reviewer: claim.reviewer.clone(),
        since: text::moment(claim.at, zone),
        until: claim
            .until
            .map_or_else(String::new, |until| text::moment(until, zone)),
    }
}

fn decided(one: &ReviewerDecision, zone: &TimeZone) -> DecisionRow {
    DecisionRow {
        reviewer: one.reviewer.clone(),
        decision: text::decision(one.decision),
        reason: one.reason.clone(),
        at: text::moment(one.at, zone),
    }
}

/// The batches of the participant's samples that quality control remarks on, each once.
fn plates(dossier: &Dossier) -> Vec<Plate> {
    let remarked = dossier.history.samples.iter().filter_map(|stored| {
        stored.sample.batch.finding()?;
        Some((stored.batch(), stored.sample.batch))
    });
    let remarked: BTreeMap<_, _> = remarked.collect();
    remarked
        .into_iter()
        .map(|(id, verdict)| Plate {
            id,
            says: text::batch_verdict(verdict),
        })
        .collect()
}

/// What the flag says of the slope, in a sentence.
fn headline(evidence: &RhythmNumbers) -> String {
    let probability = text::probability(
        evidence
            .posterior
            .map(|posterior| posterior.probability_flat),
    );
    format!("Flatter than the threshold with probability {probability}: a reason to look again.")
}

fn choices(chosen: &str) -> Vec<DecisionChoice> {
    let choice = |value, key, label, says| DecisionChoice {
        value,
        key,
        label,
        says,
        chosen: value == chosen,
    };
    vec![
        choice(
            "confirmed",
            "c",
            "Confirm",
            "the flattened slope stands after review of the data",
        ),
        choice(
            "dismissed",
            "d",
            "Dismiss",
            "the data explain it otherwise; the reason says how",
        ),
        choice("more-data", "m", "More data", "more days are needed"),
    ]
}

fn row(event: &FlagEvent, zone: &TimeZone) -> EventRow {
    EventRow {
        sequence: event.sequence,
        at: text::moment(event.at, zone),
        actor: event.actor.clone(),
        what: text::event(event.kind),
        decision: event.decision.map_or("", text::decision),
        reason: event.reason.clone(),
        probability: text::probability(
            event
                .evidence
                .posterior
                .map(|posterior| posterior.probability_flat),
        ),
    }
}
