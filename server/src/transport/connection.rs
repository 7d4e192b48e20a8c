//! One connection: TLS where it is asked for, then HTTP/2 within limits, until its age or the server's end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::time::Duration;

use http::{Request, Response};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::transport::server::TcpConnectInfo;
use tower::ServiceExt as _;

use super::opening::Opening;
use super::places::Places;
use super::tls::Tls;
use crate::metrics::{Limit, LimitsInUse, Shed};
use crate::settings::Limits;

/// How often an idle connection is asked whether its peer still lives, and how long the answer may take.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(10));
/// How long a peer may take to begin: TLS, then the words that begin HTTP/2.
const OPENING: Duration = Duration::from_secs(5);
/// Streams that the peer broke and that were never looked at; beyond them the connection ends (CVE-2023-44487).
const RESET_BY_PEER: usize = 20;
/// Streams that were reset for the peer's errors; beyond them the connection ends (RUSTSEC-2024-0003).
const RESET_FOR_ERRORS: usize = 100;
/// Bytes of a request's head, which carries a token and a few words.
const HEAD_BYTES: u32 = 16 * 1024;
/// Bytes of a stream, and of all streams of a connection, that may be under way unread.
const WINDOW_BYTES: (u32, u32) = (256 * 1024, 1024 * 1024);
/// Bytes of answers that wait in one stream for a slow reader.
const SEND_BYTES: usize = 64 * 1024;

/// What holds for every connection.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    pub(super) places: Places,
    pub(super) shed: Shed,
    streams: u32,
    age: Option<Duration>,
    grace: Duration,
    tls: Option<Tls>,
}

impl Terms {
    pub(crate) fn new(limits: &Limits, tls: Option<Tls>, shown: &LimitsInUse) -> Self {
        let (places, shed) = Places::shown(limits, Limit::Connections, shown);
        let age = limits.connection_age_seconds;
        Self {
            places,
            shed,
            streams: limits.streams_per_connection,
            age: (age > 0).then(|| Duration::from_secs(age)),
            grace: Duration::from_secs(limits.connection_grace_seconds),
            tls,
        }
    }

    fn http(&self) -> http2::Builder<TokioExecutor> {
        let mut http = http2::Builder::new(TokioExecutor::new());
        http.timer(TokioTimer::new())
            .max_concurrent_streams(self.streams)
            .max_pending_accept_reset_streams(RESET_BY_PEER)
            .max_local_error_reset_streams(RESET_FOR_ERRORS)
            .max_header_list_size(HEAD_BYTES)
            .initial_stream_window_size(WINDOW_BYTES.0)
            .initial_connection_window_size(WINDOW_BYTES.1)
            .max_send_buf_size(SEND_BYTES)
            .keep_alive_interval(KEEPALIVE.0)
            .keep_alive_timeout(KEEPALIVE.1);
        http
    }

    /// When a connection that begins now is asked to come again: at its age, more or less a tenth, so that peers that came
    /// together do not come back together.
    fn end(&self, peer: SocketAddr) -> Option<Instant> {
        let age = self.age?;
        Instant::now().checked_add(age.mul_f64(0.9 + 0.2 * chance(peer)))
    }
}

/// A number from 0 to 1 that differs from connection to connection.
fn chance(peer: SocketAddr) -> f64 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(peer) as f64 / u64::MAX as f64
}

/// Serves a connection to its end.
pub(super) async fn serve<S>(
    stream: TcpStream,
    peer: SocketAddr,
    service: S,
    terms: Terms,
    stopping: CancellationToken,
) where
    S: tower::Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send,
{
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%peer, %error, "no delay");
    }
    let info = TcpConnectInfo {
        local_addr: stream.local_addr().ok(),
        remote_addr: Some(peer),
    };
    match &terms.tls {
        None => serve_http(stream, info, peer, service, &terms, stopping).await,
        Some(tls) => {
            let handshake = tokio::select! {
                () = stopping.cancelled() => return,
                handshake = tokio::time::timeout(OPENING, tls.accept(stream)) => handshake,
            };
            match handshake {
                Ok(Ok(stream)) => {
                    serve_http(stream, info, peer, service, &terms, stopping).await;
                }
                Ok(Err(error)) => tracing::debug!(%peer, %error, "TLS did not come about"),
                Err(_) => tracing::debug!(%peer, "TLS did not come about in time"),
            }
        }
    }
}

async fn serve_http<I, S>(
    stream: I,
    info: TcpConnectInfo,
    peer: SocketAddr,
    service: S,
    terms: &Terms,
    stopping: CancellationToken,
) where
    I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    S: tower::Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send,
{
    let answer = service_fn(move |mut request: Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(info.clone());
        service.clone().oneshot(request.map(Body::new))
    });
    let io = TokioIo::new(Opening::new(stream, OPENING));
    let connection = pin!(terms.http().serve_connection(io, answer));
    let ended = drive(connection, terms.end(peer), terms.grace, &stopping).await;
    match ended {
        Some(Ok(())) => {}
        Some(Err(error)) => tracing::debug!(%peer, %error, "a connection broke"),
        None => tracing::debug!(%peer, "cut a connection that did not end after its age"),
    }
}

/// Drives a connection; asks it to end at its age and when the server stops. `None` when it did not in its grace; the
/// server's stop has a deadline of its own.
async fn drive<C>(
    mut connection: Pin<&mut C>,
    end: Option<Instant>,
    grace: Duration,
    stopping: &CancellationToken,
) -> Option<hyper::Result<()>>
where
    C: GracefulConnection<Error = hyper::Error>,
{
    tokio::select! {
        biased;
        ended = connection.as_mut() => return Some(ended),
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            return Some(connection.await);
        }
        () = until(end) => connection.as_mut().graceful_shutdown(),
    }
    tokio::time::timeout(grace, connection).await.ok()
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}
