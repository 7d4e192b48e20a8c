//! One stream to the service, as long as it lasts.

use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::{Status, Streaming};

use crate::call::submissions;
use crate::connect::Client;
use crate::error::Error;
use crate::v1;

pub(super) struct Connection {
    /// Without a bound of its own: the submitter's window bounds what comes here.
    outgoing: mpsc::UnboundedSender<v1::SubmitBatchesRequest>,
    incoming: Streaming<v1::SubmitBatchesResponse>,
}

impl Connection {
    /// Opens a stream. What was not answered on the one before goes first, and goes at once: a proxy may hold the
    /// response headers back until it has seen a message.
    pub(super) async fn open<'a>(
        client: &Client,
        unanswered: impl Iterator<Item = &'a v1::SubmitBatchRequest>,
    ) -> Result<Self, Error> {
        let (outgoing, messages) = mpsc::unbounded_channel();
        for request in unanswered {
            // Cannot fail: its receiver is the next line's.
            let _ = outgoing.send(message(request));
        }
        let messages = UnboundedReceiverStream::new(messages);
        let answer = submissions(client.transport())
            .submit_batches(messages)
            .await?;
        Ok(Self {
            outgoing,
            incoming: answer.into_inner(),
        })
    }

    /// Sends a batch. On a stream that has ended it goes nowhere, and [`Connection::next`] says so.
    pub(super) fn send(&self, request: &v1::SubmitBatchRequest) {
        let _ = self.outgoing.send(message(request));
    }

    /// The next answer. Safe to drop before it is ready.
    pub(super) async fn next(&mut self) -> Result<v1::SubmitBatchesResponse, Error> {
        let ended = || {
            Status::unavailable("the service ended the stream before it had answered everything")
        };
        Ok(self.incoming.message().await?.ok_or_else(ended)?)
    }
}

fn message(request: &v1::SubmitBatchRequest) -> v1::SubmitBatchesRequest {
    v1::SubmitBatchesRequest {
        submission: Some(request.clone()),
    }
}
