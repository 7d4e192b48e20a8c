//! The account of every request: its id, its span in the log, and what it counts as.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;

use super::Console;
use crate::call::CallId;

/// Stands for every path that is no page.
const OTHER: &str = "other";

/// Gives a request an id and keeps account of it. Its path is never told, since it names studies and participants: its route
/// is.
pub(super) async fn keep(State(console): State<Console>, request: Request, next: Next) -> Response {
    let id = CallId::of(request.headers());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or(OTHER, MatchedPath::as_str)
        .to_owned();
    let span = tracing::error_span!("request", id = id.as_str(), route);
    let began = Instant::now();
    let mut response = id
        .clone()
        .during(next.run(request))
        .instrument(span.clone())
        .await;
    id.tell(response.headers_mut());
    let (status, lasted) = (response.status().as_u16(), began.elapsed());
    console.service.metrics.pages.end(&route, status, lasted);
    span.in_scope(|| tracing::info!(status, seconds = lasted.as_secs_f64(), "answered"));
    response
}
