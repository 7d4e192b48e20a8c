//! Being asked to stop, between files.

use std::future::{Future, ready};
use std::pin::{Pin, pin};
use std::time::Duration;

use crate::output;
use crate::service::stop::StopSignals;

/// Whether the process was asked to stop. A second signal ends it at once.
pub(super) struct Stopping {
    asked: Pin<Box<dyn Future<Output = ()>>>,
    is_asked: bool,
}

impl Stopping {
    pub(super) fn catch() -> std::io::Result<Self> {
        Ok(Self {
            asked: Box::pin(StopSignals::catch()?.asked()),
            is_asked: false,
        })
    }

    /// Whether it was asked by now.
    pub(super) async fn is_asked(&mut self) -> bool {
        self.unless_asked(ready(())).await.is_none()
    }

    /// Waits. Returns at once, and true, when it is asked to stop.
    pub(super) async fn pause(&mut self, pause: Duration) -> bool {
        self.unless_asked(tokio::time::sleep(pause)).await.is_none()
    }

    /// Finishes the work at hand, asked or not.
    pub(super) async fn during<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        if let Some(done) = self.unless_asked(work.as_mut()).await {
            return done;
        }
        output::tell("asked to stop: the file at hand is finished first");
        work.await
    }

    async fn unless_asked<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        if self.is_asked {
            return None;
        }
        tokio::select! {
            biased;
            () = &mut self.asked => {
                self.is_asked = true;
                None
            }
            done = work => Some(done),
        }
    }
}
