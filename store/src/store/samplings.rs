//! Sampling protocols, and people's tubes to be held against them.

use diel_core::sampling::SamplingProtocol;

use super::{Store, read, write};
use crate::{Call, Page, PageRequest, Samplings, StoreError, StoredProtocol};

impl Store {
    /// A version of a study's sampling protocol; `None` for the one in force.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn protocol(
        &self,
        study: &str,
        version: Option<i64>,
    ) -> Result<StoredProtocol, StoreError> {
        read!(self, protocols::read(study, version))
    }

    /// Versions of a study's sampling protocol, the newest first.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn protocols(
        &self,
        study: &str,
        page: &PageRequest<i64>,
    ) -> Result<Page<StoredProtocol, i64>, StoreError> {
        read!(self, protocols::list(study, page))
    }

    /// Puts another sampling protocol in force. `replaced_version` is the one that the caller saw, 0 where there was
    /// none.
    ///
    /// # Errors
    /// [`StoreError::EtagMismatch`] when another is in force, [`StoreError::NotFound`] for the study,
    /// [`StoreError::RequestIdReused`].
    pub async fn update_protocol(
        &self,
        study: &str,
        protocol: SamplingProtocol,
        replaced_version: i64,
        call: &Call,
    ) -> Result<StoredProtocol, StoreError> {
        write!(
            self,
            protocols::UpdateProtocol {
                study: study.to_owned(),
                protocol,
                replaced_version,
                call: call.clone(),
            }
        )
    }

    /// Everything that people were sampled with, by participant, all from one state of the database; or of one of them.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study or the participant.
    pub async fn samplings(
        &self,
        study: &str,
        participant: Option<&str>,
        page: &PageRequest<String>,
    ) -> Result<Samplings, StoreError> {
        read!(self, samplings::list(study, participant, page))
    }
}
