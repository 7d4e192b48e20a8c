//! What a page says when it cannot be shown. Causes have their gRPC codes already; here those become HTTP's.

use askama::Template;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use diel_store::StoreError;
use tonic::{Code, Status};

use super::frame::Frame;
use crate::refusal::Refusal;

/// A refusal on its way to a browser.
#[derive(Debug)]
pub(super) struct Refused {
    code: Code,
    message: String,
}

impl Refused {
    /// Something outside the console's own rules, such as a form without its key.
    pub(super) fn forbidden(message: &str) -> Self {
        Self {
            code: Code::PermissionDenied,
            message: message.to_owned(),
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        match self.code {
            Code::InvalidArgument | Code::OutOfRange => StatusCode::BAD_REQUEST,
            Code::Unauthenticated => StatusCode::UNAUTHORIZED,
            Code::PermissionDenied => StatusCode::FORBIDDEN,
            Code::NotFound => StatusCode::NOT_FOUND,
            Code::Aborted | Code::AlreadyExists | Code::FailedPrecondition => StatusCode::CONFLICT,
            Code::Unavailable | Code::ResourceExhausted | Code::DeadlineExceeded => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn headline(&self) -> &'static str {
        match self.status() {
            StatusCode::BAD_REQUEST => "This address is not understood",
            StatusCode::UNAUTHORIZED => "Log in first",
            StatusCode::FORBIDDEN => "Not allowed",
            StatusCode::NOT_FOUND => "Nothing here",
            StatusCode::CONFLICT => "Somebody else was faster",
            StatusCode::SERVICE_UNAVAILABLE => "Try again in a moment",
            _ => "A defect of diel",
        }
    }
}

impl From<Status> for Refused {
    fn from(status: Status) -> Self {
        Self {
            code: status.code(),
            message: status.message().to_owned(),
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Status::from(refusal).into()
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Refusal::from(error).into()
    }
}

#[derive(Template)]
#[template(path = "refused.html")]
struct Page {
    frame: Frame,
    headline: &'static str,
    message: String,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let page = Page {
            frame: Frame::bare(),
            headline: self.headline(),
            message: self.message.clone(),
        };
        let mut response = match page.render() {
            Ok(text) => (self.status(), Html(text)).into_response(),
            Err(_) => (self.status(), self.message.clone()).into_response(),
        };
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// The refusal as a plain line, for tools.
pub(super) fn plain(refused: &Refused) -> Response {
    (refused.status(), format!("{}\n", refused.message)).into_response()
}

/// A template as an answer.
pub(super) fn page(template: &impl Template) -> Result<Response, Refused> {
    match template.render() {
        Ok(text) => Ok(Html(text).into_response()),
        Err(_) => Err(Refusal::Defect("a template that does not render").into()),
    }
}

/// An address that leads nowhere.
pub(super) async fn nowhere() -> Refused {
    Refused {
        code: Code::NotFound,
        message: "There is no page of this address.".to_owned(),
    }
}
