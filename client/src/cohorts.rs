//! Fits of cohorts and the references of studies.

use crate::call::cohorts;
use crate::connect::Client;
use crate::error::Error;
use crate::wait::Pauses;
use crate::{request_id, v1};

impl Client {
    /// Asks for a fit; [`Client::wait_for_fit`] waits for it.
    ///
    /// # Errors
    /// A refusal with `INVALID_FIELD` when the formula cannot be read.
    pub async fn start_fit(&self, mut request: v1::StartFitRequest) -> Result<v1::Fit, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            cohorts(transport).start_fit(request).await
        })
        .await
    }

    /// Returns the fit `studies/{study}/fits/{fit}`.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`.
    pub async fn get_fit(&self, name: impl Into<String>) -> Result<v1::Fit, Error> {
        let request = v1::GetFitRequest { name: name.into() };
        self.call(request, |transport, request| async move {
            cohorts(transport).get_fit(request).await
        })
        .await
    }

    /// Returns the fit once it has succeeded, failed or been cancelled, however long that takes. `look` sees it each time
    /// it is asked for.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`.
    pub async fn wait_for_fit(
        &self,
        name: impl Into<String>,
        mut look: impl FnMut(&v1::Fit),
    ) -> Result<v1::Fit, Error> {
        let name = name.into();
        let mut pauses = Pauses::new();
        loop {
            let fit = self.get_fit(name.as_str()).await?;
            look(&fit);
            if !matches!(fit.state(), v1::FitState::Queued | v1::FitState::Running) {
                return Ok(fit);
            }
            pauses.pause().await;
        }
    }

    /// Stops a fit that is queued or running. One that was stopped before stays so.
    ///
    /// # Errors
    /// A refusal with `STATE_FORBIDS` when it has ended otherwise.
    pub async fn cancel_fit(&self, name: impl Into<String>) -> Result<v1::Fit, Error> {
        let request = v1::CancelFitRequest { name: name.into() };
        self.call(request, |transport, request| async move {
            cohorts(transport).cancel_fit(request).await
        })
        .await
    }

    /// Compares two fits of a study by their likelihoods.
    ///
    /// # Errors
    /// A refusal with `FITS_NOT_COMPARABLE` says why they cannot be compared.
    pub async fn compare_fits(
        &self,
        name: impl Into<String>,
        other_name: impl Into<String>,
    ) -> Result<v1::CompareFitsResponse, Error> {
        let request = v1::CompareFitsRequest {
            name: name.into(),
            other_name: other_name.into(),
        };
        self.call(request, |transport, request| async move {
            cohorts(transport).compare_fits(request).await
        })
        .await
    }

    /// Freezes a fit as the next version of a reference.
    ///
    /// # Errors
    /// A refusal with `FIT_NOT_A_REFERENCE` says why the model is none, with `STATE_FORBIDS` that the fit has not
    /// succeeded.
    pub async fn freeze_fit(
        &self,
        mut request: v1::FreezeFitRequest,
    ) -> Result<v1::FreezeFitResponse, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            cohorts(transport).freeze_fit(request).await
        })
        .await
    }

    /// Creates the next version of a reference from a table.
    ///
    /// # Errors
    /// A refusal with `INVALID_FIELD` names stratum or level and rule.
    pub async fn create_reference(
        &self,
        mut request: v1::CreateReferenceRequest,
    ) -> Result<v1::Reference, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            cohorts(transport).create_reference(request).await
        })
        .await
    }

    /// Returns the reference `studies/{study}/references/{name}@{version}`; the newest version without `@{version}`.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`.
    pub async fn get_reference(&self, name: impl Into<String>) -> Result<v1::Reference, Error> {
        let request = v1::GetReferenceRequest { name: name.into() };
        self.call(request, |transport, request| async move {
            cohorts(transport).get_reference(request).await
        })
        .await
    }

    /// Says how reliable each metric is, by a population model or by the days of a study. Nothing is stored.
    ///
    /// # Errors
    /// A refusal with `INVALID_FIELD` names field and rule.
    pub async fn estimate_reliability(
        &self,
        request: v1::EstimateReliabilityRequest,
    ) -> Result<v1::EstimateReliabilityResponse, Error> {
        self.call(request, |transport, request| async move {
            cohorts(transport).estimate_reliability(request).await
        })
        .await
    }

    /// Simulates studies of two groups: how often they find a difference of slopes, or how many persons it takes. Nothing is
    /// stored; the service gives up when this is dropped.
    ///
    /// # Errors
    /// A refusal with `INVALID_FIELD` names field and rule, with `OVERLOADED` that as many simulations run as the service
    /// takes.
    pub async fn estimate_power(
        &self,
        request: v1::EstimatePowerRequest,
    ) -> Result<v1::EstimatePowerResponse, Error> {
        self.call(request, |transport, request| async move {
            cohorts(transport).estimate_power(request).await
        })
        .await
    }
}
