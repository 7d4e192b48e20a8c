//! Batches on their way: one in a call of its own, many over a stream.

use std::collections::VecDeque;

use diel_client::{Acknowledgement, Client, Error, Submitter, v1};
use tokio::sync::mpsc::Receiver;

use super::batches::FileBatch;
use super::reading::Read;
use super::report::Report;
use crate::output::Progress;

/// Batches sent before the first answer is awaited.
const AHEAD: usize = 4;

/// Sends all batches as they are read and reports the answers.
///
/// # Errors
/// The file cannot be read on, or the service cannot be reached or stays away. A refused batch is no error: it is
/// reported.
pub(super) async fn send(
    client: &Client,
    parent: &str,
    mut batches: Receiver<Read>,
    total: u64,
    mut report: Report,
) -> anyhow::Result<Report> {
    let Some(first) = batches.recv().await.transpose()? else {
        return Ok(report);
    };
    let second = batches.recv().await.transpose()?;
    let Some(second) = second else {
        let answer = client.submit_batch(first.request.clone()).await;
        match current(client, &first, answer).await {
            Err(error) if error.refusal().is_none() => return Err(error.into()),
            outcome => report.add(&first.lines, outcome),
        }
        return Ok(report);
    };
    anyhow::ensure!(
        first.request.controls.is_empty(),
        "the samples make more than one batch, and controls belong to one plate: send each plate's samples and controls \
         by themselves"
    );
    let mut stream = Stream {
        client,
        submitter: client.submissions(parent),
        under_way: VecDeque::new(),
        progress: Progress::new(total, "rows"),
        report,
    };
    Box::pin(stream.send(first)).await?;
    Box::pin(stream.send(second)).await?;
    while let Some(batch) = batches.recv().await.transpose()? {
        Box::pin(stream.send(batch)).await?;
    }
    stream.finish().await
}

/// What is sent and what came back.
struct Stream<'a> {
    client: &'a Client,
    submitter: Submitter,
    /// Oldest first.
    under_way: VecDeque<FileBatch>,
    progress: Progress,
    report: Report,
}

impl Stream<'_> {
    async fn send(&mut self, mut batch: FileBatch) -> anyhow::Result<()> {
        // Only a batch of which some rows may be refused can have to be sent again.
        let request = if batch.request.allow_partial {
            batch.request.clone()
        } else {
            std::mem::take(&mut batch.request)
        };
        if let Err(error) = self.submitter.send(request).await {
            return Err(given_up(&self.report, error));
        }
        self.under_way.push_back(batch);
        // Answers come while we send; those that are here already are taken without waiting.
        while self.under_way.len() > AHEAD {
            self.take().await?;
        }
        Ok(())
    }

    async fn take(&mut self) -> anyhow::Result<()> {
        let answer = self.submitter.next_acknowledgement().await;
        let Some(batch) = self.under_way.pop_front() else {
            return Ok(());
        };
        match answer {
            Ok(Some(Acknowledgement { outcome, .. })) => {
                let outcome = current(self.client, &batch, outcome).await;
                self.report.add(&batch.lines, outcome);
                self.progress.set(self.report.answered());
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(error) => Err(given_up(&self.report, error)),
        }
    }

    async fn finish(mut self) -> anyhow::Result<Report> {
        while !self.under_way.is_empty() {
            self.take().await?;
        }
        self.submitter.finish().await?;
        Ok(self.report)
    }
}

/// The answer that holds today. One from an earlier run that refuses rows may be out of date, for what they contradict
/// may have been amended: the batch is then sent as a new request.
async fn current(
    client: &Client,
    batch: &FileBatch,
    answer: Result<v1::SubmitBatchResponse, Error>,
) -> Result<v1::SubmitBatchResponse, Error> {
    match answer {
        Ok(response) if response.answered_before && !response.refused_rows.is_empty() => {
            let request = v1::SubmitBatchRequest {
                request_id: String::new(),
                ..batch.request.clone()
            };
            client.submit_batch(request).await
        }
        answer => answer,
    }
}

/// What is stored stays stored: whoever reads this must know that sending again is the way on.
fn given_up(report: &Report, error: Error) -> anyhow::Error {
    anyhow::Error::from(error).context(format!(
        "{} rows were answered before the service was lost; send the file again, nothing is stored twice",
        report.answered()
    ))
}
