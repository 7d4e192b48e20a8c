//! A reviewer's step from a form: the same method as over gRPC, and a page that says what came of it.

use axum::Extension;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use diel_proto::v1 as pb;
use diel_proto::v1::reviews_server::Reviews as _;
use serde::Deserialize;
use tonic::{Code, Request, Status};

use super::flag::{self, Outcome, Tried};
use super::refused::{self, Refused};
use super::visitor::Visitor;
use crate::name;
use crate::service::Service;

/// The fields of the form.
#[derive(Debug, Deserialize)]
pub(super) struct Fields {
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

impl Fields {
    /// The reason on one line: a history is read in lines.
    fn reason(&self) -> String {
        self.reason.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// Takes a step: `resolve`, `reopen`, `claim` or `release`.
pub(super) async fn take(
    State(service): State<Service>,
    Extension(visitor): Extension<Visitor>,
    Path((study, id, step)): Path<(String, String, String)>,
    Form(form): Form<Fields>,
) -> Result<Response, Refused> {
    if !visitor.owns_form(&form.key) {
        return Err(Refused::forbidden(
            "This form was not made for you, or your session ended. Open the flag again; nothing was stored.",
        ));
    }
    let (name, etag) = (name::of_child(&study, "flags", &id), form.etag.clone());
    let reason = form.reason();
    let done = match step.as_str() {
        "resolve" => {
            let request = pb::ResolveFlagRequest {
                name,
                decision: decision(&form.decision) as i32,
                reason,
                etag,
                ..pb::ResolveFlagRequest::default()
            };
            let request = called(&visitor, "diel.v1.Reviews/ResolveFlag", request)?;
            service.resolve_flag(request).await
        }
        "reopen" => {
            let request = pb::ReopenFlagRequest {
                name,
                reason,
                etag,
                ..pb::ReopenFlagRequest::default()
            };
            let request = called(&visitor, "diel.v1.Reviews/ReopenFlag", request)?;
            service.reopen_flag(request).await
        }
        "claim" => {
            let request = pb::ClaimFlagRequest {
                name,
                reason,
                etag,
                take_over: form.take_over == "yes",
                ..pb::ClaimFlagRequest::default()
            };
            let request = called(&visitor, "diel.v1.Reviews/ClaimFlag", request)?;
            service.claim_flag(request).await
        }
        "release" => {
            let request = pb::ReleaseFlagRequest {
                name,
                reason,
                etag,
                ..pb::ReleaseFlagRequest::default()
            };
            let request = called(&visitor, "diel.v1.Reviews/ReleaseFlag", request)?;
            service.release_flag(request).await
        }
        _ => return Ok(refused::nowhere().await.into_response()),
    };
    answer(&service, &visitor, &study, &id, &form, done.err()).await
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
    form: &Fields,
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
        decision: form.decision.clone(),
        reason: form.reason.clone(),
    };
    flag::after(service, visitor, study, id, tried).await
}
