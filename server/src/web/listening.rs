//! The console's own listener, beside gRPC's: bounded connections, and none that only pretends to ask.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::metrics::{Limit, Shed};
use crate::service::Service;
use crate::transport::{Place, Places, Tls, accept};

/// How long a request's head may take to come, also the first on a connection.
const HEAD_SECONDS: Duration = Duration::from_secs(20);
/// How long TLS may take to come about.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// Where a request came from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

/// The console at work.
#[derive(Debug)]
pub(crate) struct Listening {
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Listening {
    /// Begins to answer on a listener, until the service stops. `behind_tls_proxy` keeps sessions on TLS, as this server's
    /// own does.
    pub(crate) fn start(
        listener: TcpListener,
        service: Service,
        tls: Option<Tls>,
        behind_tls_proxy: bool,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let stopping = service.stopping.clone();
        let shown = &service.metrics.limits;
        let door = Places::shown(&service.limits, Limit::ConsoleConnections, shown);
        let router = super::router(service, tls.is_some(), behind_tls_proxy);
        let serving = tokio::spawn(serve(listener, router, tls, door, stopping));
        tracing::info!(%address, "serving the console");
        Ok(Self { address, serving })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until what was accepted is answered, at most until an instant.
    pub(crate) async fn drain(mut self, until: Instant) {
        if tokio::time::timeout_at(until, &mut self.serving)
            .await
            .is_err()
        {
            tracing::warn!("cut connections of the console that did not end");
            self.serving.abort();
        }
    }
}

async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Option<Tls>,
    (places, shed): (Places, Shed),
    stopping: CancellationToken,
) {
    let graceful = GracefulShutdown::new();
    loop {
        let (stream, peer, place) = tokio::select! {
            () = stopping.cancelled() => break,
            accepted = accept(&listener, &places, &shed) => accepted,
        };
        let (router, peer) = (router.clone(), peer.ip());
        let watcher = graceful.watcher();
        match tls.clone() {
            None => {
                tokio::spawn(answer(stream, peer, router, watcher, place));
            }
            Some(tls) => {
                tokio::spawn(async move {
                    match tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
                        Ok(Ok(stream)) => answer(stream, peer, router, watcher, place).await,
                        Ok(Err(error)) => tracing::debug!(%error, "TLS did not come about"),
                        Err(_) => tracing::debug!("TLS did not come about in time"),
                    }
                });
            }
        }
    }
    drop(listener);
    graceful.shutdown().await;
}

/// Answers the requests of one connection, one after the other.
async fn answer<I>(stream: I, peer: IpAddr, router: Router, watcher: Watcher, place: Place)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_SECONDS);
    let answer = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        router.clone().oneshot(request.map(Body::new))
    });
    let connection = watcher.watch(http.serve_connection(TokioIo::new(stream), answer));
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection to the console broke");
    }
    drop(place);
}
