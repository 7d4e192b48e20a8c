//! A reviewer's step from a form: the same method as over gRPC, and a page that says what came of it.

use axum::Extension;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use diel_proto::v1 as pb;
use diel_proto::v1::reviews_server::Reviews as _;
use serde::Deserialize;
use tonic::{Code, Request, Status};

use super::flag::{self, Outcome, Tried};
use super::refused::Refused;
use super::visitor::Visitor;
use crate::name;
use crate::service::Service;

/// The fields of the form.
#[derive(Debug, Deserialize)]
pub(super) struct Step {
    #[serde(default)]
    key: String,
    #[serde(default)]
    etag: String,
    #[serde(default)]
    decision: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    take_over: String,
}

impl Step {
    /// The reason on one line: a history is read in lines.
    fn reason(&self) -> String {
        self.reason.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

pub(super) async fn resolve(
    State(service): State<Service>,
    Extension(visitor): Extension<Visitor>,
    Path((study, id)): Path<(String, String)>,
    Form(step): Form<Step>,
) -> Result<Response, Refused> {
    check(&visitor, &step)?;
    let request = pb::ResolveFlagRequest {
        name: name::of_child(&study, "flags", &id),
        decision: decision(&step.decision) as i32,
        reason: step.reason(),
        etag: step.etag.clone(),
        ..pb::ResolveFlagRequest::default()
    };
    let request = called(&visitor, "diel.v1.Reviews/ResolveFlag", request)?;
    let done = service.resolve_flag(request).await;
    answer(&service, &visitor, &study, &id, &step, done.err()).await
}

pub(super) async fn reopen(
    State(service): State<Service>,
    Extension(visitor): Extension<Visitor>,
    Path((study, id)): Path<(String, String)>,
    Form(step): Form<Step>,
) -> Result<Response, Refused> {
    check(&visitor, &step)?;
    let request = pb::ReopenFlagRequest {
        name: name::of_child(&study, "flags", &id),
        reason: step.reason(),
        etag: step.etag.clone(),
        ..pb::ReopenFlagRequest::default()
    };
    let request = called(&visitor, "diel.v1.Reviews/ReopenFlag", request)?;
    let done = service.reopen_flag(request).await;
    answer(&service, &visitor, &study, &id, &step, done.err()).await
}

pub(super) async fn claim(
    State(service): State<Service>,
    Extension(visitor): Extension<Visitor>,
    Path((study, id)): Path<(String, String)>,
    Form(step): Form<Step>,
) -> Result<Response, Refused> {
    check(&visitor, &step)?;
    let request = pb::ClaimFlagRequest {
        name: name::of_child(&study, "flags", &id),
        reason: step.reason(),
        etag: step.etag.clone(),
        take_over: step.take_over == "yes",
        ..pb::ClaimFlagRequest::default()
    };
    let request = called(&visitor, "diel.v1.Reviews/ClaimFlag", request)?;
    let done = service.claim_flag(request).await;
    answer(&service, &visitor, &study, &id, &step, done.err()).await
}

pub(super) async fn release(
    State(service): State<Service>,
    Extension(visitor): Extension<Visitor>,
    Path((study, id)): Path<(String, String)>,
    Form(step): Form<Step>,
) -> Result<Response, Refused> {
    check(&visitor, &step)?;
    let request = pb::ReleaseFlagRequest {
        name: name::of_child(&study, "flags", &id),
        reason: step.reason(),
        etag: step.etag.clone(),
        ..pb::ReleaseFlagRequest::default()
    };
    let request = called(&visitor, "diel.v1.Reviews/ReleaseFlag", request)?;
    let done = service.release_flag(request).await;
    answer(&service, &visitor, &study, &id, &step, done.err()).await
}

fn check(visitor: &Visitor, step: &Step) -> Result<(), Refused> {
    if visitor.owns_form(&step.key) {
        return Ok(());
    }
    Err(Refused::forbidden(
        "This form was not made for you, or your session ended. Open the flag again; nothing was stored.",
    ))
}

/// A request as the gate hands it to the method.
fn called<T>(visitor: &Visitor, method: &str, message: T) -> Result<Request<T>, Refused> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(visitor.calls(method)?);
    Ok(request)
}

fn decision(word: &str) -> pb::FlagDecision {
    match word {
        "confirmed" => pb::FlagDecision::Confirmed,
        "dismissed" => pb::FlagDecision::Dismissed,
        "more-data" => pb::FlagDecision::MoreData,
        _ => pb::FlagDecision::Unspecified,
    }
}

/// After a stored step the flag's address, so that loading again does not send the form again.
async fn answer(
    service: &Service,
    visitor: &Visitor,
    study: &str,
    id: &str,
    step: &Step,
    refused: Option<Status>,
) -> Result<Response, Refused> {
    let Some(status) = refused else {
        let place = format!("/studies/{study}/flags/{id}?stored=yes");
        return Ok(Redirect::to(&place).into_response());
    };
    let outcome = match status.code() {
        Code::Aborted => Outcome::Conflict,
        Code::FailedPrecondition => Outcome::NotNow(status.message().to_owned()),
        Code::InvalidArgument => Outcome::Refused(status.message().to_owned()),
        _ => return Err(status.into()),
    };
    let tried = Tried {
        outcome,
        decision: step.decision.clone(),
        reason: step.reason.clone(),
    };
    flag::after(service, visitor, study, id, tried).await
}
