//! The rows of a statement as batches, page by page as fast as they are read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::RecordBatch;

use super::selection::Selection;
use super::statement::Statement;
use super::{PAGE_ROWS, batch_of};
use crate::access::Caller;
use crate::convert::{filter, flag, profile, rhythm};
use crate::refusal::Refusal;
use crate::service::Service;
use crate::stream::{Answers, Pages};
use crate::table;

/// Begins to read what a statement selects. Whether the caller may read the study was asked before.
///
/// # Errors
/// [`Refusal::Invalid`] for conditions that cannot be looked up, [`Refusal::Overloaded`] when as many streams are open as may be.
pub(crate) async fn batches(
    service: &Service,
    caller: Caller,
    statement: &Statement,
) -> Result<Answers<RecordBatch>, Refusal> {
    let selection =
        Selection::of(statement).map_err(|error| Refusal::field("statement", error.to_string()))?;
    let codes = service.codes(&statement.study).await?;
    let permit = service.admission.stream()?;
    let stay = caller.staying(Some(&statement.study));
    let stopping = service.stopping.clone();
    let schema = statement.table.schema();
    let columns: Arc<[usize]> = statement.columns.as_slice().into();
    let left = Arc::new(AtomicU64::new(statement.limit.unwrap_or(u64::MAX)));

    /// A table: its list in the store, its filter, a row's message and its cells.
    macro_rules! rows {
        ($kind:ident, $filter:expr, $row:ident) => {{
            let filter = $filter?;
            let (store, study) = (service.store.clone(), statement.study.clone());
            let pages = Pages {
                stay,
                stopping,
                permit,
                after: None,
            };
            pages.send_by(PAGE_ROWS, move |page| {
                let (store, study, filter) = (store.clone(), study.clone(), filter.clone());
                let (schema, columns, left) =
                    (Arc::clone(&schema), Arc::clone(&columns), Arc::clone(&left));
                async move {
                    let page = store.$kind(&study, &filter, &page).await?;
                    let rows = page.items.iter().map(|item| $row::to_proto(&study, item));
                    let batch = batch_of(&schema, &columns, rows, |frame, row| {
                        table::$kind::write(frame, row);
                    })?;
                    let (batch, is_last) = within(batch, &left);
                    let next = page.next.filter(|_| !is_last);
                    Ok::<_, Refusal>((batch, next))
                }
            })
        }};
    }
    Ok(match selection {
        Selection::Profiles(filter) => {
            let filter = codes.enter(filter);
            rows!(profiles, filter::of_profiles(Some(&*filter)), profile)
        }
        Selection::Rhythms(filter) => rows!(rhythms, filter::of_rhythms(Some(&filter)), rhythm),
        Selection::Flags(filter) => {
            let (filter, now) = (codes.enter(filter), service.clock.now());
            rows!(flags, filter::of_flags(Some(&*filter), now), flag)
        }
    })
}

/// Cuts a batch to the rows that are left of the limit, and says whether that was all.
fn within(batch: RecordBatch, left: &AtomicU64) -> (RecordBatch, bool) {
    let before = left.load(Ordering::Relaxed);
    let rows = u64::try_from(batch.num_rows()).unwrap_or(u64::MAX);
    let after = before.saturating_sub(rows);
    left.store(after, Ordering::Relaxed);
    let kept = usize::try_from(before).map_or(batch.num_rows(), |most| most.min(batch.num_rows()));
    (batch.slice(0, kept), after == 0)
}
