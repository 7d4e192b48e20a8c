//! A laboratory's program that keeps its own record of what it was told is stored.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, bail, ensure};
use diel_client::{Client, Code, v1};

use super::STUDY;
use crate::rows::{person, submission};

/// Days of each person, who is one batch of five samples a day.
pub(super) const DAYS: i64 = 3;
/// Results in each batch.
pub(super) const ROWS: i64 = 5 * DAYS;
/// One person in so many has a curve that is flat beyond doubt.
const FLAT_EVERY: u32 = 5;

/// A batch whose storing was acknowledged.
#[derive(Debug, Clone)]
pub(super) struct Acknowledged {
    pub(super) person: String,
    /// The name of the batch.
    pub(super) batch: String,
    /// It had been sent before without an answer, and was stored then.
    pub(super) found: bool,
    /// It had been sent before without an answer.
    pub(super) retried: bool,
}

/// Sends one batch after the other until something breaks.
#[derive(Debug)]
pub(super) struct Writer {
    number: usize,
    next: u32,
    /// Sent, and not answered: it may or may not be stored.
    pub(super) doubtful: Option<v1::SubmitBatchRequest>,
    /// What was acknowledged since it was last taken.
    pub(super) acknowledged: Vec<Acknowledged>,
}

impl Writer {
    pub(super) fn new(number: usize) -> Self {
        Self {
            number,
            next: 0,
            doubtful: None,
            acknowledged: Vec::new(),
        }
    }

    /// Sends what is in doubt again under its id, then new batches until one is not answered or `stop` is set.
    ///
    /// # Errors
    /// Whatever is neither an answer nor an outage, and an answer that is not about this batch alone.
    pub(super) async fn write(mut self, client: Client, stop: Arc<AtomicBool>) -> Result<Self> {
        loop {
            let (request, retried) = match self.doubtful.take() {
                Some(request) => (request, true),
                None if stop.load(Ordering::Acquire) => return Ok(self),
                None => (self.fresh(), false),
            };
            match client.submit_batch(request.clone()).await {
                Ok(answer) => self.keep(&request, answer, retried)?,
                Err(error) if is_outage(error.code()) => {
                    self.doubtful = Some(request);
                    return Ok(self);
                }
                Err(error) => bail!("{}: {:?}: {error}", request.request_id, error.code()),
            }
        }
    }

    fn fresh(&mut self) -> v1::SubmitBatchRequest {
        let code = format!("W{}-{:06}", self.number, self.next);
        self.next += 1;
        let slope = if is_flat(&code) { 0.04 } else { -0.12 };
        v1::SubmitBatchRequest {
            request_id: code.clone(),
            ..submission(STUDY, person(&code, DAYS, 1.6, slope))
        }
    }

    fn keep(
        &mut self,
        request: &v1::SubmitBatchRequest,
        answer: v1::SubmitBatchResponse,
        retried: bool,
    ) -> Result<()> {
        let person = &request.request_id;
        ensure!(answer.stored_count == ROWS, "{person}: {answer:?}");
        ensure!(
            retried || !answer.answered_before,
            "{person} was never sent before: {answer:?}"
        );
        self.acknowledged.push(Acknowledged {
            person: person.clone(),
            batch: answer.batch.unwrap_or_default().name,
            found: answer.answered_before,
            retried,
        });
        Ok(())
    }
}

/// Whether the curve of a person was made flat.
pub(super) fn is_flat(person: &str) -> bool {
    let number = person
        .rsplit('-')
        .next()
        .and_then(|digits| digits.parse().ok());
    number.is_some_and(|number: u32| number.is_multiple_of(FLAT_EVERY))
}

fn is_outage(code: Code) -> bool {
    matches!(code, Code::Unavailable | Code::DeadlineExceeded)
}
