//! The participants of a study with what is known of their slopes.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use diel_core::{AgeYears, Verdict};
use diel_store::StoredRhythm;

use super::frame::{Frame, Place};
use super::query::Given;
use super::refused::{Refused, page};
use super::text;
use super::visitor::Visitor;
use crate::convert::filter;
use crate::page::Binding;
use crate::picture::Strip;
use crate::refusal::Refusal;
use crate::service::Service;

struct VerdictChoice {
    code: &'static str,
    chosen: bool,
}

struct RhythmRow {
    code: String,
    group: String,
    age: String,
    verdict: String,
    probability: String,
    slope: String,
    strip: String,
    days: u32,
    flag: Option<(String, &'static str)>,
}

#[derive(Template)]
#[template(path = "participants.html")]
struct Page {
    frame: Frame,
    study: String,
    group: String,
    verdicts: Vec<VerdictChoice>,
    filters: String,
    rows: Vec<RhythmRow>,
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
        .calls("diel.v1.Rhythms/ListRhythms")?
        .in_study(&study)?;
    let code = given.take("code");
    if !code.is_empty() {
        return Ok(Redirect::to(&address(&study, &code)).into_response());
    }
    let token = given.take("page");
    let message = given.rhythm_filter()?;
    let binding = Binding::new("web/participants", &study, Some(&message));
    let request = binding.request::<String>(0, &token)?;
    let conditions = filter::of_rhythms(Some(&message)).map_err(Refusal::from)?;
    let rhythms = service.store.rhythms(&study, &conditions, &request).await?;
    let around = service.store.study(&study).await?;
    let strip = Strip::covering(rhythms.items.iter().flat_map(ends));
    let chosen = given.one("verdicts").unwrap_or_default();
    page(&Page {
        frame: Frame::within(&visitor, &around, Place::Participants),
        group: given.one("groups").unwrap_or_default().to_owned(),
        verdicts: Verdict::ALL
            .into_iter()
            .map(|verdict| VerdictChoice {
                code: verdict.code(),
                chosen: verdict.code() == chosen,
            })
            .collect(),
        filters: given.as_address(),
        rows: rhythms
            .items
            .iter()
            .map(|rhythm| row(rhythm, &strip))
            .collect(),
        is_first: token.is_empty(),
        next: binding.token(rhythms.next.as_ref()),
        study,
    })
}

fn address(study: &str, code: &str) -> String {
    let code = askama::filters::urlencode_strict(code)
        .map(|code| code.to_string())
        .unwrap_or_default();
    format!("/studies/{study}/participants/{code}")
}

fn ends(rhythm: &StoredRhythm) -> [f64; 3] {
    let posterior = rhythm.rhythm.posterior.as_ref();
    [
        posterior.map_or(f64::NAN, |posterior| posterior.lower),
        posterior.map_or(f64::NAN, |posterior| posterior.upper),
        rhythm.rhythm.threshold_ln_per_h,
    ]
}

fn row(rhythm: &StoredRhythm, strip: &Strip) -> RhythmRow {
    let [lower, upper, threshold] = ends(rhythm);
    let posterior = rhythm.rhythm.posterior.as_ref();
    let middle = posterior.map_or(f64::NAN, |posterior| posterior.slope_ln_per_h);
    RhythmRow {
        code: rhythm.participant.clone(),
        group: rhythm.group.clone(),
        age: text::fixed(rhythm.age.map(AgeYears::get), 1),
        verdict: text::words(&rhythm.rhythm.verdict.code().to_lowercase()),
        probability: text::probability(posterior.map(|posterior| posterior.probability_flat)),
        slope: text::slope(posterior.map(|posterior| posterior.slope_ln_per_h)),
        strip: strip.interval(lower, middle, upper, threshold),
        days: rhythm.rhythm.valid_day_count,
        flag: rhythm
            .flag
            .clone()
            .map(|(id, state)| (id, text::state(state))),
    }
}
