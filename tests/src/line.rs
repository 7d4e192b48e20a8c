//! A line between clients and a server: an address that stays when the server moves, and can be cut at any byte.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A line that passes on what it is sent, both ways.
#[derive(Debug)]
pub struct Line {
    address: SocketAddr,
    end: Arc<Mutex<SocketAddr>>,
    cuts: watch::Sender<u64>,
    passing: JoinHandle<()>,
}

impl Line {
    /// Opens a line to a server.
    ///
    /// # Errors
    /// No port is free.
    pub async fn open(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let end = Arc::new(Mutex::new(server));
        let (cuts, cut) = watch::channel(0);
        let to = Arc::clone(&end);
        let passing = tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                let server = *to.lock().unwrap_or_else(PoisonError::into_inner);
                tokio::spawn(pass(caller, server, cut.clone()));
            }
        });
        Ok(Self {
            address,
            end,
            cuts,
            passing,
        })
    }

    /// Where clients connect to.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// New connections go to this server from now on.
    pub fn lead_to(&self, server: SocketAddr) {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner) = server;
    }

    /// Cuts every connection where it is.
    pub fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.passing.abort();
        self.cut();
    }
}

/// A server that is not there, an end and a cut are the same to a caller: the connection closes.
async fn pass(mut caller: TcpStream, server: SocketAddr, mut cut: watch::Receiver<u64>) {
    cut.mark_unchanged();
    if let Ok(mut server) = TcpStream::connect(server).await {
        let _ = caller.set_nodelay(true);
        let _ = server.set_nodelay(true);
        tokio::select! {
            _ = tokio::io::copy_bidirectional(&mut caller, &mut server) => {}
            _ = cut.changed() => {}
        }
    }
}
