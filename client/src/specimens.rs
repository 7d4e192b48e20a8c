//! Tubes that were registered: corrections of what is known of them. Their lists are had with [`Client::list`].

use crate::call::specimens;
use crate::connect::Client;
use crate::error::Error;
use crate::{request_id, v1};

impl Client {
    /// Corrects collection facts. Earlier facts stay readable.
    ///
    /// # Errors
    /// A refusal with `ETAG_MISMATCH` when other facts are in force than the caller saw, with `STATE_FORBIDS` where
    /// there are none, with `RESOURCE_NOT_FOUND` for a specimen or a participant.
    pub async fn correct_specimens(
        &self,
        mut request: v1::CorrectSpecimensRequest,
    ) -> Result<v1::CorrectSpecimensResponse, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            specimens(transport).correct_specimens(request).await
        })
        .await
    }

    /// Returns the sampling protocol `studies/{study}/protocols/{version}`; version "current" is the one in force.
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`.
    pub async fn get_protocol(&self, name: impl Into<String>) -> Result<v1::Protocol, Error> {
        let request = v1::GetProtocolRequest { name: name.into() };
        self.call(request, |transport, request| async move {
            specimens(transport).get_protocol(request).await
        })
        .await
    }

    /// Puts a new version of a sampling protocol in force.
    ///
    /// # Errors
    /// A refusal with `ETAG_MISMATCH` when another version is in force than the caller saw, with `INVALID_FIELD` whose
    /// violations name every rule that it breaks.
    pub async fn update_protocol(
        &self,
        mut request: v1::UpdateProtocolRequest,
    ) -> Result<v1::Protocol, Error> {
        request_id::fill(&mut request.request_id);
        self.call(request, |transport, request| async move {
            specimens(transport).update_protocol(request).await
        })
        .await
    }
}
