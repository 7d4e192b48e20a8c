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
}
