//! Batches on their way: one in a call of its own, many over a stream.

use std::collections::VecDeque;

use diel_client::{Acknowledgement, Client, Error, v1};

use super::Mode;
use super::batches::FileBatch;
use super::report::Report;
use crate::output::Progress;

/// Sends all batches and reports the answers.
///
/// # Errors
/// The service cannot be reached or stays away. A refused batch is no error: it is reported.
pub(super) async fn send(
    client: &Client,
    parent: &str,
    batches: Vec<FileBatch>,
    mode: Mode,
    mut report: Report,
) -> anyhow::Result<Report> {
    if batches.len() == 1 {
        for batch in batches {
            let (request, lines) = request(parent, batch, mode);
            match client.submit_batch(request).await {
                Err(error) if error.refusal().is_none() => return Err(error.into()),
                outcome => report.add(&lines, outcome),
            }
        }
        return Ok(report);
    }
    let total = batches.iter().map(|batch| batch.rows.len()).sum::<usize>();
    let mut progress = Progress::new(u64::try_from(total).unwrap_or(u64::MAX), "rows");
    let mut submitter = client.submissions(parent);
    let mut under_way = VecDeque::new();
    for batch in batches {
        let (request, lines) = request(parent, batch, mode);
        if let Err(error) = submitter.send(request).await {
            return Err(given_up(&report, error));
        }
        under_way.push_back(lines);
        // Answers come while we send; those that are here already are taken without waiting.
        while under_way.len() > AHEAD {
            take(
                submitter.next_acknowledgement().await,
                &mut under_way,
                &mut report,
            )?;
            progress.set(report.answered());
        }
    }
    while !under_way.is_empty() {
        take(
            submitter.next_acknowledgement().await,
            &mut under_way,
            &mut report,
        )?;
        progress.set(report.answered());
    }
    submitter.finish().await?;
    Ok(report)
}

/// Batches sent before the first answer is awaited.
const AHEAD: usize = 4;

fn request(parent: &str, batch: FileBatch, mode: Mode) -> (v1::SubmitBatchRequest, Vec<u64>) {
    let request = v1::SubmitBatchRequest {
        parent: parent.to_owned(),
        batch: Some(batch.batch),
        results: batch.rows,
        request_id: String::new(),
        validate_only: mode.validate_only,
        allow_partial: mode.partial,
    };
    (request, batch.lines)
}

fn take(
    answer: Result<Option<Acknowledgement>, Error>,
    under_way: &mut VecDeque<Vec<u64>>,
    report: &mut Report,
) -> anyhow::Result<()> {
    match answer {
        Ok(answer) => {
            let lines = under_way.pop_front().unwrap_or_default();
            if let Some(answer) = answer {
                report.add(&lines, answer.outcome);
            }
            Ok(())
        }
        Err(error) => Err(given_up(report, error)),
    }
}

/// What is stored stays stored: whoever reads this must know that sending again is the way on.
fn given_up(report: &Report, error: Error) -> anyhow::Error {
    anyhow::Error::from(error).context(format!(
        "{} rows were answered before the service was lost; send the file again, nothing is stored twice",
        report.answered()
    ))
}
