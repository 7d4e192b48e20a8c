//! Watching flags.

use super::{Store, on_engine, read};
use crate::{CommitWatch, FlagChange, FlagFilter, Page, PageRequest, StoreError};

impl Store {
    /// Steps of flags behind the key of the page, up to the number `until`, in the order in which they were committed.
    /// When `until` is the head of the study's chain as it was read before, none is missed.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn flag_steps(
        &self,
        study: &str,
        filter: &FlagFilter,
        until: i64,
        page: &PageRequest<i64>,
    ) -> Result<Page<FlagChange, i64>, StoreError> {
        read!(self, watch::steps(study, filter, until, page))
    }

    /// The flags that stand as they did when the study's chain ended with the number `at`, by id, each as its last step.
    /// Together with the steps behind `at` they are the present state: a flag that has moved on meanwhile is left out here
    /// and comes there.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the study.
    pub async fn flags_standing_at(
        &self,
        study: &str,
        filter: &FlagFilter,
        at: i64,
        page: &PageRequest<String>,
    ) -> Result<Page<FlagChange, String>, StoreError> {
        read!(self, watch::present(study, filter, at, page))
    }

    /// Sees what this process commits, to look again at once.
    #[must_use]
    pub fn commits(&self) -> CommitWatch {
        on_engine!(self, |database| database.commits.watch())
    }
}
