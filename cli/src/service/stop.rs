//! Waiting for the signal to stop.

use std::io;

/// Returns once the process is asked to stop: Ctrl-C, or SIGTERM where there is such a thing. From then on a second
/// signal ends the process at once.
pub(super) async fn asked_to_stop() -> io::Result<()> {
    signal().await?;
    tokio::spawn(async {
        if signal().await.is_ok() {
            std::process::exit(INTERRUPTED);
        }
    });
    Ok(())
}

/// What shells report for a process that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

#[cfg(unix)]
async fn signal() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn signal() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
