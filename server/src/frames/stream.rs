//! The rows of a statement as batches, page by page as fast as they are read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::RecordBatch;
use diel_store::ProfileFilter;

use super::selection::Selection;
use super::statement::Statement;
use super::{Frame, PAGE_ROWS, source};
use crate::access::Caller;
use crate::convert::filter;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::stream::{Answers, Pages};

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

    macro_rules! pages {
        () => {
            Pages {
                stay,
                stopping,
                permit,
                after: None,
            }
        };
    }
    /// A table: where its pages come from, and its filter.
    macro_rules! rows {
        ($kind:ident, $filter:expr) => {{
            let filter = $filter?;
            let (store, study) = (service.store.clone(), statement.study.clone());
            pages!().send_by(PAGE_ROWS, move |page| {
                let (store, study, filter) = (store.clone(), study.clone(), filter.clone());
                let (schema, columns, left) =
                    (Arc::clone(&schema), Arc::clone(&columns), Arc::clone(&left));
                async move {
                    let frame = Frame::new(&schema, &columns, page.limit)?;
                    let read = source::$kind(&store, &study, &filter, &page, frame);
                    let (frame, next) = read.await?;
                    let (batch, is_last) = within(frame.finish()?, &left);
                    Ok::<_, Refusal>((batch, next.filter(|_| !is_last)))
                }
            })
        }};
    }
    Ok(match selection {
        Selection::Profiles(filter) => {
            let filter = filter::of_profiles(Some(&*codes.enter(filter)))?;
            if filter == ProfileFilter::default() && statement.limit.is_none() {
                let (store, study) = (service.store.clone(), statement.study.clone());
                pages!().send_all(PAGE_ROWS, move |page| {
                    let (store, study) = (store.clone(), study.clone());
                    let (schema, columns) = (Arc::clone(&schema), Arc::clone(&columns));
                    async move {
                        let frame = || Frame::new(&schema, &columns, page.limit);
                        let frames = [frame()?, frame()?];
                        let read = source::all_profiles(&store, &study, page, frames);
                        let (frames, next) = read.await?;
                        let batches: Result<Vec<_>, _> =
                            frames.into_iter().map(Frame::finish).collect();
                        Ok::<_, Refusal>((batches?, next))
                    }
                })
            } else {
                rows!(profiles, Ok::<_, Refusal>(filter))
            }
        }
        Selection::Rhythms(filter) => rows!(rhythms, filter::of_rhythms(Some(&filter))),
        Selection::Flags(filter) => {
            let (filter, now) = (codes.enter(filter), service.clock.now());
            rows!(flags, filter::of_flags(Some(&*filter), now))
        }
        Selection::Samples(filter) => {
            let filter = codes.enter(filter);
            rows!(samples, filter::of_specimens(Some(&*filter)))
        }
        Selection::Fits => rows!(fits, Ok::<_, Refusal>(source::Unfiltered)),
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
