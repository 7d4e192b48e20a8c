//! Flags and their review. A flag is a reason to look again, never a statement about a person.

use crate::call::reviews;
use crate::connect::Client;
use crate::error::Error;
use crate::{request_id, v1};

impl Client {
    /// Returns the flag `studies/{study}/flags/{flag}` with its evidence.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`.
    pub async fn get_flag(&self, name: impl Into<String>) -> Result<v1::Flag, Error> {
        let request = v1::GetFlagRequest { name: name.into() };
        self.call(request, |transport, request| async move {
            reviews(transport).get_flag(request).await
        })
        .await
    }

    /// Records a reviewer's decision.
    ///
    /// # Errors
    /// A refusal with `ETAG_MISMATCH` when the flag changed since the reviewer saw it, with `STATE_FORBIDS` unless
    /// it is open.
    pub async fn resolve_flag(
        &self,
        mut request: v1::ResolveFlagRequest,
    ) -> Result<v1::Flag, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            reviews(transport).resolve_flag(request).await
        })
        .await
    }

    /// Opens a resolved flag again.
    ///
    /// # Errors
    /// A refusal with `ETAG_MISMATCH` when the flag changed since the reviewer saw it, with `STATE_FORBIDS` unless
    /// it is resolved.
    pub async fn reopen_flag(&self, mut request: v1::ReopenFlagRequest) -> Result<v1::Flag, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            reviews(transport).reopen_flag(request).await
        })
        .await
    }
}
