//! Query results as a stream: page after page, as fast as the reader takes them and no faster.

use std::future::Future;

use diel_store::{PageRequest, StoreError};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::access::Stay;
use crate::admission::Permit;
use crate::refusal::Refusal;

/// Rows in one message.
const ROWS: u32 = 500;
/// Messages that may wait for a slow reader.
const WAITING: usize = 2;

/// Where a stream begins and what it holds while it lasts.
pub(crate) struct Pages<K> {
    /// Asked again before each page.
    pub(crate) stay: Stay,
    pub(crate) stopping: CancellationToken,
    pub(crate) permit: Permit,
    pub(crate) after: Option<K>,
}

impl<K: Send + 'static> Pages<K> {
    /// Sends what `page` answers until there is no next page, the reader is gone or the server stops.
    pub(crate) fn send<M, F, P>(self, mut page: F) -> ReceiverStream<Result<M, Status>>
    where
        M: Send + 'static,
        F: FnMut(PageRequest<K>) -> P + Send + 'static,
        P: Future<Output = Result<(M, Option<K>), StoreError>> + Send,
    {
        let (sender, messages) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            let Self {
                stay,
                stopping,
                permit,
                mut after,
            } = self;
            loop {
                if stopping.is_cancelled() {
                    let _ = sender
                        .send(Err(Refusal::Overloaded("this server is stopping").into()))
                        .await;
                    break;
                }
                if let Err(refusal) = stay.check().await {
                    let _ = sender.send(Err(refusal.into())).await;
                    break;
                }
                match page(PageRequest { after, limit: ROWS }).await {
                    Ok((message, next)) => {
                        if sender.send(Ok(message)).await.is_err() || next.is_none() {
                            break;
                        }
                        after = next;
                    }
                    Err(error) => {
                        let _ = sender.send(Err(Refusal::from(error).into())).await;
                        break;
                    }
                }
            }
            drop(permit);
        });
        ReceiverStream::new(messages)
    }
}
