//! The accept loop.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use http::{Request, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;

use super::connection::{self, Terms};
use super::places::{Place, Places};
use crate::metrics::Shed;

/// How long to wait when the system can open no more connections: an accept that fails at once would keep a core busy.
const BREATH: Duration = Duration::from_millis(200);

/// A connection that may stay, for as long as its place is held.
pub(crate) type Accepted = (TcpStream, SocketAddr, Place);

/// The next connection that finds a place. One that finds none is closed.
pub(crate) async fn accept(listener: &TcpListener, places: &Places, shed: &Shed) -> Accepted {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => match places.take(peer.ip()) {
                Some(place) => return (stream, peer, place),
                None => {
                    shed.count();
                    tracing::warn!(%peer, "closed a connection: as many as may be are open, in all or from its address");
                }
            },
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

/// Whether an error is the peer's, who is gone, and the next connection may be accepted at once.
fn is_of_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

/// Serves until told to stop. Then no connection is accepted, those that are open finish what they have begun, and what is
/// not finished after `drain` is cut.
pub(crate) async fn serve<S>(
    listener: TcpListener,
    service: S,
    terms: Terms,
    stopping: CancellationToken,
    drain: Duration,
) where
    S: tower::Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send,
{
    let mut open = JoinSet::new();
    loop {
        let (stream, peer, place) = tokio::select! {
            biased;
            () = stopping.cancelled() => break,
            accepted = accept(&listener, &terms.places, &terms.shed) => accepted,
        };
        let terms = terms.clone();
        let service = service.clone();
        let stopping = stopping.clone();
        open.spawn(async move {
            connection::serve(stream, peer, service, terms, stopping).await;
            drop(place);
        });
        // Those that have ended are forgotten.
        while open.try_join_next().is_some() {}
    }
    drop(listener);
    let all_end = async { while open.join_next().await.is_some() {} };
    if timeout(drain, all_end).await.is_err() {
        tracing::warn!(
            connections = open.len(),
            seconds = drain.as_secs(),
            "cut connections that did not end"
        );
        open.shutdown().await;
    }
}
