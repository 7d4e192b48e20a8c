//! Quality control of batches: controls and their targets, policies, decisions.

use std::time::Duration;

use diel_core::BatchVerdict;
use diel_core::quality::QualityPolicy;
use jiff::Timestamp;

use super::studies::by_worker;
use super::{Store, read, write};
use crate::{
    Batch, Call, Control, Job, MeasuredControl, NewControl, Page, PageRequest, StoreError,
    StoredQualityPolicy, TargetTerms,
};

impl Store {
    /// Creates a control with its first target, and queues the job that assesses the study's batches by it.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] names the control that has the id, or the same laboratory, assay and material;
    /// [`StoreError::NotFound`] for the study.
    pub async fn create_control(
        &self,
        study: &str,
        new: NewControl,
        call: &Call,
    ) -> Result<Control, StoreError> {
        write!(
            self,
            controls::CreateControl {
                study: study.to_owned(),
                new,
                call: call.clone()
            }
        )
    }

    /// Puts a further version of a control's target in force while it is still at this version, and queues the job that
    /// assesses the study's batches by it.
    ///
    /// # Errors
    /// [`StoreError::EtagMismatch`], [`StoreError::NotFound`].
    pub async fn update_control(
        &self,
        study: &str,
        id: &str,
        version: i64,
        terms: TargetTerms,
        reason: &str,
        call: &Call,
    ) -> Result<Control, StoreError> {
        write!(
            self,
            controls::UpdateControl {
                study: study.to_owned(),
                id: id.to_owned(),
                version,
                terms,
                reason: reason.to_owned(),
                call: call.clone()
            }
        )
    }

    /// `{control}` with its newest target, or `{control}@{version}`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn control(&self, study: &str, name: &str) -> Result<Control, StoreError> {
        read!(self, controls::read(study, name))
    }

    /// Controls by id.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn controls(
        &self,
        study: &str,
        page: &PageRequest<String>,
    ) -> Result<Page<Control, String>, StoreError> {
        read!(self, controls::list(study, page))
    }

    /// The measurements of a control, the newest run first; a page begins after a run's instant in microseconds, its
    /// batch's number and the place in it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn control_runs(
        &self,
        study: &str,
        control: &str,
        page: &PageRequest<(i64, i64, i64)>,
    ) -> Result<Page<MeasuredControl, (i64, i64, i64)>, StoreError> {
        read!(self, quality::list_runs(study, control, page))
    }

    /// A version of a study's quality policy; `None` for the one in force.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn quality_policy(
        &self,
        study: &str,
        version: Option<i64>,
    ) -> Result<StoredQualityPolicy, StoreError> {
        read!(self, quality::read_policy(study, version))
    }

    /// Puts another quality policy in force while it is still at this version, and queues the job that assesses every
    /// batch by it.
    ///
    /// # Errors
    /// [`StoreError::EtagMismatch`], [`StoreError::NotFound`].
    pub async fn update_quality_policy(
        &self,
        study: &str,
        version: i64,
        policy: QualityPolicy,
        control_runs: u32,
        call: &Call,
    ) -> Result<(StoredQualityPolicy, Job), StoreError> {
        write!(
            self,
            quality::UpdateQualityPolicy {
                study: study.to_owned(),
                version,
                policy,
                control_runs,
                call: call.clone()
            }
        )
    }

    /// Records what a reviewer decides about a batch that is still at this version, `None` to take a decision back, and
    /// judges again whom that touches.
    ///
    /// # Errors
    /// [`StoreError::EtagMismatch`], [`StoreError::NotFound`].
    pub async fn decide_batch(
        &self,
        study: &str,
        batch: &str,
        version: i64,
        verdict: Option<BatchVerdict>,
        reason: &str,
        call: &Call,
    ) -> Result<Batch, StoreError> {
        write!(
            self,
            quality::DecideBatch {
                study: study.to_owned(),
                batch: batch.to_owned(),
                verdict,
                reason: reason.to_owned(),
                version,
                call: call.clone()
            }
        )
    }

    /// Assesses the next batches of a job, until about `limit` participants are touched, judges these again, notes how far
    /// it came, and extends the lease, all in one transaction.
    ///
    /// # Errors
    /// [`StoreError::StateForbids`] when this worker no longer has the job.
    pub async fn reassess_next(
        &self,
        job: &Job,
        worker: &str,
        limit: u32,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Job, StoreError> {
        write!(
            self,
            quality::ReassessNext {
                study: job.study.clone(),
                job: job.id.clone(),
                limit,
                lease,
                call: by_worker(worker, now),
            }
        )
    }
}
