//! Studies, policies, participants and references.

use futures_util::stream::TryStreamExt as _;

use crate::call::studies;
use crate::connect::Client;
use crate::error::Error;
use crate::rows::Rows;
use crate::wait::Pauses;
use crate::{request_id, v1};

impl Client {
    /// Creates a study.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_EXISTS` when the id is taken, with `INVALID_FIELD` when a field breaks a rule.
    pub async fn create_study(
        &self,
        mut request: v1::CreateStudyRequest,
    ) -> Result<v1::Study, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            studies(transport).create_study(request).await
        })
        .await
    }

    /// Returns the study `studies/{study}`.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`.
    pub async fn get_study(&self, name: impl Into<String>) -> Result<v1::Study, Error> {
        let request = v1::GetStudyRequest { name: name.into() };
        self.call(request, |transport, request| async move {
            studies(transport).get_study(request).await
        })
        .await
    }

    /// Changes a study's display name or unit. Never tried again: a repetition would meet the etag of the first.
    ///
    /// # Errors
    /// A refusal with `ETAG_MISMATCH` when the study changed since it was read.
    pub async fn update_study(&self, request: v1::UpdateStudyRequest) -> Result<v1::Study, Error> {
        self.call_once(request, |transport, request| async move {
            studies(transport).update_study(request).await
        })
        .await
    }

    /// Begins the deletion of a study; with `validate_only` it only counts. [`Client::wait_for_job`] waits for the end. A
    /// repetition finds the same job while it goes on.
    ///
    /// # Errors
    /// A refusal with `ETAG_MISMATCH` when the study changed since it was read, or was written to since the `audit_head` that the
    /// request states; with `STATE_FORBIDS` while another study is judged by one of its references; with `STUDY_DELETED` once it is gone.
    pub async fn delete_study(
        &self,
        request: v1::DeleteStudyRequest,
    ) -> Result<v1::DeleteStudyResponse, Error> {
        self.call(request, |transport, request| async move {
            studies(transport).delete_study(request).await
        })
        .await
    }

    /// Returns the policy `studies/{study}/policies/{version}`; version `current` is the one in force.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`.
    pub async fn get_policy(&self, name: impl Into<String>) -> Result<v1::Policy, Error> {
        let request = v1::GetPolicyRequest { name: name.into() };
        self.call(request, |transport, request| async move {
            studies(transport).get_policy(request).await
        })
        .await
    }

    /// Says what another policy would change, and changes nothing. Each row counts all persons looked at so far and lists
    /// the changes since the row before; the last one is complete. Dropping the rows ends the work. It is not tried again:
    /// after an error begin anew.
    ///
    /// # Errors
    /// A refusal with `INVALID_FIELD` when a field breaks a rule, with `RESOURCE_NOT_FOUND`.
    pub async fn preview_policy(
        &self,
        request: v1::PreviewPolicyRequest,
    ) -> Result<Rows<v1::PreviewPolicyResponse>, Error> {
        let answers = studies(self.transport())
            .preview_policy(request)
            .await?
            .into_inner();
        Ok(Rows::of_chunks(
            answers.map_ok(|answer| vec![answer]).map_err(Error::from),
        ))
    }

    /// Puts a new version of the policy in force and starts the job that judges everybody again.
    ///
    /// # Errors
    /// A refusal with `ETAG_MISMATCH` when the study changed since it was read, with `INVALID_FIELD` when a field
    /// breaks a rule.
    pub async fn update_policy(
        &self,
        mut request: v1::UpdatePolicyRequest,
    ) -> Result<v1::UpdatePolicyResponse, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            studies(transport).update_policy(request).await
        })
        .await
    }

    /// Returns how far the job `studies/{study}/jobs/{job}` has come.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`.
    pub async fn get_job(&self, name: impl Into<String>) -> Result<v1::Job, Error> {
        let request = v1::GetJobRequest { name: name.into() };
        self.call(request, |transport, request| async move {
            studies(transport).get_job(request).await
        })
        .await
    }

    /// Returns the job once it has succeeded, failed or been cancelled, however long that takes. `look` sees it each time
    /// it is asked for.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`.
    pub async fn wait_for_job(
        &self,
        name: impl Into<String>,
        mut look: impl FnMut(&v1::Job),
    ) -> Result<v1::Job, Error> {
        let name = name.into();
        let mut pauses = Pauses::new();
        loop {
            let job = self.get_job(name.as_str()).await?;
            look(&job);
            if !matches!(job.state(), v1::JobState::Queued | v1::JobState::Running) {
                return Ok(job);
            }
            pauses.pause().await;
        }
    }

    /// Says under which codes a study stores a participant and a tube. It says of neither whether it is there.
    ///
    /// # Errors
    /// A refusal with `INVALID_FIELD`, with `RESOURCE_NOT_FOUND` for the study.
    pub async fn get_stored_code(
        &self,
        request: v1::GetStoredCodeRequest,
    ) -> Result<v1::GetStoredCodeResponse, Error> {
        self.call(request, |transport, request| async move {
            studies(transport).get_stored_code(request).await
        })
        .await
    }

    /// Returns the participant `studies/{study}/participants/{participant}`.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`.
    pub async fn get_participant(&self, name: impl Into<String>) -> Result<v1::Participant, Error> {
        let request = v1::GetParticipantRequest { name: name.into() };
        self.call(request, |transport, request| async move {
            studies(transport).get_participant(request).await
        })
        .await
    }

    /// Changes what is known about a participant. Never tried again: a repetition would meet the etag of the first.
    ///
    /// # Errors
    /// A refusal with `ETAG_MISMATCH` when the participant changed since it was read.
    pub async fn update_participant(
        &self,
        request: v1::UpdateParticipantRequest,
    ) -> Result<v1::Participant, Error> {
        self.call_once(request, |transport, request| async move {
            studies(transport).update_participant(request).await
        })
        .await
    }

    /// Erases a participant with everything that was measured, computed and said of them; with `validate_only` it only
    /// counts. Never tried again: a repetition would find nobody.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`, with `INVALID_FIELD`.
    pub async fn erase_participant(
        &self,
        request: v1::EraseParticipantRequest,
    ) -> Result<v1::EraseParticipantResponse, Error> {
        self.call_once(request, |transport, request| async move {
            studies(transport).erase_participant(request).await
        })
        .await
    }
}
