//! Studies, policies, and the jobs that a change of policy makes.

use std::time::Duration;

use diel_core::PolicyTerms;
use jiff::Timestamp;

use super::{Store, read, write};
use crate::{
    Call, Job, JobKind, NewStudy, Page, PageRequest, StoreError, StoredPolicy, Study, StudyChange,
};

impl Store {
    /// Creates a study with its first policy.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`], [`StoreError::Policy`].
    pub async fn create_study(&self, new: NewStudy, call: &Call) -> Result<Study, StoreError> {
        write!(
            self,
            studies::CreateStudy {
                new,
                call: call.clone()
            }
        )
    }

    /// A study with the policy in force.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn study(&self, id: &str) -> Result<Study, StoreError> {
        read!(self, studies::read(id))
    }

    /// Studies by id.
    ///
    /// # Errors
    /// Those of the engine only.
    pub async fn studies(
        &self,
        page: &PageRequest<String>,
    ) -> Result<Page<Study, String>, StoreError> {
        read!(self, studies::list(None, page))
    }

    /// The studies among these, by id.
    ///
    /// # Errors
    /// Those of the engine only.
    pub async fn studies_among(
        &self,
        ids: &[String],
        page: &PageRequest<String>,
    ) -> Result<Page<Study, String>, StoreError> {
        if ids.is_empty() {
            return Ok(Page {
                items: Vec::new(),
                next: None,
            });
        }
        read!(self, studies::list(Some(ids), page))
    }

    /// Changes a study that is still at this version.
    ///
    /// # Errors
    /// [`StoreError::EtagMismatch`], [`StoreError::NotFound`].
    pub async fn update_study(
        &self,
        id: &str,
        version: i64,
        change: StudyChange,
        call: &Call,
    ) -> Result<Study, StoreError> {
        write!(
            self,
            studies::UpdateStudy {
                id: id.to_owned(),
                version,
                change,
                call: call.clone()
            }
        )
    }

    /// A version of a study's policy; `None` for the one in force.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn policy(
        &self,
        study: &str,
        version: Option<i64>,
    ) -> Result<StoredPolicy, StoreError> {
        read!(self, policies::read(study, version))
    }

    /// Puts another policy in force in place of this version, and queues the job that judges everybody by it.
    ///
    /// # Errors
    /// [`StoreError::EtagMismatch`] when another version is in force, [`StoreError::Policy`],
    /// [`StoreError::NotFound`].
    pub async fn update_policy(
        &self,
        study: &str,
        version: i64,
        terms: PolicyTerms,
        call: &Call,
    ) -> Result<(StoredPolicy, Job), StoreError> {
        write!(
            self,
            policies::UpdatePolicy {
                study: study.to_owned(),
                version,
                terms,
                call: call.clone()
            }
        )
    }

    /// A job.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn job(&self, study: &str, id: &str) -> Result<Job, StoreError> {
        read!(self, jobs::read(study, id))
    }

    /// Takes the oldest job of any study that is queued, or whose worker let its lease run out. `None` when there is
    /// none.
    ///
    /// # Errors
    /// Those of the engine only.
    pub async fn claim_job(
        &self,
        worker: &str,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Job>, StoreError> {
        write!(
            self,
            jobs::Claim {
                kind: None,
                lease,
                call: by_worker(worker, now)
            }
        )
    }

    /// The same among the jobs of one kind.
    ///
    /// # Errors
    /// Those of the engine only.
    pub async fn claim_job_of(
        &self,
        kind: JobKind,
        worker: &str,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Job>, StoreError> {
        write!(
            self,
            jobs::Claim {
                kind: Some(kind),
                lease,
                call: by_worker(worker, now)
            }
        )
    }

    /// Judges the next participants of a job, at most `limit`, notes how far it came, and extends the lease, all in
    /// one transaction. The answer's state is [`crate::JobState::Running`] until nobody is left.
    ///
    /// # Errors
    /// [`StoreError::StateForbids`] when this worker no longer has the job.
    pub async fn rejudge_next(
        &self,
        job: &Job,
        worker: &str,
        limit: u32,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Job, StoreError> {
        write!(
            self,
            jobs::RejudgeNext {
                study: job.study.clone(),
                job: job.id.clone(),
                limit,
                lease,
                call: by_worker(worker, now),
            }
        )
    }
}

pub(super) fn by_worker(worker: &str, now: Timestamp) -> Call {
    Call {
        actor: worker.to_owned(),
        now,
        request: None,
        validate_only: false,
    }
}
