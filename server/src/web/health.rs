//! Whether the server lives, and whether it is to be sent anything: for probes.

use axum::extract::State;
use axum::http::StatusCode;

use crate::service::Service;

/// `ok` while the process answers. It says nothing of the database: a server that is started anew does not mend that.
pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// `ok` while calls may come, else why not.
pub(super) async fn ready(State(service): State<Service>) -> (StatusCode, String) {
    match service.readiness().await {
        Ok(()) => (StatusCode::OK, "ok\n".to_owned()),
        Err(unready) => {
            tracing::debug!(%unready, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, format!("{unready}\n"))
        }
    }
}
