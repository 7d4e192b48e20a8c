//! Quality control of batches: what is measured beside the samples, by which rules it is assessed, and what follows.

pub(super) mod assess;
mod columns;
mod decide;
pub(crate) mod measured;
pub(crate) mod policies;
mod reassess;

pub(crate) use decide::DecideBatch;
pub(crate) use measured::list as list_runs;
pub(crate) use policies::{UpdateQualityPolicy, read as read_policy};
pub(crate) use reassess::ReassessNext;

pub(super) use columns::AssessmentColumns;
pub(super) use reassess::{Changed, later_than, reassess, touched};

/// Statements of the whole folder.
pub(super) fn statements() -> impl Iterator<Item = &'static str> {
    measured::STATEMENTS
        .into_iter()
        .chain(policies::STATEMENTS)
        .chain(reassess::STATEMENTS)
        .chain(decide::STATEMENTS)
}
