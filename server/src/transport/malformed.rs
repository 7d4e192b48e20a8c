//! A message that cannot be decoded is the caller's fault, and says so.
//!
//! tonic answers INTERNAL, after gRPC's table of codes; callers would take it for a defect of the server, and operators
//! would look for one.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use tonic::body::Body;
use tonic::{Code, Status};
use tower::{Layer, Service};

use crate::refusal::Refusal;

/// What prost says before the cause.
const UNDECODABLE: &str = "failed to decode Protobuf message";

/// Puts a [`Malformed`] before services.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MalformedLayer;

impl<S> Layer<S> for MalformedLayer {
    type Service = Malformed<S>;

    fn layer(&self, inner: S) -> Malformed<S> {
        Malformed { inner }
    }
}

/// Turns answers about messages that cannot be decoded into INVALID_ARGUMENT.
#[derive(Debug, Clone)]
pub(crate) struct Malformed<S> {
    inner: S,
}

type Answer = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

impl<S> Service<Request<Body>> for Malformed<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Answer {
        let answer = self.inner.call(request);
        Box::pin(async move {
            let response = answer.await?;
            Ok(Status::from_header_map(response.headers())
                .and_then(|status| undecodable(&status))
                .map_or(response, Status::into_http))
        })
    }
}

/// The status to send instead, where a message could not be decoded.
pub(crate) fn undecodable(status: &Status) -> Option<Status> {
    let is_ours = status.code() == Code::Internal && status.message().starts_with(UNDECODABLE);
    is_ours.then(|| {
        let cause = status.message().trim_start_matches(UNDECODABLE);
        let cause = cause.trim_start_matches([':', ' ']);
        let rule = format!("is no message of the method's type: {cause}");
        Refusal::field("request", rule).into()
    })
}
