//! Flags and their review.

use diel_core::QueueSummary;
use jiff::Timestamp;

use super::{Store, read, write};
use crate::flag_review::ReviewStep;
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

    /// How many of the flags that a filter chooses are expected to point at slopes that are not flatter than the
    /// threshold: overall, by group and down the queue.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn queue_summary(
        &self,
        study: &str,
        filter: &FlagFilter,
    ) -> Result<QueueSummary, StoreError> {
        read!(self, queue::summary(study, filter))
    }

    /// Lets the caller hold a flag that waits for a reviewer and is still at this version, until an instant or until it is
    /// released. `take_over` takes it from whoever holds it.
    ///
    /// # Errors
    /// [`StoreError::FlagMovedOn`], [`StoreError::Review`], [`StoreError::NotFound`].
    #[expect(clippy::too_many_arguments, reason = "a step and all that it says")]
    pub async fn claim_flag(
        &self,
        study: &str,
        id: &str,
        version: i64,
        until: Option<Timestamp>,
        take_over: bool,
        reason: &str,
        call: &Call,
    ) -> Result<Flag, StoreError> {
        let step = ReviewStep::Claim { until, take_over };
        self.review(study, id, version, step, reason, call).await
    }

    /// Lets go of a flag that the caller holds and that is still at this version.
    ///
    /// # Errors
    /// [`StoreError::FlagMovedOn`], [`StoreError::Review`], [`StoreError::NotFound`].
    pub async fn release_flag(
        &self,
        study: &str,
        id: &str,
        version: i64,
        reason: &str,
        call: &Call,
    ) -> Result<Flag, StoreError> {
        self.review(study, id, version, ReviewStep::Release, reason, call)
            .await
    }

    /// Records a reviewer's decision about a flag that waits for one and is still at this version. Where the policy in
    /// force wants a second reviewer, the first decision leaves the flag waiting for the second.
    ///
    /// # Errors
    /// [`StoreError::FlagMovedOn`], [`StoreError::Review`], [`StoreError::NotFound`].
    pub async fn resolve_flag(
        &self,
        study: &str,
        id: &str,
        version: i64,
        decision: FlagDecision,
        reason: &str,
        call: &Call,
    ) -> Result<Flag, StoreError> {
        let step = ReviewStep::Resolve(decision);
        self.review(study, id, version, step, reason, call).await
    }

    /// Opens a decided flag again that is still at this version.
    ///
    /// # Errors
    /// [`StoreError::FlagMovedOn`], [`StoreError::Review`], [`StoreError::NotFound`].
    pub async fn reopen_flag(
        &self,
        study: &str,
        id: &str,
        version: i64,
        reason: &str,
        call: &Call,
    ) -> Result<Flag, StoreError> {
        self.review(study, id, version, ReviewStep::Reopen, reason, call)
            .await
    }

    async fn review(
        &self,
        study: &str,
        id: &str,
        version: i64,
        step: ReviewStep,
        reason: &str,
        call: &Call,
    ) -> Result<Flag, StoreError> {
        write!(
            self,
            review::Review {
                study: study.to_owned(),
                flag: id.to_owned(),
                version,
                step,
                reason: reason.to_owned(),
                call: call.clone(),
            }
        )
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
