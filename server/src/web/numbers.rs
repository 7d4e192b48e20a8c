//! The numbers that Prometheus reads.
//!
//! They name nobody, but how much a study sends and when is not for everybody either. Where callers need tokens a reader shows
//! one of an admin, or reads on this machine: so that the token of an admin, who may do everything, need not lie in the
//! settings of a monitor. Behind a proxy every reader seems to be on this machine, and none is believed to be.

use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use diel_store::Role;
use prometheus_client::encoding::prometheus_text::CONTENT_TYPE as TEXT;

use super::listening::Peer;
use super::refused::plain;
use super::{Console, host};
use crate::access::{AccessMode, bearer};

/// All numbers, in the text format of Prometheus.
pub(super) async fn show(State(console): State<Console>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    if let Some(refused) = refusal(&console, &head).await {
        return refused;
    }
    let service = &console.service;
    let is_ready = service.readiness().await.is_ok();
    let text = service.metrics.text(&service.store, is_ready).await;
    ([(CONTENT_TYPE, TEXT)], text).into_response()
}

/// The answer to whoever is not to read them.
async fn refusal(console: &Console, head: &Parts) -> Option<Response> {
    let verifier = &console.service.verifier;
    if verifier.mode() == AccessMode::Open || is_local(console, head) {
        return None;
    }
    let address = head.extensions.get::<Peer>().map(|peer| peer.0);
    match verifier.verify(bearer(&head.headers)).await {
        Ok(principal) if principal.may_in_all(Role::Admin) => None,
        Ok(_) => {
            let text = "the numbers are for admins, and for readers on this machine\n";
            Some((StatusCode::FORBIDDEN, text).into_response())
        }
        Err(error) => {
            let mut response = plain(&verifier.turn_away(error, address).into());
            if response.status() == StatusCode::UNAUTHORIZED {
                let scheme = HeaderValue::from_static("Bearer");
                response.headers_mut().insert(WWW_AUTHENTICATE, scheme);
            }
            Some(response)
        }
    }
}

/// Whether somebody on this machine reads, and knows that it is this machine: no page of a browser that was led here by
/// another name.
fn is_local(console: &Console, head: &Parts) -> bool {
    let peer = head.extensions.get::<Peer>();
    !console.behind_tls_proxy
        && peer.is_some_and(|peer| peer.0.to_canonical().is_loopback())
        && host::names_this_machine(&head.headers, &head.uri)
}
