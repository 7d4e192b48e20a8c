//! A participant: everything that is known, and the picture.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use diel_store::{Dossier, RhythmNumbers};

use super::frame::{Frame, Place};
use super::person::{self, Person};
use super::refused::{Refused, page};
use super::text::{self, Meaning};
use super::visitor::Visitor;
use crate::code::check_code;
use crate::picture::{png as draw_png, profile_svg};
use crate::refusal::Refusal;
use crate::service::Service;

/// Pixels of a PNG's width.
const PNG_WIDTH_PX: u32 = 1840;
/// A picture alone carries its style sheet, and nothing else may run or load in it.
const PICTURE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
);

/// A number with its name and unit.
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) unit: &'static str,
}

/// What a rhythm says, in numbers with units.
pub(super) fn facts(rhythm: &RhythmNumbers) -> Vec<Fact> {
    const PER_HOUR: &str = "ln(nmol/L) per hour";
    let posterior = rhythm.posterior.as_ref();
    let fact = |name, value, unit| Fact { name, value, unit };
    let interval = posterior.map(|p| {
        format!(
            "{} to {}",
            text::slope(Some(p.lower)),
            text::slope(Some(p.upper))
        )
    });
    vec![
        fact(
            "Probability that the true slope is flatter than the threshold",
            text::probability(posterior.map(|p| p.probability_flat)),
            "",
        ),
        fact(
            "Posterior slope",
            text::slope(posterior.map(|p| p.slope_ln_per_h)),
            PER_HOUR,
        ),
        fact(
            "95 % interval",
            interval.unwrap_or_else(|| text::NONE.to_owned()),
            PER_HOUR,
        ),
        fact(
            "Threshold",
            text::slope(Some(rhythm.threshold_ln_per_h)),
            PER_HOUR,
        ),
        fact(
            "Slope of the data alone",
            text::slope(rhythm.slope_ln_per_h),
            PER_HOUR,
        ),
        fact("Its standard error", text::slope(rhythm.slope_se), PER_HOUR),
        fact(
            "Percentile in the reference (100 is flattest)",
            text::fixed(posterior.map(|p| p.reference_percentile), 1),
            "",
        ),
        fact(
            "Reliability",
            text::fixed(posterior.map(|p| p.reliability), 2),
            "of 1",
        ),
        fact(
            "More days that would make it reliable",
            posterior
                .and_then(|p| p.days_to_reliable)
                .map_or_else(|| text::NONE.to_owned(), |days| days.to_string()),
            "days",
        ),
        fact(
            "Days that count",
            format!("{} of {}", rhythm.valid_day_count, rhythm.day_count),
            "",
        ),
        fact(
            "Samples",
            format!(
                "{} used, {} left out",
                rhythm.sample_count, rhythm.left_out_sample_count
            ),
            "",
        ),
        fact(
            "Reference",
            crate::table::reference(&rhythm.reference).to_owned(),
            "",
        ),
    ]
}

#[derive(Template)]
#[template(path = "participant.html")]
struct Page {
    frame: Frame,
    study: String,
    person: Person,
    verdict: &'static str,
    verdict_says: &'static str,
    facts: Vec<Fact>,
    reasons: Vec<Meaning>,
    flag: Option<(String, &'static str)>,
    judged: String,
    policy: i64,
}

pub(super) async fn show(
    State(service): State<Service>,
    Extension(visitor): Extension<Visitor>,
    Path((study, code)): Path<(String, String)>,
) -> Result<Response, Refused> {
    let dossier = found(&service, &visitor, &study, &code).await?;
    let zone = service.zone(&dossier.study).time_zone;
    let analysis = dossier.history.analysis();
    let numbers = RhythmNumbers::from(&analysis.rhythm);
    let rhythm = dossier.rhythm.as_ref();
    page(&Page {
        frame: Frame::within(&visitor, &dossier.study, Place::Participants),
        person: Person::of(&dossier, &analysis),
        verdict: numbers.verdict.code(),
        verdict_says: text::verdict_says(numbers.verdict.code()),
        facts: facts(&numbers),
        reasons: text::reasons(numbers.reasons),
        flag: rhythm
            .and_then(|rhythm| rhythm.flag.clone())
            .map(|(id, state)| (id, text::state(state))),
        judged: rhythm.map_or_else(
            || text::NONE.to_owned(),
            |rhythm| text::moment(rhythm.updated, &zone),
        ),
        policy: dossier.history.policy.version,
        study,
    })
}

/// A participant, where the visitor may read days and rhythms.
async fn found(
    service: &Service,
    visitor: &Visitor,
    study: &str,
    code: &str,
) -> Result<Dossier, Refused> {
    visitor
        .calls("diel.v1.Rhythms/GetProfile")?
        .in_study(study)?;
    check_code(code).map_err(Refusal::name("participant"))?;
    let code = service.codes(study).await?.participant(code);
    Ok(service.store.dossier(study, &code).await?)
}

async fn drawn(
    service: &Service,
    visitor: &Visitor,
    study: &str,
    code: &str,
) -> Result<String, Refused> {
    let dossier = found(service, visitor, study, code).await?;
    let analysis = dossier.history.analysis();
    Ok(profile_svg(&person::picture(&dossier, &analysis)))
}

pub(super) async fn svg(
    State(service): State<Service>,
    Extension(visitor): Extension<Visitor>,
    Path((study, code)): Path<(String, String)>,
) -> Result<Response, Refused> {
    let svg = drawn(&service, &visitor, &study, &code).await?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
        (CONTENT_SECURITY_POLICY, PICTURE_POLICY),
    ];
    Ok((headers, svg).into_response())
}

/// Pixels cost milliseconds of one core: they are admitted like an analysis and drawn beside the event loop.
pub(super) async fn png(
    State(service): State<Service>,
    Extension(visitor): Extension<Visitor>,
    Path((study, code)): Path<(String, String)>,
) -> Result<Response, Refused> {
    let permit = service.admission.heavy_call()?;
    let svg = drawn(&service, &visitor, &study, &code).await?;
    let drawing = tokio::task::spawn_blocking(move || draw_png(&svg, PNG_WIDTH_PX));
    let bytes = drawing
        .await
        .ok()
        .and_then(Result::ok)
        .ok_or(Refusal::Defect("a picture that cannot be drawn"))?;
    drop(permit);
    Ok(([(CONTENT_TYPE, "image/png")], bytes).into_response())
}
