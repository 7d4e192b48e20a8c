//! Query results as a stream: page after page, as fast as the reader takes them and no faster.

mod answers;

use std::future::Future;
use std::time::Duration;

use diel_store::{PageRequest, StoreError};
use tokio_util::sync::CancellationToken;

use crate::access::Stay;
use crate::admission::Permit;
use crate::call;
use crate::refusal::Refusal;

pub(crate) use answers::{Answers, Sender, answers};

/// Rows in one message.
pub(crate) const ROWS: u32 = 500;
/// Messages that may wait for a slow reader.
const WAITING: usize = 2;
/// How long a stream of requests stays open while nothing comes: streams are few.
const IDLE: Duration = Duration::from_secs(600);

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
    pub(crate) fn send<M, F, P>(self, page: F) -> Answers<M>
    where
        M: Send + 'static,
        F: FnMut(PageRequest<K>) -> P + Send + 'static,
        P: Future<Output = Result<(M, Option<K>), StoreError>> + Send,
    {
        self.send_by(ROWS, page)
    }

    /// The same with pages of so many rows.
    pub(crate) fn send_by<M, E, F, P>(self, rows: u32, mut page: F) -> Answers<M>
    where
        M: Send + 'static,
        E: Into<Refusal> + Send,
        F: FnMut(PageRequest<K>) -> P + Send + 'static,
        P: Future<Output = Result<(M, Option<K>), E>> + Send,
    {
        self.send_all(rows, move |request| {
            let page = page(request);
            async move { page.await.map(|(message, next)| ([message], next)) }
        })
    }

    /// The same where a page is several messages.
    pub(crate) fn send_all<S, E, F, P>(self, rows: u32, mut page: F) -> Answers<S::Item>
    where
        S: IntoIterator<Item: Send + 'static, IntoIter: Send> + Send,
        E: Into<Refusal> + Send,
        F: FnMut(PageRequest<K>) -> P + Send + 'static,
        P: Future<Output = Result<(S, Option<K>), E>> + Send,
    {
        let (sender, messages) = answers(WAITING);
        call::spawn(async move {
            let Self {
                stay,
                stopping,
                permit,
                mut after,
            } = self;
            'pages: loop {
                if stopping.is_cancelled() {
                    sender.end(Refusal::Overloaded("this server is stopping").into());
                    break;
                }
                if let Err(refusal) = stay.check().await {
                    sender.end(refusal.into());
                    break;
                }
                match page(PageRequest { after, limit: rows }).await {
                    Ok((messages, next)) => {
                        for message in messages {
                            if sender.send(message).await.is_err() {
                                break 'pages;
                            }
                        }
                        if next.is_none() {
                            break;
                        }
                        after = next;
                    }
                    Err(error) => {
                        let refusal: Refusal = error.into();
                        sender.end(refusal.into());
                        break;
                    }
                }
            }
            drop(permit);
        });
        messages
    }
}

/// Comes when a stream of requests has been silent for too long.
pub(crate) async fn silence() -> Refusal {
    tokio::time::sleep(IDLE).await;
    Refusal::Overloaded("nothing came on the stream for 10 min")
}
