//! Methods: what a study knows of its assays.

use super::{Store, read, write};
use crate::{Call, NewMethod, Page, PageRequest, StoreError, StoredMethod};

impl Store {
    /// Creates a method, or the next version of one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn create_method(
        &self,
        study: &str,
        new: NewMethod,
        call: &Call,
    ) -> Result<StoredMethod, StoreError> {
        write!(
            self,
            methods::CreateMethod {
                study: study.to_owned(),
                new,
                call: call.clone(),
            }
        )
    }

    /// A method of a study: `{name}@{version}`, or `{name}` for its newest version.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn method(&self, study: &str, method: &str) -> Result<StoredMethod, StoreError> {
        read!(self, methods::read(study, method))
    }

    /// The method that was last created for an assay, as batches name it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn method_of_assay(
        &self,
        study: &str,
        assay: &str,
    ) -> Result<Option<StoredMethod>, StoreError> {
        read!(self, methods::of_assay(study, assay))
    }

    /// Methods of a study by name and version.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn methods(
        &self,
        study: &str,
        page: &PageRequest<(String, i64)>,
    ) -> Result<Page<StoredMethod, (String, i64)>, StoreError> {
        read!(self, methods::list(study, page))
    }
}
