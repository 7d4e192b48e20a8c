//! The queue: flags, filtered and in the order that the reviewer chose.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use diel_store::{Flag, FlagOrder, FlagPlace, FlagState};
use jiff::Timestamp;

use super::frame::{Frame, Place};
use super::query::Given;
use super::refused::{Refused, page};
use super::text;
use super::visitor::Visitor;
use crate::convert::{filter, flag};
use crate::page::Binding;
use crate::picture::Strip;
use crate::refusal::Refusal;
use crate::service::Service;

/// The orders, by their words in the address.
const ORDERS: [(&str, &str, FlagOrder); 4] = [
    ("probability", "most probable first", FlagOrder::Probability),
    ("newest", "newest first", FlagOrder::Newest),
    ("oldest", "oldest first", FlagOrder::Oldest),
    ("participant", "by participant", FlagOrder::Participant),
];
/// The states that can be chosen; `waiting` stands for those in which a flag waits for a reviewer.
const STATES: [(&str, &str); 7] = [
    ("waiting", "waiting for a reviewer"),
    ("open", "open"),
    ("awaiting-second", "awaiting a second decision"),
    ("disputed", "disputed"),
    ("resolved", "resolved"),
    ("withdrawn", "withdrawn"),
    ("all", "all"),
];

/// A value of a field, and whether it is the one chosen.
struct Choice {
    value: &'static str,
    label: &'static str,
    chosen: bool,
}

struct FlagRow {
    id: String,
    participant: String,
    group: String,
    state: &'static str,
    decision: &'static str,
    probability: String,
    slope: String,
    lower: String,
    upper: String,
    strip: String,
    days: u32,
    holder: String,
    raised: String,
}

#[derive(Template)]
#[template(path = "queue.html")]
struct Page {
    frame: Frame,
    study: String,
    states: Vec<Choice>,
    orders: Vec<Choice>,
    group: String,
    participant: String,
    min_probability: String,
    filters: String,
    flags: Vec<FlagRow>,
    is_first: bool,
    next: String,
}

pub(super) async fn list(
    State(service): State<Service>,
    Extension(visitor): Extension<Visitor>,
    Path(study): Path<String>,
    mut given: Given,
) -> Result<Response, Refused> {
    visitor
        .calls("diel.v1.Reviews/ListFlags")?
        .in_study(&study)?;
    let token = given.take("page");
    let word = given.take("order");
    let order = order(&word)?;
    let chosen = given.one("states").unwrap_or("waiting").to_owned();
    if matches!(chosen.as_str(), "waiting" | "all") {
        given.take("states");
    }
    let mut filter = given.flag_filter()?;
    if chosen == "waiting" {
        let waiting = FlagState::WAITING.map(|state| flag::state_to_proto(state) as i32);
        filter.states = waiting.to_vec();
    }
    let filter = service.codes(&study).await?.enter(filter);
    let now = service.clock.now();
    let binding = Binding::new(&format!("web/flags/{word}"), &study, Some(&*filter));
    let request = binding.request::<FlagPlace>(0, &token)?;
    let conditions = filter::of_flags(Some(&*filter), now).map_err(Refusal::from)?;
    let flags = service
        .store
        .queue(&study, &conditions, order, &request)
        .await?;
    let around = service.store.study(&study).await?;
    let zone = service.zone(&around).time_zone;

    let strip = Strip::covering(flags.items.iter().flat_map(ends));
    let mut kept = given.as_address();
    if given.one("states").is_none() {
        kept.push_str(&format!("states={chosen}&"));
    }
    if !word.is_empty() {
        kept.push_str(&format!("order={word}&"));
    }
    page(&Page {
        frame: Frame::within(&visitor, &around, Place::Flags),
        states: STATES
            .into_iter()
            .map(|(value, label)| Choice {
                value,
                label,
                chosen: value == chosen,
            })
            .collect(),
        orders: ORDERS
            .into_iter()
            .map(|(value, label, one)| Choice {
                value,
                label,
                chosen: one == order,
            })
            .collect(),
        group: given.one("groups").unwrap_or_default().to_owned(),
        participant: given.one("participant").unwrap_or_default().to_owned(),
        min_probability: given.one("min_probability").unwrap_or_default().to_owned(),
        filters: kept,
        flags: flags
            .items
            .iter()
            .map(|flag| row(flag, &strip, &zone, now))
            .collect(),
        is_first: token.is_empty(),
        next: binding.token(flags.next.as_ref()),
        study,
    })
}

fn order(word: &str) -> Result<FlagOrder, Refusal> {
    if word.is_empty() {
        return Ok(FlagOrder::default());
    }
    let known = ORDERS.iter().find(|(known, ..)| *known == word);
    known.map(|(.., order)| *order).ok_or_else(|| {
        let known: Vec<_> = ORDERS.iter().map(|(known, ..)| *known).collect();
        Refusal::field(
            "order",
            format!("{word:?} is not one of {}", known.join(", ")),
        )
    })
}

/// What the scale of a page must cover.
fn ends(flag: &Flag) -> [f64; 3] {
    let posterior = flag.evidence.posterior;
    let end =
        |read: fn(&diel_store::PosteriorNumbers) -> f64| posterior.as_ref().map_or(f64::NAN, read);
    [
        end(|posterior| posterior.lower),
        end(|posterior| posterior.upper),
        flag.evidence.threshold_ln_per_h,
    ]
}

fn row(flag: &Flag, strip: &Strip, zone: &jiff::tz::TimeZone, now: Timestamp) -> FlagRow {
    let claim = flag.claim.as_ref().filter(|claim| claim.holds(now));
    let posterior = flag.evidence.posterior.as_ref();
    let [lower, upper, threshold] = ends(flag);
    let middle = posterior.map_or(f64::NAN, |posterior| posterior.slope_ln_per_h);
    FlagRow {
        id: flag.id.clone(),
        participant: flag.participant.clone(),
        group: flag.group.clone(),
        state: text::state(flag.state),
        decision: flag.decision.map_or("", text::decision),
        probability: text::probability(posterior.map(|posterior| posterior.probability_flat)),
        slope: text::slope(posterior.map(|posterior| posterior.slope_ln_per_h)),
        lower: text::slope(posterior.map(|posterior| posterior.lower)),
        upper: text::slope(posterior.map(|posterior| posterior.upper)),
        strip: strip.interval(lower, middle, upper, threshold),
        days: flag.evidence.valid_day_count,
        holder: claim.map_or_else(String::new, |claim| claim.reviewer.clone()),
        raised: zone.to_datetime(flag.raised).date().to_string(),
    }
}
