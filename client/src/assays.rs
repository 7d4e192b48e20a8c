//! Methods, and conversions between assays.

use crate::call::assays;
use crate::connect::Client;
use crate::error::Error;
use crate::{request_id, v1};

impl Client {
    /// Creates a method, or the next version of one.
    ///
    /// # Errors
    /// A refusal with `INVALID_FIELD` names field and rule.
    pub async fn create_method(
        &self,
        mut request: v1::CreateMethodRequest,
    ) -> Result<v1::Method, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            assays(transport).create_method(request).await
        })
        .await
    }

    /// Returns the method `studies/{study}/methods/{name}@{version}`; the newest version without `@{version}`.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`.
    pub async fn get_method(&self, name: impl Into<String>) -> Result<v1::Method, Error> {
        let request = v1::GetMethodRequest { name: name.into() };
        self.call(request, |transport, request| async move {
            assays(transport).get_method(request).await
        })
        .await
    }

    /// Creates a conversion, or the next version of one.
    ///
    /// # Errors
    /// A refusal with `INVALID_FIELD` names term and rule.
    pub async fn create_conversion(
        &self,
        mut request: v1::CreateConversionRequest,
    ) -> Result<v1::Conversion, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            assays(transport).create_conversion(request).await
        })
        .await
    }

    /// Returns the conversion `studies/{study}/conversions/{name}@{version}`; the newest version without `@{version}`.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`.
    pub async fn get_conversion(&self, name: impl Into<String>) -> Result<v1::Conversion, Error> {
        let request = v1::GetConversionRequest { name: name.into() };
        self.call(request, |transport, request| async move {
            assays(transport).get_conversion(request).await
        })
        .await
    }
}
