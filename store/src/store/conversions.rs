//! Conversions between assays.

use super::{Store, read, write};
use crate::{Call, NewConversion, Page, PageRequest, StoreError, StoredConversion};

impl Store {
    /// Creates a conversion, or the next version of one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn create_conversion(
        &self,
        study: &str,
        new: NewConversion,
        call: &Call,
    ) -> Result<StoredConversion, StoreError> {
        write!(
            self,
            conversions::CreateConversion {
                study: study.to_owned(),
                new,
                call: call.clone(),
            }
        )
    }

    /// A conversion of a study: `{name}@{version}`, or `{name}` for its newest version.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn conversion(
        &self,
        study: &str,
        conversion: &str,
    ) -> Result<StoredConversion, StoreError> {
        read!(self, conversions::read(study, conversion))
    }

    /// Conversions of a study by name and version.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn conversions(
        &self,
        study: &str,
        page: &PageRequest<(String, i64)>,
    ) -> Result<Page<StoredConversion, (String, i64)>, StoreError> {
        read!(self, conversions::list(study, page))
    }
}
