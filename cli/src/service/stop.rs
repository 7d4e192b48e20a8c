//! Waiting for the signal to stop.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What shells report for a process that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Ctrl-C and SIGTERM, caught from the moment that this exists: a signal that comes before anybody waits is kept.
#[cfg(unix)]
pub(super) struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

#[cfg(unix)]
impl StopSignals {
    pub(super) fn catch() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Returns once the process is asked to stop. From then on a second signal ends it at once.
    pub(super) async fn asked(mut self) {
        self.next().await;
        tokio::spawn(async move {
            self.next().await;
            std::process::exit(INTERRUPTED);
        });
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Ctrl-C alone, where there is no SIGTERM.
#[cfg(not(unix))]
pub(super) struct StopSignals;

#[cfg(not(unix))]
impl StopSignals {
    pub(super) fn catch() -> io::Result<Self> {
        Ok(Self)
    }

    /// Returns once the process is asked to stop. From then on a second signal ends it at once.
    pub(super) async fn asked(self) {
        if tokio::signal::ctrl_c().await.is_ok() {
            tokio::spawn(async {
                if tokio::signal::ctrl_c().await.is_ok() {
                    std::process::exit(INTERRUPTED);
                }
            });
        }
    }
}
