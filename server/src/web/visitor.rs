//! Who looks at a page, and the proof that a form was made for them.
//!
//! The session is a value that only the browser and this server know: a cookie that scripts cannot read and that is
//! sent from the console's own pages alone. Where callers need tokens it is the visitor's token, else a random text. A
//! form carries a digest of it, so that no other page can post in a visitor's name even where a browser were to send the
//! cookie along.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{Request, State};
use axum::http::header::{COOKIE, HOST, ORIGIN, SET_COOKIE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use uuid::Uuid;

use super::listening::Peer;
use super::refused::{Refused, plain};
use super::{Console, download};
use crate::access::{AccessMode, Caller, Principal, Secret, TokenError, Verifier, bearer};
use crate::refusal::Refusal;

/// The cookie that holds the session.
const SESSION: &str = "diel_session";
/// Most characters of a session.
const SESSION_CHARACTERS: usize = 128;
/// Keeps the digests of forms apart from all others that are made of a session.
const FORM: &str = "diel console form 1";

/// Who looks at a page.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    principal: Arc<Principal>,
    verifier: Verifier,
    token: Option<Secret>,
    address: Option<IpAddr>,
    session: String,
    /// Whether the page has asked what the visitor may: one that has not is held back.
    asked: Arc<AtomicBool>,
}

impl Visitor {
    /// The name that history and audit show.
    pub(super) fn name(&self) -> &str {
        self.principal.name()
    }

    /// Whether the visitor came with a token, and can take it back.
    pub(super) fn has_token(&self) -> bool {
        self.verifier.mode() == AccessMode::Tokens
    }

    /// The visitor as the caller of a method, by its name: a page shows what the method would answer.
    ///
    /// # Errors
    /// As the gate before every method.
    pub(super) fn calls(&self, method: &str) -> Result<Caller, Refusal> {
        self.asked.store(true, Ordering::Relaxed);
        Caller::elsewhere(
            &self.verifier,
            Arc::clone(&self.principal),
            method,
            self.token.clone(),
            self.address,
        )
    }

    /// What a form of this visitor's carries.
    pub(super) fn form_key(&self) -> String {
        key(&self.session).to_hex().to_string()
    }

    /// Whether a form was made for this visitor. The comparison takes as long whatever differs.
    /// A form that was not is counted among the refused calls.
    pub(super) fn owns_form(&self, form_key: &str) -> bool {
        let owns =
            blake3::Hash::from_hex(form_key).is_ok_and(|form_key| form_key == key(&self.session));
        if !owns {
            self.verifier.refused().form(self.name(), self.address);
        }
        owns
    }
}

fn key(session: &str) -> blake3::Hash {
    blake3::Hash::from_bytes(blake3::derive_key(FORM, session.as_bytes()))
}

/// Lets a request in: finds out who asks, and refuses what comes from pages of others.
pub(super) async fn enter(
    State(console): State<Console>,
    mut request: Request,
    next: Next,
) -> Response {
    let address = request.extensions().get::<Peer>().map(|peer| peer.0);
    if *request.method() == Method::POST && !is_from_here(request.headers()) {
        console.service.verifier.refused().form("", address);
        return Refused::forbidden(
            "This form was not sent from a page of the console; nothing was stored.",
        )
        .into_response();
    }
    let verifier = &console.service.verifier;
    let kept = session_of(request.headers());
    let token = bearer(request.headers()).or(kept.as_deref());
    let principal = match verifier.verify(token).await {
        Ok(principal) => principal,
        Err(error) => return turned_away(&request, verifier, error, address),
    };
    let needs_token = verifier.mode() == AccessMode::Tokens;
    let is_new = kept.is_none() && !needs_token;
    let session = match (needs_token, token) {
        (true, Some(token)) => token.to_owned(),
        _ => kept.clone().unwrap_or_else(new_session),
    };
    let visitor = Visitor {
        principal,
        verifier: verifier.clone(),
        token: token.and_then(Secret::parse),
        address,
        session,
        asked: Arc::default(),
    };
    request.extensions_mut().insert(visitor.clone());
    let mut response = next.run(request).await;
    if response.status().is_success() && !visitor.asked.load(Ordering::Relaxed) {
        let defect = Refusal::Defect("a page that did not ask whether its visitor may");
        return Refused::from(defect).into_response();
    }
    if is_new {
        set_session(&mut response, &visitor.session, console.secure);
    }
    response
}

/// A browser is led to the page where one logs in, and back; a program is told what it needs.
fn turned_away(
    request: &Request,
    verifier: &Verifier,
    error: TokenError,
    address: Option<IpAddr>,
) -> Response {
    let path = request.uri().path();
    let is_download = download::is_download(path);
    if *request.method() == Method::GET && !is_download && !matches!(error, TokenError::Store(_)) {
        if !matches!(error, TokenError::Missing) {
            let _ = verifier.turn_away(error, address);
        }
        let to = request
            .uri()
            .path_and_query()
            .map_or(path, |whole| whole.as_str());
        let to = askama::filters::urlencode_strict(to)
            .map(|to| to.to_string())
            .unwrap_or_default();
        return Redirect::to(&format!("/login?to={to}")).into_response();
    }
    let refused = Refused::from(verifier.turn_away(error, address));
    let mut response = if is_download {
        plain(&refused)
    } else {
        refused.into_response()
    };
    if response.status() == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(WWW_AUTHENTICATE, scheme);
    }
    response
}

/// Gives the browser a session; an empty one takes it back.
pub(super) fn set_session(response: &mut Response, session: &str, secure: bool) {
    let age = if session.is_empty() {
        "; Max-Age=0"
    } else {
        ""
    };
    let secure = if secure { "; Secure" } else { "" };
    let cookie = format!("{SESSION}={session}; Path=/; HttpOnly; SameSite=Strict{age}{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// A browser names the page's origin with every form; what names none is no browser, and must know the form's key.
pub(super) fn is_from_here(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else {
        return true;
    };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    origin
        .to_str()
        .ok()
        .and_then(|origin| origin.split_once("://"))
        .is_some_and(|(_, authority)| Some(authority) == host)
}

fn session_of(headers: &HeaderMap) -> Option<String> {
    let cookies = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|cookies| cookies.to_str().ok());
    cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, value)| {
            *name == SESSION
                && (1..=SESSION_CHARACTERS).contains(&value.len())
                && value
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
        .map(|(_, value)| value.to_owned())
}

/// Two ids of version 7 hold 148 random bits.
fn new_session() -> String {
    let mut hasher = blake3::Hasher::new();
    hasher
        .update(Uuid::now_v7().as_bytes())
        .update(Uuid::now_v7().as_bytes());
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(of: &[(&'static str, &'static str)]) -> HeaderMap {
        of.iter()
            .map(|(name, value)| {
                (
                    axum::http::HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn a_form_of_another_page_is_seen() {
        let from = |origin| headers(&[("host", "localhost:50152"), ("origin", origin)]);
        assert!(is_from_here(&from("http://localhost:50152")));
        assert!(is_from_here(&headers(&[("host", "localhost:50152")])));
        for other in ["http://localhost:50151", "https://example.org", "null"] {
            assert!(!is_from_here(&from(other)), "{other}");
        }
    }

    #[test]
    fn a_form_belongs_to_its_session() {
        assert_eq!(key("a"), key("a"));
        assert_ne!(key("a"), key("b"));
        assert_ne!(key(""), blake3::hash(b""));
    }

    #[test]
    fn a_session_is_read_back_and_nothing_else() {
        let session = new_session();
        assert_eq!(session.len(), 64);
        let read = |cookie| session_of(&headers(&[("cookie", cookie)]));
        assert_eq!(
            read("a=b; diel_session=diel_00ff"),
            Some("diel_00ff".to_owned())
        );
        assert_eq!(read("diel_session="), None);
        assert_eq!(read("diel_session=a%0d"), None);
        assert_eq!(read("other=diel_00ff"), None);
    }
}
