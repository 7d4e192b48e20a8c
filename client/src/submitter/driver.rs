//! The task behind a submitter: it holds what is not answered yet, over as many connections as it takes.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tonic::Code;

use super::connection::Connection;
use super::{Acknowledgement, Pending};
use crate::connect::Client;
use crate::error::Error;
use crate::v1;
use crate::v1::submit_batches_response::Result as Outcome;

pub(super) struct Driver {
    pub(super) client: Client,
    /// Sent by the caller, not yet by us.
    pub(super) waiting: mpsc::UnboundedReceiver<Pending>,
    /// Sent by us and not answered, oldest first.
    pub(super) unanswered: VecDeque<Pending>,
    pub(super) answered: mpsc::UnboundedSender<Acknowledgement>,
    /// Tries since the last answer.
    pub(super) tries: u32,
}

impl Driver {
    /// Runs until the caller sends no more and everything is answered, or until it is time to give up.
    pub(super) async fn run(mut self) -> Result<(), Error> {
        loop {
            if self.unanswered.is_empty() {
                match self.waiting.recv().await {
                    Some(pending) => self.unanswered.push_back(pending),
                    None => return Ok(()),
                }
            }
            let server = self.client.server();
            let Err(error) = self.run_connection().await else {
                return Ok(());
            };
            // A connection that broke while nothing was under way did no harm.
            if self.unanswered.is_empty() {
                continue;
            }
            self.tries += 1;
            match self.client.pause(self.tries, &error, server) {
                Some(pause) => sleep(pause).await,
                None => return Err(error),
            }
        }
    }

    /// Sends and receives until everything is done or the connection breaks.
    async fn run_connection(&mut self) -> Result<(), Error> {
        let patience = self.client.request_timeout();
        let requests = self.unanswered.iter().map(|pending| &pending.request);
        let mut connection = within(patience, Connection::open(&self.client, requests)).await?;
        let mut more = true;
        while more || !self.unanswered.is_empty() {
            let patience = if self.unanswered.is_empty() {
                Duration::MAX
            } else {
                patience
            };
            tokio::select! {
                pending = self.waiting.recv(), if more => match pending {
                    Some(pending) => {
                        connection.send(&pending.request);
                        self.unanswered.push_back(pending);
                    }
                    None => more = false,
                },
                answer = within(patience, connection.next()) => self.answer(answer?)?,
            }
        }
        Ok(())
    }

    /// Takes an answer to the oldest unanswered batch.
    fn answer(&mut self, answer: v1::SubmitBatchesResponse) -> Result<(), Error> {
        let outcome = match answer.result {
            Some(Outcome::Response(response)) => Ok(response),
            // Not the caller's fault: this connection is given up, and the batch sent again with those behind it,
            // so that answers stay in order.
            Some(Outcome::Error(error)) if Code::from_i32(error.code) == Code::Unavailable => {
                return Err(Error::from(error));
            }
            Some(Outcome::Error(error)) => Err(Error::from(error)),
            None => {
                return Err(Error::Protocol {
                    what: "an answer says nothing",
                });
            }
        };
        let pending = self
            .unanswered
            .pop_front_if(|pending| pending.request.request_id == answer.request_id)
            .ok_or(Error::Protocol {
                what: "it answered what was not asked, or out of order",
            })?;
        self.tries = 0;
        // When the submitter is gone nobody wants to know.
        let _ = self.answered.send(Acknowledgement {
            request_id: answer.request_id,
            row_count: pending.request.results.len(),
            outcome,
        });
        Ok(())
    }
}

async fn within<T>(
    patience: Duration,
    answer: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    timeout(patience, answer)
        .await
        .unwrap_or(Err(Error::Timeout))
}
