//! Controls, the quality policy, and decisions about batches.

use crate::call::controls;
use crate::connect::Client;
use crate::error::Error;
use crate::{request_id, v1};

impl Client {
    /// Creates a control with its target. A job assesses the study's batches by it.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_EXISTS` that names the control which has the id, or the same laboratory, assay and
    /// material; with `INVALID_FIELD`.
    pub async fn create_control(
        &self,
        mut request: v1::CreateControlRequest,
    ) -> Result<v1::Control, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            controls(transport).create_control(request).await
        })
        .await
    }

    /// Returns the control `studies/{study}/controls/{control}`, with `@{version}` or its newest target.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`.
    pub async fn get_control(&self, name: impl Into<String>) -> Result<v1::Control, Error> {
        let request = v1::GetControlRequest { name: name.into() };
        self.call(request, |transport, request| async move {
            controls(transport).get_control(request).await
        })
        .await
    }

    /// Puts a new version of a control's target in force. A job assesses the study's batches by it.
    ///
    /// # Errors
    /// A refusal with `ETAG_MISMATCH` when the target changed since it was read, with `INVALID_FIELD`.
    pub async fn update_control(
        &self,
        mut request: v1::UpdateControlRequest,
    ) -> Result<v1::Control, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            controls(transport).update_control(request).await
        })
        .await
    }

    /// Returns the quality policy `studies/{study}/qualityPolicies/{version}`; version `current` is the one in force.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`.
    pub async fn get_quality_policy(
        &self,
        name: impl Into<String>,
    ) -> Result<v1::QualityPolicy, Error> {
        let request = v1::GetQualityPolicyRequest { name: name.into() };
        self.call(request, |transport, request| async move {
            controls(transport).get_quality_policy(request).await
        })
        .await
    }

    /// Puts another quality policy in force; the job in the answer assesses the study's batches by it.
    ///
    /// # Errors
    /// A refusal with `ETAG_MISMATCH` when the policy changed since it was read, with `INVALID_FIELD`.
    pub async fn update_quality_policy(
        &self,
        mut request: v1::UpdateQualityPolicyRequest,
    ) -> Result<v1::UpdateQualityPolicyResponse, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            controls(transport).update_quality_policy(request).await
        })
        .await
    }

    /// Records what a reviewer decides about a batch.
    ///
    /// # Errors
    /// A refusal with `ETAG_MISMATCH` when the batch was assessed or decided since it was read.
    pub async fn decide_batch(
        &self,
        mut request: v1::DecideBatchRequest,
    ) -> Result<v1::Batch, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            controls(transport).decide_batch(request).await
        })
        .await
    }
}
