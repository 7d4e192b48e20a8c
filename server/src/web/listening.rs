//! The console's own listener, beside gRPC's: bounded connections, and none that only pretends to ask.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::service::Service;

/// Connections open at once; one more waits until another ends.
const MOST_CONNECTIONS: usize = 512;
/// How long a request's head may take to come, also the first on a connection.
const HEAD_SECONDS: Duration = Duration::from_secs(20);
/// How long to wait when the system can open no more connections.
const BREATH: Duration = Duration::from_millis(200);

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
    /// Begins to answer on a listener, until the service stops. `secure` keeps sessions on TLS, where somebody ends it
    /// before this server.
    pub(crate) fn start(listener: TcpListener, service: Service, secure: bool) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let stopping = service.stopping.clone();
        let router = super::router(service, secure);
        let serving = tokio::spawn(serve(listener, router, stopping));
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

async fn serve(listener: TcpListener, router: Router, stopping: CancellationToken) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_SECONDS);
    let connections = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            () = stopping.cancelled() => break,
            accepted = accept(&listener, &connections) => accepted,
        };
        let Some((stream, peer, permit)) = accepted else {
            continue;
        };
        let router = router.clone();
        let answer = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            router.clone().oneshot(request.map(Body::new))
        });
        let connection = http.serve_connection(TokioIo::new(stream), answer);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to the console broke");
            }
            drop(permit);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

type Accepted = (TcpStream, IpAddr, OwnedSemaphorePermit);

async fn accept(listener: &TcpListener, connections: &Arc<Semaphore>) -> Option<Accepted> {
    let permit = Arc::clone(connections).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer.ip(), permit)),
        Err(error) => {
            tracing::warn!(%error, "the console could not accept a connection");
            tokio::time::sleep(BREATH).await;
            None
        }
    }
}
