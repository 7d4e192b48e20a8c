//! Batches, specimens and results, one call each. [`Client::submissions`] is for many batches.

use crate::call::submissions;
use crate::connect::Client;
use crate::error::Error;
use crate::{request_id, v1};

impl Client {
    /// Stores one batch of up to 5,000 rows. When this returns, the batch is durable and its profiles, rhythms and
    /// flags can be read.
    ///
    /// # Errors
    /// A refusal with `INVALID_FIELD` or `SPECIMEN_CONFLICT` whose violations name every bad row; nothing was
    /// stored then.
    pub async fn submit_batch(
        &self,
        mut request: v1::SubmitBatchRequest,
    ) -> Result<v1::SubmitBatchResponse, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            submissions(transport).submit_batch(request).await
        })
        .await
    }

    /// Stores collection facts of specimens and awakenings of days.
    ///
    /// # Errors
    /// As [`Client::submit_batch`].
    pub async fn register_specimens(
        &self,
        mut request: v1::RegisterSpecimensRequest,
    ) -> Result<v1::RegisterSpecimensResponse, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            submissions(transport).register_specimens(request).await
        })
        .await
    }

    /// Replaces a result by a new revision. The earlier ones stay readable.
    ///
    /// # Errors
    /// A refusal with code `ABORTED` when another revision is in force than the caller saw.
    pub async fn amend_result(
        &self,
        mut request: v1::AmendResultRequest,
    ) -> Result<v1::Result, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            submissions(transport).amend_result(request).await
        })
        .await
    }

    /// Replaces many results by new revisions, for one reason. Rows that repeat what is in force change nothing.
    ///
    /// # Errors
    /// A refusal with `INVALID_FIELD` whose violations name every row that cannot be stored; nothing was stored then.
    pub async fn amend_results(
        &self,
        mut request: v1::AmendResultsRequest,
    ) -> Result<v1::AmendResultsResponse, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            submissions(transport).amend_results(request).await
        })
        .await
    }

    /// Recalls a batch; with `validate_only`, says what that would do.
    ///
    /// # Errors
    /// A refusal with `STATE_FORBIDS` when it is recalled already, `ETAG_MISMATCH` when it changed since it was read.
    pub async fn recall_batch(
        &self,
        mut request: v1::RecallBatchRequest,
    ) -> Result<v1::RecallBatchResponse, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            submissions(transport).recall_batch(request).await
        })
        .await
    }

    /// Takes the recall of a batch back; with `validate_only`, says what that would do.
    ///
    /// # Errors
    /// A refusal with `STATE_FORBIDS` when it is not recalled, `ETAG_MISMATCH` when it changed since it was read.
    pub async fn restore_batch(
        &self,
        mut request: v1::RestoreBatchRequest,
    ) -> Result<v1::RestoreBatchResponse, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            submissions(transport).restore_batch(request).await
        })
        .await
    }

    /// Returns the batch `studies/{study}/batches/{batch}`.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`.
    pub async fn get_batch(&self, name: impl Into<String>) -> Result<v1::Batch, Error> {
        let request = v1::GetBatchRequest { name: name.into() };
        self.call(request, |transport, request| async move {
            submissions(transport).get_batch(request).await
        })
        .await
    }

    /// Returns the specimen `studies/{study}/specimens/{specimen}` with its present result.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`.
    pub async fn get_specimen(&self, name: impl Into<String>) -> Result<v1::Specimen, Error> {
        let request = v1::GetSpecimenRequest { name: name.into() };
        self.call(request, |transport, request| async move {
            submissions(transport).get_specimen(request).await
        })
        .await
    }
}
