//! Flags and their review.

use super::{Store, on_engine, read};
use crate::{
    Call, Case, Dossier, Flag, FlagDecision, FlagEvent, FlagFilter, FlagOrder, FlagPlace, Page,
    PageRequest, StoreError,
};

impl Store {
    /// A flag with its evidence.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn flag(&self, study: &str, id: &str) -> Result<Flag, StoreError> {
        read!(self, flags::read(study, id))
    }

    /// Flags, the most probable first, then by id. Pages go on after a probability and an id.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn flags(
        &self,
        study: &str,
        filter: &FlagFilter,
        page: &PageRequest<(f64, String)>,
    ) -> Result<Page<Flag, (f64, String)>, StoreError> {
        read!(self, flags::list(study, filter, page))
    }

    /// Flags in the order that a reviewer chose. Pages go on after the place of a flag.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn queue(
        &self,
        study: &str,
        filter: &FlagFilter,
        order: FlagOrder,
        page: &PageRequest<FlagPlace>,
    ) -> Result<Page<Flag, FlagPlace>, StoreError> {
        read!(self, flags::queue(study, filter, order, page))
    }

    /// A flag with its history, its participant and its neighbours in the queue, from one state of the database.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn case(&self, study: &str, id: &str) -> Result<Case, StoreError> {
        read!(self, case::read(study, id))
    }

    /// A participant with all that the judgement rests on, from one state of the database.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn dossier(&self, study: &str, participant: &str) -> Result<Dossier, StoreError> {
        read!(self, case::dossier(study, participant))
    }

    /// Records a reviewer's decision about an open flag that is still at this version.
    ///
    /// # Errors
    /// [`StoreError::EtagMismatch`], [`StoreError::StateForbids`], [`StoreError::NotFound`].
    pub async fn resolve_flag(
        &self,
        study: &str,
        id: &str,
        version: i64,
        decision: FlagDecision,
        reason: &str,
        call: &Call,
    ) -> Result<Flag, StoreError> {
        on_engine!(self, |database, operations| {
            use operations::review::{Review, ReviewStep};
            let (study, flag, reason, call) = (
                study.to_owned(),
                id.to_owned(),
                reason.to_owned(),
                call.clone(),
            );
            database
                .write(Review {
                    study,
                    flag,
                    version,
                    step: ReviewStep::Resolve(decision),
                    reason,
                    call,
                })
                .await
        })
    }

    /// Opens a resolved flag again that is still at this version.
    ///
    /// # Errors
    /// [`StoreError::EtagMismatch`], [`StoreError::StateForbids`], [`StoreError::NotFound`].
    pub async fn reopen_flag(
        &self,
        study: &str,
        id: &str,
        version: i64,
        reason: &str,
        call: &Call,
    ) -> Result<Flag, StoreError> {
        on_engine!(self, |database, operations| {
            use operations::review::{Review, ReviewStep};
            let (study, flag, reason, call) = (
                study.to_owned(),
                id.to_owned(),
                reason.to_owned(),
                call.clone(),
            );
            database
                .write(Review {
                    study,
                    flag,
                    version,
                    step: ReviewStep::Reopen,
                    reason,
                    call,
                })
                .await
        })
    }

    /// What happened to a flag, oldest first.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn flag_events(
        &self,
        study: &str,
        id: &str,
        page: &PageRequest<i64>,
    ) -> Result<Page<FlagEvent, i64>, StoreError> {
        read!(self, flags::events(study, id, page))
    }
}
