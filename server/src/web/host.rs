//! By which name the console may be called.
//!
//! A page from elsewhere could have its own name point at this machine and then read what is served here as its own. So
//! only names of this machine are answered, unless visitors need a token: under another name the browser has none to send.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::Console;
use crate::access::AccessMode;

/// Refuses requests that call this machine by another name.
pub(super) async fn check(
    State(console): State<Console>,
    request: Request,
    next: Next,
) -> Response {
    if console.service.verifier.mode() == AccessMode::Tokens {
        return next.run(request).await;
    }
    if names_this_machine(request.headers(), request.uri()) {
        return next.run(request).await;
    }
    (
        StatusCode::MISDIRECTED_REQUEST,
        "The console answers as localhost, 127.0.0.1 and [::1] only.",
    )
        .into_response()
}

/// Whether a request calls this machine by a name of its own.
pub(super) fn names_this_machine(headers: &HeaderMap, uri: &Uri) -> bool {
    let host = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .or_else(|| uri.host());
    host.is_some_and(is_this_machine)
}

fn is_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_this_machine;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for good in [
            "localhost",
            "LOCALHOST:50152",
            "127.0.0.1:50152",
            "127.0.0.2",
            "[::1]:50152",
            "[::1]",
        ] {
            assert!(is_this_machine(good), "{good}");
        }
        for bad in [
            "example.org",
            "localhost.example.org:50152",
            "127.0.0.1.example.org",
            "10.0.0.1:50152",
            "",
            "[::1",
        ] {
            assert!(!is_this_machine(bad), "{bad}");
        }
    }
}
