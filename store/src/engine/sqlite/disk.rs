//! What the disk said: after an error of it nothing more is written, for good.
//!
//! A page that a failed sync should have written may be gone from the cache of the system, so that a later sync that
//! succeeds says nothing about it. Whoever goes on writing then answers for what is not there.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use crate::StoreError;
use crate::fault::Fault;

/// Whether the disk has failed.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    failed: AtomicBool,
    noticed: Notify,
}

impl Disk {
    /// Refuses to write to a disk that has failed.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        if self.failed.load(Ordering::Acquire) {
            return Err(StoreError::DiskFailed.into());
        }
        Ok(())
    }

    /// Looks at how a write ended.
    pub(crate) fn learn<T>(&self, done: &Result<T, Fault>) {
        let Some(error) = done.as_ref().err().and_then(Fault::engine) else {
            return;
        };
        if is_of_disk(error) && !self.failed.swap(true, Ordering::AcqRel) {
            tracing::error!(
                %error,
                "the disk failed: nothing more is written; look at the disk, run `diel verify`, and start again"
            );
            self.noticed.notify_waiters();
        }
    }

    /// Waits until the disk has failed.
    pub(crate) async fn failed(&self) {
        loop {
            let noticed = self.noticed.notified();
            if self.failed.load(Ordering::Acquire) {
                return;
            }
            noticed.await;
        }
    }
}

/// SQLITE_IOERR and its kin, SQLITE_CORRUPT and SQLITE_NOTADB. A full disk is none: it can have room again.
fn is_of_disk(error: &sqlx::Error) -> bool {
    const OF_DISK: [u32; 3] = [10, 11, 26];
    let code = error.as_database_error().and_then(|error| error.code());
    code.and_then(|code| code.parse::<u32>().ok())
        .is_some_and(|code| OF_DISK.contains(&(code & 0xff)))
}
