//! Profiles, rhythms, and analysis without storage.

use futures_util::stream::{Stream, TryStreamExt as _};

use crate::call::rhythms;
use crate::connect::Client;
use crate::error::Error;
use crate::rows::Rows;
use crate::v1;

impl Client {
    /// Returns the profile `studies/{study}/participants/{participant}/profiles/{date}` with its samples.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`.
    pub async fn get_profile(&self, name: impl Into<String>) -> Result<v1::Profile, Error> {
        let request = v1::GetProfileRequest { name: name.into() };
        self.call(request, |transport, request| async move {
            rhythms(transport).get_profile(request).await
        })
        .await
    }

    /// Returns the rhythm `studies/{study}/participants/{participant}/rhythm`.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`.
    pub async fn get_rhythm(&self, name: impl Into<String>) -> Result<v1::Rhythm, Error> {
        let request = v1::GetRhythmRequest {
            name: name.into(),
            ..v1::GetRhythmRequest::default()
        };
        self.call(request, |transport, request| async move {
            rhythms(transport).get_rhythm(request).await
        })
        .await
    }

    /// The same with `posterior_line`, which the service computes of all samples of the person.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`.
    pub async fn get_rhythm_with_line(&self, name: impl Into<String>) -> Result<v1::Rhythm, Error> {
        let request = v1::GetRhythmRequest {
            name: name.into(),
            with_posterior_line: true,
        };
        self.call(request, |transport, request| async move {
            rhythms(transport).get_rhythm(request).await
        })
        .await
    }

    /// Computes profiles and rhythms of the samples in the request. Nothing is stored.
    ///
    /// # Errors
    /// A refusal with `INVALID_FIELD` whose violations name every bad row.
    pub async fn analyze(&self, request: v1::AnalyzeRequest) -> Result<v1::AnalyzeResponse, Error> {
        self.call(request, |transport, request| async move {
            rhythms(transport).analyze(request).await
        })
        .await
    }

    /// Computes many requests, each answered by one row in order. A participant must lie in one request. Nothing is
    /// stored; after an error begin again with the first request that has no answer.
    ///
    /// # Errors
    /// [`Error::Connection`] when the stream cannot be opened.
    pub async fn analyze_stream(
        &self,
        requests: impl Stream<Item = v1::AnalyzeRequest> + Send + 'static,
    ) -> Result<Rows<v1::AnalyzeResponse>, Error> {
        use futures_util::StreamExt as _;

        let requests = requests.map(|request| v1::AnalyzeStreamRequest {
            request: Some(request),
        });
        let answers = rhythms(self.transport())
            .analyze_stream(requests)
            .await?
            .into_inner();
        Ok(Rows::of_chunks(
            answers
                .map_ok(|answer| answer.response.into_iter().collect())
                .map_err(Error::from),
        ))
    }
}
