//! A batch: what quality control says of it and why, its controls run by run, and the form for a decision.

use askama::Template;
use axum::Extension;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use diel_core::BatchVerdict;
use diel_core::quality::WestgardRule;
use diel_proto::v1 as pb;
use diel_proto::v1::controls_server::Controls as _;
use diel_store::{Batch, BatchControl, BrokenRule, Control, MeasuredControl, PageRequest};
use jiff::tz::TimeZone;
use serde::Deserialize;
use tonic::{Code, Request};

use super::batches::{run, share};
use super::frame::{Frame, Place};
use super::participant::Fact;
use super::query::Given;
use super::refused::{Refused, page};
use super::text::{self, Meaning};
use super::visitor::Visitor;
use crate::code::check_code;
use crate::etag;
use crate::name;
use crate::picture::{ControlChart, ControlReading, control_chart_inline};
use crate::refusal::Refusal;
use crate::service::Service;

/// Runs of a control that its chart shows.
const RUNS: u32 = 60;
/// Most controls that a page draws.
const CHARTS: usize = 8;

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Fields {
    #[serde(default)]
    key: String,
    #[serde(default)]
    etag: String,
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    reason: String,
}

struct ControlRow {
    name: String,
    well: String,
    value: String,
    cv: String,
    z: String,
    rules: String,
}

struct Chart {
    control: String,
    picture: String,
}

struct DecisionShown {
    verdict: &'static str,
    reviewer: String,
    reason: String,
    at: String,
}

#[derive(Template)]
#[template(path = "batch.html")]
struct Page {
    frame: Frame,
    study: String,
    id: String,
    etag: String,
    title: String,
    verdict: &'static str,
    says: &'static str,
    computed: &'static str,
    decision: Option<DecisionShown>,
    facts: Vec<Fact>,
    reasons: Vec<Meaning>,
    broken: Vec<String>,
    controls: Vec<ControlRow>,
    charts: Vec<Chart>,
    stored: bool,
    refused: String,
    is_conflict: bool,
    typed_reason: String,
}

/// What came of a decision that the reviewer tried.
#[derive(Default)]
struct Tried {
    stored: bool,
    refused: String,
    is_conflict: bool,
    reason: String,
}

pub(super) async fn show(
    State(service): State<Service>,
    Extension(visitor): Extension<Visitor>,
    Path((study, id)): Path<(String, String)>,
    mut given: Given,
) -> Result<Response, Refused> {
    let tried = Tried {
        stored: !given.take("stored").is_empty(),
        ..Tried::default()
    };
    Ok(after(&service, &visitor, &study, &id, tried)
        .await?
        .into_response())
}

/// A reviewer's decision from the form: the same method as over gRPC.
pub(super) async fn decide(
    State(service): State<Service>,
    Extension(visitor): Extension<Visitor>,
    Path((study, id)): Path<(String, String)>,
    Form(form): Form<Fields>,
) -> Result<Response, Refused> {
    if !visitor.owns_form(&form.key) {
        return Err(Refused::forbidden(
            "This form was not made for you, or your session ended. Open the batch again; nothing was stored.",
        ));
    }
    let verdict = match form.verdict.as_str() {
        "accept" => pb::BatchVerdict::Pass,
        "reject" => pb::BatchVerdict::Fail,
        "restore" => pb::BatchVerdict::NotAssessed,
        _ => pb::BatchVerdict::Unspecified,
    };
    let mut request = Request::new(pb::DecideBatchRequest {
        name: name::of_child(&study, "batches", &id),
        verdict: verdict.into(),
        reason: form.reason.split_whitespace().collect::<Vec<_>>().join(" "),
        etag: form.etag,
        ..pb::DecideBatchRequest::default()
    });
    let caller = visitor.calls("diel.v1.Controls/DecideBatch")?;
    request.extensions_mut().insert(caller);
    let Err(status) = service.decide_batch(request).await else {
        let place = format!("/studies/{study}/batches/{id}?stored=yes");
        return Ok(Redirect::to(&place).into_response());
    };
    let tried = Tried {
        stored: false,
        is_conflict: status.code() == Code::Aborted,
        refused: match status.code() {
            Code::Aborted => String::new(),
            Code::InvalidArgument => status.message().to_owned(),
            _ => return Err(status.into()),
        },
        reason: form.reason,
    };
    let code = if tried.is_conflict {
        StatusCode::CONFLICT
    } else {
        StatusCode::BAD_REQUEST
    };
    let answer = after(&service, &visitor, &study, &id, tried).await?;
    Ok((code, answer).into_response())
}

async fn after(
    service: &Service,
    visitor: &Visitor,
    study: &str,
    id: &str,
    tried: Tried,
) -> Result<Response, Refused> {
    visitor
        .calls("diel.v1.Submissions/GetBatch")?
        .in_study(study)?;
    check_code(id).map_err(Refusal::name("batch"))?;
    let batch = service.store.batch(study, id).await?;
    let around = service.store.study(study).await?;
    let zone = service.zone(&around).time_zone;
    let charts = charts(service, study, &batch).await?;
    let frame = Frame::within(visitor, &around, Place::Batches);
    page(&shown(frame, study, &batch, charts, &zone, tried))
}

fn shown(
    frame: Frame,
    study: &str,
    batch: &Batch,
    charts: Vec<Chart>,
    zone: &TimeZone,
    tried: Tried,
) -> Page {
    let assessment = batch.assessment.as_ref();
    let computed = assessment.map_or(BatchVerdict::NotAssessed, |one| one.verdict);
    Page {
        frame,
        study: study.to_owned(),
        id: batch.id.clone(),
        etag: etag::write(batch.version),
        title: title(batch, zone),
        verdict: text::batch_word(batch.verdict()),
        says: text::batch_verdict(batch.verdict()),
        computed: text::batch_word(computed),
        decision: batch.decision.as_ref().map(|decision| DecisionShown {
            verdict: text::batch_word(decision.verdict),
            reviewer: decision.reviewer.clone(),
            reason: decision.reason.clone(),
            at: text::moment(decision.at, zone),
        }),
        facts: facts(batch),
        reasons: assessment.map_or_else(Vec::new, |one| text::quality_reasons(one.reasons)),
        broken: assessment.map_or_else(Vec::new, |one| one.violations.iter().map(broken).collect()),
        controls: batch.controls.iter().map(control).collect(),
        charts,
        stored: tried.stored,
        refused: tried.refused,
        is_conflict: tried.is_conflict,
        typed_reason: tried.reason,
    }
}

fn title(batch: &Batch, zone: &TimeZone) -> String {
    let facts = &batch.batch;
    let plate = match facts.plate.as_str() {
        "" => String::new(),
        plate => format!(", plate {plate}"),
    };
    format!(
        "{}, {}{plate}, run {}",
        facts.lab,
        facts.assay,
        run(batch, zone)
    )
}

fn facts(batch: &Batch) -> Vec<Fact> {
    let assessment = batch.assessment.as_ref();
    let fact = |name, value, unit| Fact { name, value, unit };
    vec![
        fact("Results", batch.result_count.to_string(), ""),
        fact(
            "Below a limit",
            share(assessment.map(|one| one.below_limit)),
            "",
        ),
        fact(
            "Replicates that disagree",
            share(assessment.map(|one| one.high_cv)),
            "",
        ),
        fact(
            "Intra-assay CV",
            text::fixed(assessment.and_then(|one| one.intra_assay_cv_percent), 1),
            "%",
        ),
    ]
}

/// A rule that is broken, and by which runs.
fn broken(broken: &BrokenRule) -> String {
    let points: Vec<String> = broken
        .points
        .iter()
        .map(|point| {
            let z = text::fixed(Some(point.z), 2);
            format!("{} at {z} SD in batch {}", point.control, point.batch)
        })
        .collect();
    format!(
        "{} {} {}",
        broken.rule.code(),
        broken.rule.meaning(),
        points.join(", ")
    )
}

fn control(control: &BatchControl) -> ControlRow {
    let new = &control.control;
    let codes: Vec<&str> = control.rules.iter().map(|rule| rule.code()).collect();
    let material = &new.material;
    ControlRow {
        name: joined([&material.material, &material.level, &material.lot]),
        well: new.well.clone(),
        value: text::fixed(crate::convert::measurement::nmol_per_l(&new.measurement), 2),
        cv: text::fixed(new.replicate_cv_percent, 1),
        z: text::fixed(control.score.as_ref().and_then(|score| score.z), 2),
        rules: codes.join(", "),
    }
}

fn joined(parts: [&String; 3]) -> String {
    let parts: Vec<&str> = parts
        .into_iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(", ")
}

/// A chart for each control of the batch that has a target.
async fn charts(service: &Service, study: &str, batch: &Batch) -> Result<Vec<Chart>, Refused> {
    let scored = batch.controls.iter().filter_map(|one| one.score.as_ref());
    let mut names: Vec<&str> = scored.map(|score| score.control.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let mut charts = Vec::new();
    for (position, name) in names.into_iter().take(CHARTS).enumerate() {
        let control = service.store.control(study, name).await?;
        let request = PageRequest {
            after: None,
            limit: RUNS,
        };
        let runs = service.store.control_runs(study, name, &request).await?;
        let chart = chart(&control, &runs.items);
        charts.push(Chart {
            control: chart.control.clone(),
            picture: control_chart_inline(&format!("control-{position}"), &chart),
        });
    }
    Ok(charts)
}

fn chart(control: &Control, runs: &[MeasuredControl]) -> ControlChart {
    let (key, target) = (&control.key, &control.terms.target);
    ControlChart {
        title: format!("{}, {}", key.lab, key.assay),
        control: joined([
            &key.material.material,
            &key.material.level,
            &key.material.lot,
        ]),
        target_nmol_per_l: Some((target.mean().get(), target.sd().get())),
        readings: runs.iter().rev().filter_map(reading).collect(),
    }
}

fn reading(run: &MeasuredControl) -> Option<ControlReading> {
    let rules = run.control.rules;
    Some(ControlReading {
        run: run.run.strftime("%Y-%m-%d").to_string(),
        z: run.control.score.as_ref()?.z?,
        rules: rules.iter().map(|rule| rule.code().to_owned()).collect(),
        rejected: rules.iter().any(|rule| rule != WestgardRule::OneTwoS)
            && run.verdict == BatchVerdict::Fail,
    })
}
