//! Fits of cohorts and the references of studies.

use std::time::Duration;

use jiff::Timestamp;

use super::studies::by_worker;
use super::{Store, read, write};
use crate::job::Cause;
use crate::{
    Call, CohortSlice, Fit, FitOutcome, FitSpecification, Frozen, Job, NewFrozen, NewReference,
    Page, PageRequest, StoreError, StoredReference,
};

impl Store {
    /// Queues a fit, with the job that any worker may claim.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn start_fit(
        &self,
        study: &str,
        specification: FitSpecification,
        call: &Call,
    ) -> Result<Fit, StoreError> {
        write!(
            self,
            fits::StartFit {
                study: study.to_owned(),
                specification,
                call: call.clone(),
            }
        )
    }

    /// A fit.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn fit(&self, study: &str, id: &str) -> Result<Fit, StoreError> {
        read!(self, fits::read(study, id))
    }

    /// Fits in the order in which they were asked for.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn fits(
        &self,
        study: &str,
        page: &PageRequest<String>,
    ) -> Result<Page<Fit, String>, StoreError> {
        read!(self, fits::list(study, page))
    }

    /// Stops a fit that is queued or running.
    ///
    /// # Errors
    /// [`StoreError::StateForbids`] when it has ended otherwise, [`StoreError::NotFound`].
    pub async fn cancel_fit(&self, study: &str, id: &str, call: &Call) -> Result<Fit, StoreError> {
        write!(
            self,
            fits::CancelFit {
                study: study.to_owned(),
                id: id.to_owned(),
                call: call.clone(),
            }
        )
    }

    /// The next participants of a cohort, analysed, all from one state of the database.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn cohort(
        &self,
        study: &str,
        specification: &FitSpecification,
        page: &PageRequest<String>,
    ) -> Result<CohortSlice, StoreError> {
        read!(self, cohort::slice(study, specification, page))
    }

    /// Notes how many participants a worker has gathered for a fit, and extends its lease.
    ///
    /// # Errors
    /// [`StoreError::StateForbids`] when this worker no longer has the job, as after it was cancelled.
    pub async fn advance_fit(
        &self,
        job: &Job,
        worker: &str,
        done: i64,
        now: Timestamp,
        lease: Duration,
    ) -> Result<(), StoreError> {
        write!(
            self,
            fits::Advance {
                study: job.study.clone(),
                id: job.id.clone(),
                done,
                lease,
                call: by_worker(worker, now),
            }
        )
    }

    /// Keeps what came out of a fit and ends its job.
    ///
    /// # Errors
    /// [`StoreError::StateForbids`] when this worker no longer has the job.
    pub async fn finish_fit(
        &self,
        job: &Job,
        worker: &str,
        outcome: FitOutcome,
        now: Timestamp,
    ) -> Result<Fit, StoreError> {
        write!(
            self,
            fits::FinishFit {
                study: job.study.clone(),
                id: job.id.clone(),
                outcome: Ok(outcome.clone()),
                call: by_worker(worker, now),
            }
        )
    }

    /// Ends a fit that cannot be fitted, with a machine-readable cause and one in words.
    ///
    /// # Errors
    /// [`StoreError::StateForbids`] when this worker no longer has the job.
    pub async fn fail_fit(
        &self,
        job: &Job,
        worker: &str,
        reason: &str,
        text: &str,
        now: Timestamp,
    ) -> Result<Fit, StoreError> {
        write!(
            self,
            fits::FinishFit {
                study: job.study.clone(),
                id: job.id.clone(),
                outcome: Err(Cause {
                    reason: reason.to_owned(),
                    text: text.to_owned(),
                }),
                call: by_worker(worker, now),
            }
        )
    }

    /// Freezes a fit as the next version of a reference. Where the policy in force is by the study's own reference and
    /// comes to another one now, that is noted and everybody is judged again.
    ///
    /// # Errors
    /// [`StoreError::Freeze`] says why the fit is no reference, [`StoreError::StateForbids`] that it has not succeeded,
    /// [`StoreError::NotFound`].
    pub async fn freeze_fit(
        &self,
        study: &str,
        new: NewFrozen,
        call: &Call,
    ) -> Result<Frozen, StoreError> {
        write!(
            self,
            references::FreezeFit {
                study: study.to_owned(),
                new,
                call: call.clone(),
            }
        )
    }

    /// Creates the next version of a reference from a table.
    ///
    /// # Errors
    /// [`StoreError::Strata`] names stratum and rule, [`StoreError::NotFound`] for the study.
    pub async fn create_reference(
        &self,
        study: &str,
        new: NewReference,
        call: &Call,
    ) -> Result<StoredReference, StoreError> {
        write!(
            self,
            references::CreateReference {
                study: study.to_owned(),
                new,
                call: call.clone(),
            }
        )
    }

    /// A reference of a study: `{name}@{version}`, or `{name}` for its newest version.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn reference(
        &self,
        study: &str,
        reference: &str,
    ) -> Result<StoredReference, StoreError> {
        read!(self, references::read(study, reference))
    }

    /// References of a study by name and version.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn references(
        &self,
        study: &str,
        page: &PageRequest<(String, i64)>,
    ) -> Result<Page<StoredReference, (String, i64)>, StoreError> {
        read!(self, references::list(study, page))
    }
}
