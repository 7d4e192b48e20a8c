//! Messages of a page into a batch.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use super::{Frame, FrameError};

/// Rows of one batch: of the widest table some 1.5 MB, below the 4 MiB that gRPC clients take unasked.
pub(crate) const PAGE_ROWS: u32 = 4_096;

/// The rows of a page as a batch of the columns at `wanted`.
///
/// # Errors
/// [`FrameError`], which is a defect.
pub(crate) fn batch_of<M>(
    schema: &SchemaRef,
    wanted: &[usize],
    rows: impl ExactSizeIterator<Item = M>,
    write: impl Fn(&mut Frame, &M),
) -> Result<RecordBatch, FrameError> {
    let mut frame = Frame::new(schema, wanted, rows.len())?;
    for row in rows {
        write(&mut frame, &row);
    }
    frame.finish()
}
