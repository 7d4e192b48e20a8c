//! Batches, specimens and results.

use super::{Store, on_engine, read, write};
use crate::{
    Amended, Amendment, Amendments, Batch, Corrected, Corrections, EarlierFacts, Page, PageRequest,
    Recall, Registered, Registration, ResultFilter, Revised, Specimen, SpecimenFilter, StoreError,
    StoredResult, Submission, Submitted,
};

impl Store {
    /// Stores a batch of results, profiles the days and judges the participants they belong to. When this returns,
    /// all of it is durable and can be read. It is stored or rolled back whole even when the caller stops waiting.
    ///
    /// # Errors
    /// [`StoreError::Conflicts`] for an atomic submission, [`StoreError::RequestIdReused`], [`StoreError::NotFound`]
    /// for the study, [`StoreError::Unavailable`], [`StoreError::InDoubt`].
    pub async fn submit(&self, submission: Submission) -> Result<Submitted, StoreError> {
        on_engine!(self, |database| database.submit(submission).await)
    }

    /// Stores collection facts and awakenings, and judges the participants they belong to.
    ///
    /// # Errors
    /// As [`Store::submit`].
    pub async fn register(&self, registration: Registration) -> Result<Registered, StoreError> {
        write!(self, register::Register(registration))
    }

    /// Puts a further revision of a result in force, and judges its participant again.
    ///
    /// # Errors
    /// [`StoreError::EtagMismatch`] when another revision is in force, [`StoreError::NotFound`],
    /// [`StoreError::RequestIdReused`].
    pub async fn amend(&self, amendment: Amendment) -> Result<StoredResult, StoreError> {
        write!(self, amend::Amend(amendment))
    }

    /// Gives specimens other collection facts, keeps the earlier ones, and judges everybody concerned.
    ///
    /// # Errors
    /// [`StoreError::EtagMismatch`] when other facts are in force than the caller saw, [`StoreError::StateForbids`]
    /// where there are none, [`StoreError::NotFound`] for a study, specimen or participant,
    /// [`StoreError::RequestIdReused`].
    pub async fn correct(&self, corrections: Corrections) -> Result<Corrected, StoreError> {
        write!(self, corrections::Correct(corrections))
    }

    /// Collection facts of a specimen that were replaced by corrections, by revision.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn earlier_facts(
        &self,
        study: &str,
        specimen: &str,
        page: &PageRequest<i64>,
    ) -> Result<Page<EarlierFacts, i64>, StoreError> {
        read!(self, facts::list_earlier(study, specimen, page))
    }

    /// Puts further revisions of many results in force, and judges their participants again. Rows that repeat what is in
    /// force change nothing.
    ///
    /// # Errors
    /// [`StoreError::Amendments`] when one of them cannot be stored and all or nothing was asked for,
    /// [`StoreError::NotFound`] for the study, [`StoreError::RequestIdReused`].
    pub async fn amend_together(&self, amendments: Amendments) -> Result<Amended, StoreError> {
        write!(self, amendments::AmendTogether(amendments))
    }

    /// Recalls a batch: results of it that are in force and say a concentration are replaced by revisions that say
    /// "rejected by the laboratory", and their participants are judged again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::EtagMismatch`], [`StoreError::StateForbids`] when it is recalled already,
    /// [`StoreError::RequestIdReused`].
    pub async fn recall_batch(&self, recall: Recall) -> Result<(Batch, Revised), StoreError> {
        write!(self, recall::RecallBatch(recall))
    }

    /// Takes the recall of a batch back: results that it took out of force come back as further revisions, those that
    /// were amended since stay.
    ///
    /// # Errors
    /// As [`Store::recall_batch`]; [`StoreError::StateForbids`] when it is not recalled.
    pub async fn restore_batch(&self, recall: Recall) -> Result<(Batch, Revised), StoreError> {
        write!(self, recall::RestoreBatch(recall))
    }

    /// A batch.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn batch(&self, study: &str, id: &str) -> Result<Batch, StoreError> {
        read!(self, batches::read(study, id))
    }

    /// Batches, oldest first.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn batches(
        &self,
        study: &str,
        page: &PageRequest<String>,
    ) -> Result<Page<Batch, String>, StoreError> {
        read!(self, batches::list(study, page))
    }

    /// A specimen with its collection facts and its result in force.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn specimen(&self, study: &str, code: &str) -> Result<Specimen, StoreError> {
        read!(self, specimens::read(study, code))
    }

    /// Specimens by id.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn specimens(
        &self,
        study: &str,
        filter: &SpecimenFilter,
        page: &PageRequest<String>,
    ) -> Result<Page<Specimen, String>, StoreError> {
        read!(self, specimens::list(study, filter, page))
    }

    /// All revisions of results, by specimen and revision.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn results(
        &self,
        study: &str,
        filter: &ResultFilter,
        page: &PageRequest<(String, i32)>,
    ) -> Result<Page<StoredResult, (String, i32)>, StoreError> {
        read!(self, results::list(study, filter, page))
    }
}
