//! Studies, policies, and the jobs that a change of policy makes.

use std::time::Duration;

use diel_core::PolicyTerms;
use jiff::Timestamp;

use super::{Store, read, write};
use crate::{
    Call, Deletion, DeletionBegun, Flaw, Job, JobKind, JobsAtWork, NewStudy, Page, PageRequest,
    PreviewSlice, StoreError, StoredPolicy, Study, StudyChange, Tombstone,
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

    /// The first study whose codes are stored under another key than the one with this fingerprint, and the fingerprint of its
    /// own.
    ///
    /// # Errors
    /// Those of the engine only.
    pub async fn other_code_key(
        &self,
        fingerprint: Option<&str>,
    ) -> Result<Option<(String, String)>, StoreError> {
        read!(self, studies::other_code_key(fingerprint))
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

    /// Begins the deletion of a study: from here on nothing of it is read or written, but for its audit trail and its jobs, and a
    /// job takes the rest away. With `validate_only` it only counts. Asked for again while that goes on, it answers with the same
    /// job, and starts one anew that failed.
    ///
    /// # Errors
    /// [`StoreError::EtagMismatch`] when the study changed since it was read, [`StoreError::HeadMoved`] when it was written to
    /// since, [`StoreError::ReferenceInUse`], [`StoreError::StudyDeleted`] once it is done, [`StoreError::NotFound`].
    pub async fn delete_study(&self, deletion: Deletion) -> Result<DeletionBegun, StoreError> {
        write!(self, delete::DeleteStudy(deletion.clone()))
    }

    /// Takes the next rows of a study that is being deleted, of about `limit` keys, notes how far it came, and extends the
    /// lease, all in one transaction. The answer's state is [`crate::JobState::Running`] until nothing is left.
    ///
    /// # Errors
    /// [`StoreError::StateForbids`] when this worker no longer has the job.
    pub async fn delete_next(
        &self,
        job: &Job,
        worker: &str,
        limit: u32,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Job, StoreError> {
        write!(
            self,
            delete::DeleteNext {
                study: job.study.clone(),
                job: job.id.clone(),
                limit,
                lease,
                call: by_worker(worker, now),
            }
        )
    }

    /// Studies that were deleted, or are being deleted, by id. Their audit trails are kept.
    ///
    /// # Errors
    /// Those of the engine only.
    pub async fn tombstones(&self) -> Result<Vec<Tombstone>, StoreError> {
        read!(self, delete::tombstones())
    }

    /// What there is of a study whose deletion is done; nothing when all is well.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn remains(&self, study: &str) -> Result<Vec<Flaw>, StoreError> {
        read!(self, delete::remains(study))
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

    /// Versions of a study's policy, the newest first.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn policies(
        &self,
        study: &str,
        page: &PageRequest<i64>,
    ) -> Result<Page<StoredPolicy, i64>, StoreError> {
        read!(self, policies::list(study, page))
    }

    /// Terms as [`Store::update_policy`] would fill them in, beside the policy in force. Nothing is stored.
    ///
    /// # Errors
    /// [`StoreError::Policy`], [`StoreError::NotFound`].
    pub async fn check_policy(
        &self,
        study: &str,
        terms: &PolicyTerms,
    ) -> Result<(PolicyTerms, StoredPolicy), StoreError> {
        read!(self, preview::terms(study, terms))
    }

    /// How many participants a study has.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn participant_count(&self, study: &str) -> Result<i64, StoreError> {
        read!(self, preview::count(study))
    }

    /// The next participants as other terms would judge them, all from one state of the database, by the code that judges
    /// after [`Store::update_policy`]. Nothing is stored and no writer waits.
    ///
    /// # Errors
    /// [`StoreError::Policy`], [`StoreError::NotFound`].
    pub async fn preview_policy(
        &self,
        study: &str,
        terms: &PolicyTerms,
        page: &PageRequest<String>,
    ) -> Result<PreviewSlice, StoreError> {
        read!(self, preview::slice(study, terms, page))
    }

    /// Puts another policy in force in a study that is still at this version, and queues the job that judges everybody by it.
    ///
    /// # Errors
    /// [`StoreError::EtagMismatch`] when the study or its policy changed since, [`StoreError::Policy`],
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

    /// How many jobs of all studies have not ended, by kind and state.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn jobs_at_work(&self) -> Result<Vec<JobsAtWork>, StoreError> {
        read!(self, jobs::at_work())
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
