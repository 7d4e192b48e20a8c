//! The workers that do what touches a whole study under a lease, one for each kind of job: nobody waits to be judged
//! while a fit takes its time.

use std::time::Duration;

use diel_store::{Job, JobKind, JobState, StoreError};
use uuid::Uuid;

use crate::cohorts::work::Work;
use crate::service::Service;

/// How often a worker looks for jobs that other servers made.
const LOOK: Duration = Duration::from_secs(5);
/// Participants judged in one transaction: submissions wait for it, so it is short.
const SLICE: u32 = 200;
/// Rows of a deleted study that are taken in one transaction.
const DELETED_SLICE: u32 = 1_000;

/// How long a worker may go without progress before another takes the job over.
fn lease(service: &Service) -> Duration {
    Duration::from_secs(service.limits.job_lease_seconds)
}

/// Claims and does jobs of a kind until the server stops.
pub(crate) async fn work(service: Service, kind: JobKind) {
    let worker = Uuid::now_v7().to_string();
    while !service.stopping.is_cancelled() {
        match service
            .store
            .claim_job_of(kind, &worker, service.clock.now(), lease(&service))
            .await
        {
            Ok(Some(job)) => match job.kind {
                JobKind::Rejudge | JobKind::Reassess | JobKind::Delete => {
                    slices(&service, &worker, job).await;
                }
                JobKind::Fit => fit(&service, &worker, &job).await,
            },
            Ok(None) => idle(&service, kind).await,
            Err(error) => {
                tracing::warn!(error = ?error, "jobs cannot be read");
                idle(&service, kind).await;
            }
        }
    }
}

async fn idle(service: &Service, kind: JobKind) {
    let made = match kind {
        JobKind::Rejudge => &service.job_made,
        JobKind::Fit => &service.fit_made,
        JobKind::Reassess => &service.reassess_made,
        JobKind::Delete => &service.delete_made,
    };
    tokio::select! {
        () = service.stopping.cancelled() => {}
        () = made.notified() => {}
        () = tokio::time::sleep(LOOK) => {}
    }
}

/// Does slices of one job until it is done, taken over by another worker, or the server stops.
async fn slices(service: &Service, worker: &str, mut job: Job) {
    while job.state == JobState::Running && !service.stopping.is_cancelled() {
        let (store, now) = (&service.store, service.clock.now());
        let slice = match job.kind {
            JobKind::Reassess => {
                store
                    .reassess_next(&job, worker, SLICE, now, lease(service))
                    .await
            }
            JobKind::Delete => {
                store
                    .delete_next(&job, worker, DELETED_SLICE, now, lease(service))
                    .await
            }
            JobKind::Rejudge | JobKind::Fit => {
                store
                    .rejudge_next(&job, worker, SLICE, now, lease(service))
                    .await
            }
        };
        match slice {
            Ok(next) => job = next,
            Err(error) => {
                // The lease runs out and the job is taken up where it stood.
                tracing::warn!(job = job.id, error = ?error, "a slice of a job failed");
                return idle(service, job.kind).await;
            }
        }
    }
    if job.kind == JobKind::Delete && job.state == JobState::Succeeded {
        service.clear_log().await;
    }
    service.metrics.job_ended(job.kind, job.state);
    tracing::info!(
        job = job.id,
        done = job.done,
        total = job.total,
        "worked on a job"
    );
}

/// Does a fit to its end, unless it is cancelled, taken over by another worker, or the server stops.
async fn fit(service: &Service, worker: &str, job: &Job) {
    let work = Work {
        service,
        worker,
        job,
        lease: lease(service),
    };
    match work.finish().await {
        Ok(Some(fit)) => {
            service.metrics.job_ended(job.kind, fit.state);
            tracing::info!(
                job = job.id,
                state = ?fit.state,
                error = fit.error,
                "worked on a fit"
            );
        }
        Ok(None) => {}
        Err(StoreError::StateForbids { state, .. }) => {
            tracing::info!(job = job.id, state, "let go of a fit");
        }
        Err(error) => {
            // The lease runs out and the attempt counts.
            tracing::warn!(job = job.id, error = ?error, "a fit was interrupted");
            idle(service, job.kind).await;
        }
    }
}
