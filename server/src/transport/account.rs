//! The account of every call: its id, its span in the log, what it counts as, and one line when it has ended.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tonic::body::Body;
use tonic::{Code, Status};
use tower::{Layer, Service};
use tracing::{Instrument as _, Span};

use crate::access::method_name;
use crate::call::{CallId, trace_id};
use crate::metrics::{Calls, code_word};

/// Puts an [`Account`] before services.
#[derive(Debug, Clone)]
pub(crate) struct AccountLayer {
    pub(crate) calls: Calls,
}

impl<S> Layer<S> for AccountLayer {
    type Service = Account<S>;

    fn layer(&self, inner: S) -> Account<S> {
        Account {
            calls: self.calls.clone(),
            inner,
        }
    }
}

/// Gives every call an id and keeps account of it.
#[derive(Debug, Clone)]
pub(crate) struct Account<S> {
    calls: Calls,
    inner: S,
}

type Answer = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

impl<S> Service<Request<Body>> for Account<S>
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
        let mut entry = Entry::open(&self.calls, &request);
        let answer = entry.step(|| self.inner.call(request));
        let answer = entry
            .id
            .clone()
            .during(answer)
            .instrument(entry.span.clone());
        Box::pin(async move {
            let mut response = answer.await?;
            entry.id.tell(response.headers_mut());
            if let Some(status) = Status::from_header_map(response.headers()) {
                entry.code = status.code();
                drop(entry);
                return Ok(response);
            }
            Ok(response.map(|body| {
                Body::new(Accounted {
                    body,
                    entry: Some(entry),
                })
            }))
        })
    }
}

/// A call that has begun. It ends when dropped.
struct Entry {
    calls: Calls,
    id: CallId,
    method: &'static str,
    span: Span,
    began: Instant,
    /// What it ended with. Unless somebody says otherwise, its caller did not wait for the end.
    code: Code,
}

impl Entry {
    fn open(calls: &Calls, request: &Request<Body>) -> Self {
        let id = CallId::of(request.headers());
        let method = method_name(request.uri().path());
        calls.begin(method);
        // At the level of errors, so that lines of every level can be told apart by their calls.
        let trace = trace_id(request.headers());
        let span = tracing::error_span!("call", id = id.as_str(), method, trace);
        Self {
            calls: calls.clone(),
            id,
            method,
            span,
            began: Instant::now(),
            code: Code::Cancelled,
        }
    }

    /// Takes a step of the call.
    fn step<T>(&self, step: impl FnOnce() -> T) -> T {
        self.span.in_scope(|| self.id.during_step(step))
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let lasted = self.began.elapsed();
        self.calls.end(self.method, self.code, lasted);
        self.span.in_scope(|| {
            tracing::info!(
                code = code_word(self.code),
                seconds = lasted.as_secs_f64(),
                "ended"
            );
        });
    }
}

/// The body of an answer, whose trailers say how the call ended.
struct Accounted {
    body: Body,
    /// `None` once the call has ended.
    entry: Option<Entry>,
}

impl HttpBody for Accounted {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        let body = Pin::new(&mut this.body);
        let frame = ready!(match &this.entry {
            Some(entry) => entry.step(|| body.poll_frame(context)),
            None => body.poll_frame(context),
        });
        let code = match &frame {
            Some(Ok(frame)) => frame.trailers_ref().map(|trailers| {
                Status::from_header_map(trailers).map_or(Code::Unknown, |status| status.code())
            }),
            Some(Err(status)) => Some(status.code()),
            None => Some(Code::Unknown),
        };
        if let (Some(code), Some(mut entry)) = (code, this.entry.take_if(|_| code.is_some())) {
            entry.code = code;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
