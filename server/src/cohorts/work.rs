//! A fit as a job: gathers the study slice by slice, fits beside the threads that serve calls, keeps what comes out.
//!
//! Between slices and while it fits, the worker extends its lease; that it cannot, as after the fit was cancelled, is how
//! it learns to stop. What was gathered lives in memory: whoever takes the job over begins anew.

use std::sync::Arc;
use std::time::Duration;

use diel_store::{Fit, FitInput, FitOutcome, Job, PageRequest, StoreError};
use tokio::task::JoinHandle;

use super::estimate::{self, Estimate, EstimateError};
use super::gather::{Cohort, Gathered};
use crate::service::Service;

/// Participants gathered at a time.
const SLICE: u32 = 200;

/// What did it, as fits say it.
const SOFTWARE: &str = concat!("diel ", env!("CARGO_PKG_VERSION"));

/// A job in a worker's hands.
pub(crate) struct Work<'a> {
    pub(crate) service: &'a Service,
    pub(crate) worker: &'a str,
    pub(crate) job: &'a Job,
    pub(crate) lease: Duration,
}

impl Work<'_> {
    /// Does the job to its end. `None` when the server stops before.
    ///
    /// # Errors
    /// [`StoreError::StateForbids`] when the job is no longer this worker's.
    pub(crate) async fn finish(&self) -> Result<Option<Fit>, StoreError> {
        let Self {
            service,
            worker,
            job,
            ..
        } = *self;
        let fit = service.store.fit(&job.study, &job.id).await?;
        let Some(gathered) = self.gather(&fit).await? else {
            return Ok(None);
        };
        if gathered.persons() == 0 {
            let text = "no participant of the study is what the fit asks for";
            return self.fail("no_persons", text).await.map(Some);
        }
        let Some((cohort, fitted)) = self.fit(&fit, gathered.finish()).await? else {
            return Ok(None);
        };
        let Estimate { fit, rows_left_out } = match fitted {
            Ok(estimate) => estimate,
            Err(error) => {
                return self
                    .fail(error.reason(), &error.to_string())
                    .await
                    .map(Some);
            }
        };
        let outcome = FitOutcome {
            fit,
            input: FitInput {
                digest: cohort.digest,
                persons: cohort.persons,
                persons_with_days: cohort.persons_with_days,
                days: cohort.days,
                rows_left_out: u32::try_from(rows_left_out).unwrap_or(u32::MAX),
            },
            software: SOFTWARE.to_owned(),
        };
        let now = service.clock.now();
        let kept = service.store.finish_fit(job, worker, outcome, now).await?;
        Ok(Some(kept))
    }

    async fn gather(&self, fit: &Fit) -> Result<Option<Gathered>, StoreError> {
        let store = &self.service.store;
        let mut gathered = Gathered::default();
        let (mut after, mut looked_at) = (None, 0);
        loop {
            if self.service.stopping.is_cancelled() {
                return Ok(None);
            }
            let page = PageRequest {
                after,
                limit: SLICE,
            };
            let slice = store
                .cohort(&self.job.study, &fit.specification, &page)
                .await?;
            gathered.add(&slice, fit.specification.judged_days_only);
            looked_at += i64::from(slice.looked_at);
            self.advance(looked_at).await?;
            after = slice.next;
            if after.is_none() {
                return Ok(Some(gathered));
            }
        }
    }

    /// Fits on a thread of its own, and extends the lease meanwhile.
    async fn fit(
        &self,
        fit: &Fit,
        cohort: Cohort,
    ) -> Result<Option<(Arc<Cohort>, Result<Estimate, EstimateError>)>, StoreError> {
        let cohort = Arc::new(cohort);
        let mut task = start(fit, Arc::clone(&cohort));
        loop {
            tokio::select! {
                () = self.service.stopping.cancelled() => return Ok(None),
                () = tokio::time::sleep(self.lease / 3) => {
                    let looked_at = self.service.store.job(&self.job.study, &self.job.id).await?.done;
                    self.advance(looked_at).await?;
                }
                done = &mut task => return match done {
                    Ok(fitted) => Ok(Some((cohort, fitted))),
                    // The thread broke down; the lease runs out and the attempt counts.
                    Err(error) => {
                        tracing::error!(job = self.job.id, error = %error, "a fit broke down");
                        Ok(None)
                    }
                },
            }
        }
    }

    async fn advance(&self, looked_at: i64) -> Result<(), StoreError> {
        let now = self.service.clock.now();
        self.service
            .store
            .advance_fit(self.job, self.worker, looked_at, now, self.lease)
            .await
    }

    async fn fail(&self, reason: &str, text: &str) -> Result<Fit, StoreError> {
        let now = self.service.clock.now();
        self.service
            .store
            .fail_fit(self.job, self.worker, reason, text, now)
            .await
    }
}

fn start(fit: &Fit, cohort: Arc<Cohort>) -> JoinHandle<Result<Estimate, EstimateError>> {
    let (formula, criterion) = (
        fit.specification.formula.clone(),
        fit.specification.criterion,
    );
    tokio::task::spawn_blocking(move || estimate::estimate(&cohort.frame, &formula, criterion))
}
