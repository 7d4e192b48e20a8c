//! The rows of an answer that comes in pieces.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{BoxStream, Stream, StreamExt as _};

use crate::error::Error;

/// The rows of a query, fetched as they are asked for. After an error there are no more.
pub struct Rows<T> {
    rows: BoxStream<'static, Result<T, Error>>,
}

impl<T: Send + 'static> Rows<T> {
    /// Lays out a stream of chunks row by row.
    pub(crate) fn of_chunks(
        chunks: impl Stream<Item = Result<Vec<T>, Error>> + Send + 'static,
    ) -> Self {
        let rows = chunks.flat_map(|chunk| {
            let (rows, error) = match chunk {
                Ok(rows) => (rows, None),
                Err(error) => (Vec::new(), Some(Err(error))),
            };
            futures_util::stream::iter(rows.into_iter().map(Ok).chain(error))
        });
        Self { rows: rows.boxed() }
    }

    /// The next row; none after the last.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        self.rows.next().await
    }

    /// All rows, or the first `limit` of them.
    ///
    /// # Errors
    /// The error that ended the rows; those before it are dropped.
    pub async fn collect(mut self, limit: usize) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        while all.len() < limit
            && let Some(row) = self.next().await
        {
            all.push(row?);
        }
        Ok(all)
    }
}

impl<T> Stream for Rows<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.rows.poll_next_unpin(context)
    }
}

impl<T> std::fmt::Debug for Rows<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Rows").finish_non_exhaustive()
    }
}
