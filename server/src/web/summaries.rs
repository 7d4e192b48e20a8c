//! Overviews that are kept, because each costs a walk through its study.
//!
//! A visitor gets the one that is there, with its age; when it is old, another is made meanwhile. What was dear to make
//! is kept longer: making them never takes more than a twentieth of one core.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diel_core::QueueSummary;
use diel_store::{FlagFilter, FlagState, Overview, StoreError};
use jiff::Timestamp;
use tokio::sync::Notify;

use crate::service::Service;

/// The least age at which another is made.
const KEPT: Duration = Duration::from_secs(5);
/// How many times as long as it took to make it an overview is kept at least.
const TIMES_ITS_COST: u32 = 20;
/// How long the first visitor waits for the first overview.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// Most studies whose overviews are kept.
const MOST_STUDIES: usize = 64;

/// An overview and when it was made.
#[derive(Debug)]
pub(super) struct Summary {
    /// What was found.
    pub(super) overview: Overview,
    /// How many of the flags that wait are expected to be false.
    pub(super) queue: QueueSummary,
    /// When it was begun.
    pub(super) made: Timestamp,
    begun: Instant,
    took: Duration,
}

impl Summary {
    fn is_old(&self) -> bool {
        self.begun.elapsed() > KEPT.max(self.took * TIMES_ITS_COST)
    }
}

#[derive(Debug, Default)]
struct Entry {
    summary: Option<Arc<Summary>>,
    is_being_made: bool,
}

/// The overviews of the studies that were looked at last.
#[derive(Debug, Default)]
pub(super) struct Summaries {
    kept: Mutex<HashMap<String, Entry>>,
    made: Notify,
}

impl Summaries {
    /// The overview of a study that exists; `None` when the first is still being made.
    pub(super) async fn of(
        self: &Arc<Self>,
        service: &Service,
        study: &str,
    ) -> Option<Arc<Summary>> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let made = self.made.notified();
            if let Some(summary) = self.look(service, study) {
                return Some(summary);
            }
            if tokio::time::timeout_at(deadline, made).await.is_err() {
                return self.look(service, study);
            }
        }
    }

    /// What is there; sees to it that another is made when there is none or it is old.
    fn look(self: &Arc<Self>, service: &Service, study: &str) -> Option<Arc<Summary>> {
        let mut kept = self.locked();
        if !kept.contains_key(study) && kept.len() >= MOST_STUDIES {
            kept.retain(|_, entry| entry.is_being_made);
        }
        let entry = kept.entry(study.to_owned()).or_default();
        let is_old = entry
            .summary
            .as_ref()
            .is_none_or(|summary| summary.is_old());
        if is_old && !entry.is_being_made {
            entry.is_being_made = true;
            let (all, service, study) = (Arc::clone(self), service.clone(), study.to_owned());
            tokio::spawn(async move { all.make(&service, study).await });
        }
        entry.summary.clone()
    }

    async fn make(&self, service: &Service, study: String) {
        let (begun, made) = (Instant::now(), service.clock.now());
        let overview = tokio::select! {
            overview = gather(service, &study) => overview,
            () = service.stopping.cancelled() => return,
        };
        if let Err(error) = &overview {
            tracing::error!(error = ?error, "no overview could be made");
        }
        let mut kept = self.locked();
        let entry = kept.entry(study).or_default();
        entry.is_being_made = false;
        if let Ok((overview, queue)) = overview {
            entry.summary = Some(Arc::new(Summary {
                overview,
                queue,
                made,
                begun,
                took: begun.elapsed(),
            }));
        }
        drop(kept);
        self.made.notify_waiters();
    }

    /// The map is whole between any two calls, also after a panic elsewhere.
    fn locked(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn gather(service: &Service, study: &str) -> Result<(Overview, QueueSummary), StoreError> {
    let overview = service.store.overview(study).await?;
    let waiting = FlagFilter {
        states: FlagState::WAITING.to_vec(),
        ..FlagFilter::default()
    };
    let queue = service.store.queue_summary(study, &waiting).await?;
    Ok((overview, queue))
}
