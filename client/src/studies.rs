//! Studies, policies, participants and references.

use crate::call::studies;
use crate::connect::Client;
use crate::error::Error;
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
}
