//! The audit trail.

use crate::call::audits;
use crate::connect::Client;
use crate::error::Error;
use crate::v1;

impl Client {
    /// Returns where the chain of `studies/{study}` ends, or, for an empty name, the one outside any study. The entries
    /// are had with [`Client::list`] and [`Client::stream`].
    ///
    /// # Errors
    /// A refusal with `RESOURCE_NOT_FOUND`.
    pub async fn get_audit_head(&self, parent: impl Into<String>) -> Result<v1::AuditHead, Error> {
        let request = v1::GetAuditHeadRequest {
            parent: parent.into(),
        };
        self.call(request, |transport, request| async move {
            audits(transport).get_audit_head(request).await
        })
        .await
    }
}
