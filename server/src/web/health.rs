//! Whether the console can answer, for probes.

use axum::extract::State;
use axum::http::StatusCode;

use crate::service::Service;

/// `ok` while the database answers and the server is not about to stop.
pub(super) async fn answer(State(service): State<Service>) -> (StatusCode, &'static str) {
    if service.stopping.is_cancelled() {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
    } else if let Err(error) = service.store.check_disk() {
        tracing::debug!(%error, "not ready");
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "the disk has failed; nothing more is written\n",
        )
    } else if service.store.ping().await.is_err() {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database does not answer\n",
        )
    } else {
        (StatusCode::OK, "ok\n")
    }
}
