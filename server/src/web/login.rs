//! Logging in with a token, and out.

use askama::Template;
use axum::Extension;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::Console;
use super::frame::Frame;
use super::listening::Peer;
use super::query::Given;
use super::refused::{Refused, page};
use super::visitor::{self, Visitor};
use crate::access::{AccessMode, TokenError};

/// Where one goes without saying where to.
const HOME: &str = "/studies";

#[derive(Template)]
#[template(path = "login.html")]
struct Page {
    frame: Frame,
    to: String,
    refused: String,
}

/// The fields of the form.
#[derive(Debug, Deserialize)]
pub(super) struct LogIn {
    #[serde(default)]
    token: String,
    #[serde(default)]
    to: String,
}

/// The fields of the form that ends a session.
#[derive(Debug, Deserialize)]
pub(super) struct LogOut {
    #[serde(default)]
    key: String,
}

pub(super) async fn show(
    State(console): State<Console>,
    mut given: Given,
) -> Result<Response, Refused> {
    if console.service.verifier.mode() == AccessMode::Open {
        return Ok(Redirect::to(HOME).into_response());
    }
    page(&Page {
        frame: Frame::bare(),
        to: within(&given.take("to")).to_owned(),
        refused: String::new(),
    })
}

pub(super) async fn enter(
    State(console): State<Console>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    Form(form): Form<LogIn>,
) -> Result<Response, Refused> {
    let address = peer.map(|Extension(peer)| peer.0);
    if !visitor::is_from_here(&headers) {
        console.service.verifier.refused().form("", address);
        return Err(Refused::forbidden(
            "This form was not sent from a page of the console.",
        ));
    }
    let verifier = &console.service.verifier;
    let token = form.token.trim();
    match verifier.verify(Some(token)).await {
        Ok(_) => {
            let mut response = Redirect::to(within(&form.to)).into_response();
            visitor::set_session(&mut response, token, console.secure);
            Ok(response)
        }
        Err(error @ TokenError::Store(_)) => Err(verifier.turn_away(error, None).into()),
        Err(error) => {
            let refused = in_words(&error);
            let _ = verifier.turn_away(error, address);
            let shown = page(&Page {
                frame: Frame::bare(),
                to: within(&form.to).to_owned(),
                refused: refused.to_owned(),
            })?;
            Ok((StatusCode::UNAUTHORIZED, shown).into_response())
        }
    }
}

fn in_words(error: &TokenError) -> &'static str {
    match error {
        TokenError::Expired => "This token has expired; ask an admin for another.",
        TokenError::Revoked => "This token was revoked; ask an admin for another.",
        _ => "This token is not known.",
    }
}

pub(super) async fn leave(
    State(console): State<Console>,
    Extension(visitor): Extension<Visitor>,
    Form(form): Form<LogOut>,
) -> Result<Response, Refused> {
    if !visitor.owns_form(&form.key) {
        return Err(Refused::forbidden("This form was not made for you."));
    }
    let mut response = Redirect::to("/login").into_response();
    visitor::set_session(&mut response, "", console.secure);
    Ok(response)
}

/// A place in the console; whatever leads elsewhere leads home.
fn within(to: &str) -> &str {
    let leads_within = to.starts_with('/')
        && !to.starts_with("//")
        && !to.contains('\\')
        && !to.chars().any(char::is_control);
    if leads_within { to } else { HOME }
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn logging_in_leads_nowhere_else() {
        assert_eq!(within("/studies/a/flags?page=x"), "/studies/a/flags?page=x");
        for elsewhere in [
            "",
            "https://example.org",
            "//example.org",
            "/\\example.org",
            "/\n",
        ] {
            assert_eq!(within(elsewhere), "/studies", "{elsewhere:?}");
        }
    }
}
