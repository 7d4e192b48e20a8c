//! The batches of a study with what quality control says of them.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use diel_core::quality::Share;
use diel_store::Batch;
use jiff::tz::TimeZone;

use super::frame::{Frame, Place};
use super::query::Given;
use super::refused::{Refused, page};
use super::text;
use super::visitor::Visitor;
use crate::page::Binding;
use crate::service::Service;

struct BatchRow {
    id: String,
    run: String,
    lab: String,
    assay: String,
    plate: String,
    verdict: &'static str,
    is_remarked: bool,
    is_decided: bool,
    results: i64,
    below_limit: String,
    high_cv: String,
    intra_assay_cv: String,
    reasons: String,
}

#[derive(Template)]
#[template(path = "batches.html")]
struct Page {
    frame: Frame,
    study: String,
    rows: Vec<BatchRow>,
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
        .calls("diel.v1.Submissions/ListBatches")?
        .in_study(&study)?;
    let token = given.take("page");
    let binding = Binding::plain("web/batches", &study);
    let request = binding.request::<String>(0, &token)?;
    let batches = service.store.batches(&study, &request).await?;
    let around = service.store.study(&study).await?;
    let zone = service.zone(&around).time_zone;
    page(&Page {
        frame: Frame::within(&visitor, &around, Place::Batches),
        rows: batches
            .items
            .iter()
            .map(|batch| row(batch, &zone))
            .collect(),
        is_first: token.is_empty(),
        next: binding.token(batches.next.as_ref()),
        study,
    })
}

fn row(batch: &Batch, zone: &TimeZone) -> BatchRow {
    let assessment = batch.assessment.as_ref();
    let facts = &batch.batch;
    BatchRow {
        id: batch.id.clone(),
        run: run(batch, zone),
        lab: facts.lab.clone(),
        assay: facts.assay.clone(),
        plate: facts.plate.clone(),
        verdict: text::batch_word(batch.verdict()),
        is_remarked: batch.verdict().finding().is_some(),
        is_decided: batch.decision.is_some(),
        results: batch.result_count,
        below_limit: share(assessment.map(|one| one.below_limit)),
        high_cv: share(assessment.map(|one| one.high_cv)),
        intra_assay_cv: text::fixed(assessment.and_then(|one| one.intra_assay_cv_percent), 1),
        reasons: assessment.map_or_else(String::new, |one| {
            let codes: Vec<&str> = one.reasons.iter().map(|reason| reason.code()).collect();
            text::words(&codes.join(", "))
        }),
    }
}

/// When the run was: its date, or when the batch came.
pub(super) fn run(batch: &Batch, zone: &TimeZone) -> String {
    match batch.batch.run_date {
        Some(date) => date.to_string(),
        None => text::moment(batch.created, zone),
    }
}

/// So many of so many, as a share.
pub(super) fn share(share: Option<Share>) -> String {
    let share = share.unwrap_or_default();
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    text::percent(count(share.count), count(share.of))
}
