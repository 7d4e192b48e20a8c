//! Until when a caller waits, and how long one call may take, also inside the stream of its answer.
//!
//! A limit on the call alone ends with the head of the answer: what streams behind it would go on for a caller that has
//! long given up.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep};
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

use super::deadline;

/// Puts a [`Patience`] before services.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PatienceLayer {
    /// How long a call may take until it begins to answer.
    pub(crate) call: Duration,
}

impl<S> Layer<S> for PatienceLayer {
    type Service = Patience<S>;

    fn layer(&self, inner: S) -> Patience<S> {
        Patience {
            call: self.call,
            inner,
        }
    }
}

/// Ends calls that take too long.
#[derive(Debug, Clone)]
pub(crate) struct Patience<S> {
    call: Duration,
    inner: S,
}

type Answer = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

impl<S> Service<Request<Body>> for Patience<S>
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
        let stated = deadline::of(request.headers());
        let own = Instant::now() + self.call;
        let until = stated.map_or(own, |stated| stated.min(own));
        let answer = self.inner.call(request);
        Box::pin(async move {
            let Ok(answer) = tokio::time::timeout_at(until, answer).await else {
                return Ok(exceeded(stated.is_some_and(|stated| stated <= own)).into_http());
            };
            let response = answer?;
            Ok(match stated {
                None => response,
                Some(stated) => response.map(|body| {
                    Body::new(Ending {
                        body,
                        end: Some(Box::pin(tokio::time::sleep_until(stated))),
                    })
                }),
            })
        })
    }
}

fn exceeded(by_caller: bool) -> Status {
    Status::deadline_exceeded(if by_caller {
        "the caller's deadline is over"
    } else {
        "the call took longer than this server gives one"
    })
}

/// The body of an answer that ends at the caller's deadline.
struct Ending {
    body: Body,
    /// `None` once the deadline was told.
    end: Option<Pin<Box<Sleep>>>,
}

impl HttpBody for Ending {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Some(end) = self.end.as_mut() else {
            return Poll::Ready(None);
        };
        // The deadline first: an answer that always has more to say would never let it be looked at.
        if end.as_mut().poll(context).is_ready() {
            self.end = None;
            // What would have been said is dropped, and with it whoever says it.
            self.body = Body::empty();
            let mut trailers = HeaderMap::new();
            exceeded(true).add_header(&mut trailers)?;
            return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
        }
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.end.is_none() || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
