//! The audit trail.

use super::{Store, read};
use crate::{AuditEntry, AuditFilter, AuditHead, Page, PageRequest, StoreError};

impl Store {
    /// Entries of a study's chain, or of the one outside any study, in their order. Without a filter they can be
    /// verified with [`diel_core::audit::Walk`].
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn audit_entries(
        &self,
        study: Option<&str>,
        filter: &AuditFilter,
        page: &PageRequest<i64>,
    ) -> Result<Page<AuditEntry, i64>, StoreError> {
        read!(self, audit::list(study, filter, page))
    }

    /// Where a chain ends: whoever has seen a number never sees a smaller new one later.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn audit_head(&self, study: Option<&str>) -> Result<AuditHead, StoreError> {
        read!(self, audit::head(study))
    }
}
