//! The review console: pages for a browser, made on the server, and downloads for tools that speak no gRPC.
//!
//! A handler extracts, authorises, makes one call and answers with a page. What a reviewer decides goes through the same
//! method as over gRPC, so that there is one validation and one operation. Pages work without script; the one script
//! adds keys. Nothing is fetched from elsewhere, and the headers forbid it.

mod account;
mod assets;
mod batch;
mod batches;
mod decide;
mod download;
mod flag;
mod frame;
mod headers;
mod health;
mod host;
mod listening;
mod login;
mod numbers;
mod overview;
mod participant;
mod participants;
mod person;
mod query;
mod queue;
mod refused;
mod studies;
mod summaries;
mod text;
mod visitor;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRef, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, extract::DefaultBodyLimit};

use crate::service::Service;
pub(crate) use listening::Listening;
use summaries::Summaries;

/// The largest form, in bytes: a reason and a few short fields.
const FORM_BYTES: usize = 16 * 1024;

/// What the handlers share.
#[derive(Debug, Clone)]
struct Console {
    service: Service,
    summaries: Arc<Summaries>,
    /// Whether browsers reach the console over TLS.
    secure: bool,
    /// Whether they come by way of a proxy, so that where a request came from says nothing.
    behind_tls_proxy: bool,
}

impl FromRef<Console> for Service {
    fn from_ref(console: &Console) -> Self {
        console.service.clone()
    }
}

/// All routes of the console.
fn router(service: Service, tls: bool, behind_tls_proxy: bool) -> Router {
    let console = Console {
        service,
        summaries: Arc::new(Summaries::default()),
        secure: tls || behind_tls_proxy,
        behind_tls_proxy,
    };
    let pages = Router::new()
        .route("/", get(async || Redirect::to("/studies")))
        .route("/studies", get(studies::list))
        .route("/studies/{study}", get(overview::show))
        .route("/studies/{study}/flags", get(queue::list))
        .route("/studies/{study}/flags/{flag}", get(flag::show))
        .route("/studies/{study}/flags/{flag}/{step}", post(decide::take))
        .route("/studies/{study}/participants", get(participants::list))
        .route(
            "/studies/{study}/participants/{participant}",
            get(participant::show),
        )
        .route(
            "/studies/{study}/participants/{participant}/picture.svg",
            get(participant::svg),
        )
        .route(
            "/studies/{study}/participants/{participant}/picture.png",
            get(participant::png),
        )
        .route("/studies/{study}/batches", get(batches::list))
        .route(
            "/studies/{study}/batches/{batch}",
            get(batch::show).post(batch::decide),
        )
        .route("/logout", post(login::leave))
        .layer(middleware::from_fn_with_state(console.clone(), in_time));
    let downloads = download::EXTENSIONS
        .into_iter()
        .fold(Router::new(), |routes, extension| {
            let path = |table| format!("/studies/{{study}}/{table}.{extension}");
            routes
                .route(&path("profiles"), get(download::profiles))
                .route(&path("rhythms"), get(download::rhythms))
                .route(&path("flags"), get(download::flags))
                .route(&path("samples"), get(download::samples))
                .route(&path("fits"), get(download::fits))
        });
    // Everything that shows or changes data goes through this door.
    let guarded = pages.merge(downloads).layer(middleware::from_fn_with_state(
        console.clone(),
        visitor::enter,
    ));
    let open = Router::new()
        .route("/login", get(login::show).post(login::enter))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(numbers::show))
        .route("/assets/{name}", get(assets::serve));
    Router::new()
        .merge(guarded)
        .merge(open)
        .fallback(refused::nowhere)
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(middleware::from_fn_with_state(console.clone(), host::check))
        .layer(middleware::from_fn_with_state(
            console.clone(),
            account::keep,
        ))
        .layer(middleware::from_fn(headers::add))
        .with_state(console)
}

/// A page takes no longer than a unary call may.
async fn in_time(State(console): State<Console>, request: Request, next: Next) -> Response {
    let limit = Duration::from_secs(console.service.limits.call_seconds);
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "This page took too long; try again.",
        )
            .into_response(),
    }
}
