//! A bound on the bytes of requests that are being read and decoded at once, in all connections.
//!
//! A message of tiny rows decodes to 25 times its size, so that a limit on one message bounds nothing when many come at
//! once. The whole message is asked for when its prefix has come: taken piece by piece, messages could each hold a part
//! and wait for the rest forever.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

use super::framing::Framing;
use crate::metrics::{Limit, LimitsInUse, Shed};
use crate::refusal::Refusal;

/// How long a message waits for the bytes that others hold before its call is told to come back.
const WAIT: Duration = Duration::from_secs(5);

/// Puts a [`Budget`] before services.
#[derive(Debug, Clone)]
pub(crate) struct BudgetLayer {
    bytes: Arc<Semaphore>,
    shed: Shed,
    /// A longer message is refused by the decoder before anything of it is read; it needs no bytes.
    message_bytes: usize,
}

impl BudgetLayer {
    pub(crate) fn new(request_bytes: usize, message_bytes: usize, shown: &LimitsInUse) -> Self {
        // A message that is allowed must be possible.
        let bytes = request_bytes.max(message_bytes).min(Semaphore::MAX_PERMITS);
        let most = bytes;
        let bytes = Arc::new(Semaphore::new(most));
        let looked_at = Arc::clone(&bytes);
        Self {
            bytes,
            shed: shown.watch(Limit::RequestBytes, most, move || {
                most.saturating_sub(looked_at.available_permits())
            }),
            message_bytes,
        }
    }
}

impl<S> Layer<S> for BudgetLayer {
    type Service = Budget<S>;

    fn layer(&self, inner: S) -> Budget<S> {
        Budget {
            terms: self.clone(),
            inner,
        }
    }
}

/// Holds back the bodies of requests until there are bytes for their messages.
#[derive(Debug, Clone)]
pub(crate) struct Budget<S> {
    terms: BudgetLayer,
    inner: S,
}

type Answer = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

impl<S> Service<Request<Body>> for Budget<S>
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
        let held = Held::default();
        let request = request.map(|body| {
            Body::new(Metered {
                body,
                terms: self.terms.clone(),
                held: held.clone(),
                framing: Framing::default(),
                waiting: None,
            })
        });
        let answer = self.inner.call(request);
        Box::pin(async move {
            let answer = answer.await;
            // A unary call is done with its message; that of a stream is held by the body that goes on.
            drop(held);
            answer
        })
    }
}

/// The bytes that one call holds: by its body, and by its handler until it has answered.
#[derive(Debug, Clone, Default)]
struct Held(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

impl Held {
    fn add(&self, permit: OwnedSemaphorePermit) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match held.as_mut() {
            Some(held) => held.merge(permit),
            None => *held = Some(permit),
        }
    }

    fn release(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

type Acquired = Result<Result<OwnedSemaphorePermit, AcquireError>, Elapsed>;

/// A wait for the bytes of a message.
type Wait = Pin<Box<dyn Future<Output = Acquired> + Send>>;

/// A body whose messages are paid for before they are decoded.
struct Metered {
    body: Body,
    terms: BudgetLayer,
    held: Held,
    framing: Framing,
    /// A piece that came, and the wait for its bytes.
    waiting: Option<(Option<Frame<Bytes>>, Wait)>,
}

impl HttpBody for Metered {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.waiting.is_none() {
            let frame = match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => frame,
                other => return Poll::Ready(other),
            };
            let Some(data) = frame.data_ref() else {
                return Poll::Ready(Some(Ok(frame)));
            };
            // More is asked for although all that began had come: the messages before are decoded and in their handler's
            // hands, one at a time.
            let is_done_with_earlier = self.framing.is_between();
            let piece = self.framing.take(data);
            if piece.begun == 0 {
                return Poll::Ready(Some(Ok(frame)));
            }
            if is_done_with_earlier {
                self.held.release();
            }
            let wanted = piece.begun_bytes.min(self.terms.message_bytes);
            let wanted = u32::try_from(wanted).unwrap_or(u32::MAX);
            let bytes = Arc::clone(&self.terms.bytes);
            self.waiting = Some((
                Some(frame),
                Box::pin(timeout(WAIT, bytes.acquire_many_owned(wanted))),
            ));
        }
        let Some((frame, wait)) = self.waiting.as_mut() else {
            return Poll::Pending;
        };
        let acquired = ready!(wait.as_mut().poll(context));
        let frame = frame.take();
        self.waiting = None;
        match acquired {
            Ok(Ok(permit)) => {
                self.held.add(permit);
                Poll::Ready(frame.map(Ok))
            }
            _ => {
                self.terms.shed.count();
                let full = "as many bytes of requests as this server holds at once are under way";
                Poll::Ready(Some(Err(Refusal::Overloaded(full).into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.waiting.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
