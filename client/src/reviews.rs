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

    /// Holds a flag that waits for a reviewer.
    ///
    /// # Errors
    /// A refusal with `ETAG_MISMATCH` when the flag changed since the reviewer saw it, with `FLAG_CLAIMED` when another
    /// holds it and it is not taken over; the refusal's metadata say who did what. `STATE_FORBIDS` when it waits for
    /// nobody.
    pub async fn claim_flag(&self, mut request: v1::ClaimFlagRequest) -> Result<v1::Flag, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            reviews(transport).claim_flag(request).await
        })
        .await
    }

    /// Lets go of a flag.
    ///
    /// # Errors
    /// A refusal with `ETAG_MISMATCH` when the flag changed since the reviewer saw it, with `FLAG_CLAIMED` or
    /// `STATE_FORBIDS` unless the caller holds it.
    pub async fn release_flag(
        &self,
        mut request: v1::ReleaseFlagRequest,
    ) -> Result<v1::Flag, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            reviews(transport).release_flag(request).await
        })
        .await
    }

    /// Returns how many flags are expected to point at slopes that are not flatter than the threshold.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND` for the study.
    pub async fn summarize_flags(
        &self,
        request: v1::SummarizeFlagsRequest,
    ) -> Result<v1::SummarizeFlagsResponse, Error> {
        self.call(request, |transport, request| async move {
            reviews(transport).summarize_flags(request).await
        })
        .await
    }

    /// Records a reviewer's decision.
    ///
    /// # Errors
    /// A refusal with `ETAG_MISMATCH` when the flag changed since the reviewer saw it, with `FLAG_CLAIMED` when another
    /// holds it, with `OTHER_REVIEWER_NEEDED` when this one has decided already, with `STATE_FORBIDS` when it waits for
    /// nobody.
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
    /// somebody decided.
    pub async fn reopen_flag(&self, mut request: v1::ReopenFlagRequest) -> Result<v1::Flag, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            reviews(transport).reopen_flag(request).await
        })
        .await
    }
}
