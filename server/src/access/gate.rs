//! The gate before every method: no call reaches its handler without a caller who may make it somewhere.

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::task::{Context, Poll};

use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, Request, Response};
use tonic::body::Body;
use tonic::transport::server::TcpConnectInfo;
use tonic::{Code, Status};
use tower::{Layer, Service};

use super::caller::Caller;
use super::methods;
use super::secret::Secret;
use super::verifier::Verifier;
use crate::refusal::Refusal;

/// Paths under these are diel's, and Flight's that diel serves; health and reflection are open to everybody.
const GUARDED: [&str; 2] = ["/diel.", "/arrow."];

/// Puts a [`Gate`] before services.
#[derive(Debug, Clone)]
pub(crate) struct GateLayer(pub(crate) Verifier);

impl<S> Layer<S> for GateLayer {
    type Service = Gate<S>;

    fn layer(&self, inner: S) -> Gate<S> {
        Gate {
            verifier: self.0.clone(),
            inner,
        }
    }
}

/// Lets calls through with their [`Caller`] and answers the others.
#[derive(Debug, Clone)]
pub(crate) struct Gate<S> {
    verifier: Verifier,
    inner: S,
}

type Answer<E> = Pin<Box<dyn Future<Output = Result<Response<Body>, E>> + Send>>;

impl<S> Service<Request<Body>> for Gate<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answer<Infallible>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // The service that is ready is the one to call; its clone gets ready for the next.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        let path = request.uri().path();
        if !GUARDED.iter().any(|guarded| path.starts_with(guarded)) {
            return Box::pin(inner.call(request));
        }
        let verifier = self.verifier.clone();
        Box::pin(async move {
            let (mut head, body) = request.into_parts();
            let caller = match admit(&verifier, &head).await {
                Ok(caller) => caller,
                Err(status) => return Ok(status.into_http()),
            };
            head.extensions.insert(caller.clone());
            let response = inner.call(Request::from_parts(head, body)).await?;
            if !caller.has_asked() && is_success(&response) {
                let defect = Refusal::Defect("a handler that did not ask whether its caller may");
                return Ok(Status::from(defect).into_http());
            }
            Ok(response)
        })
    }
}

async fn admit(verifier: &Verifier, head: &Parts) -> Result<Caller, Status> {
    let path = head.uri.path().trim_start_matches('/');
    let method = methods::find(path).ok_or_else(|| {
        tracing::debug!("a method without a row in access/methods.rs");
        Status::unimplemented(format!(
            "{path} is no method of this server, or nobody has said who may call it"
        ))
    })?;
    let address = peer(head);
    let token = bearer(&head.headers);
    let principal = verifier
        .verify(token)
        .await
        .map_err(|error| verifier.turn_away(error, address))?;
    let caller = Caller {
        principal,
        method,
        verifier: verifier.clone(),
        token: token.and_then(Secret::parse),
        address,
        asked: Arc::new(AtomicBool::new(false)),
    };
    caller.pay()?;
    caller.enter()?;
    Ok(caller)
}

/// The token of `authorization: Bearer TOKEN`; empty behind another scheme, which is as good as none.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn peer(head: &Parts) -> Option<IpAddr> {
    let info = head.extensions.get::<TcpConnectInfo>()?;
    info.remote_addr().map(|address| address.ip())
}

/// Whether a response says nothing of a failure, as far as its head tells.
fn is_success(response: &Response<Body>) -> bool {
    Status::from_header_map(response.headers()).is_none_or(|status| status.code() == Code::Ok)
}
