//! What the service answered, batch by batch and in all.

use crate::error::Error;
use crate::v1;

/// The answer to one batch.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Acknowledgement {
    /// The request id of the batch.
    pub request_id: String,
    /// How many rows were sent.
    pub row_count: usize,
    /// What became of it: durable once this says so, or refused as a whole.
    pub outcome: Result<v1::SubmitBatchResponse, Error>,
}

/// The answers to many batches together.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Totals {
    /// Batches answered, refused ones included.
    pub batch_count: usize,
    /// Rows stored now.
    pub stored_count: i64,
    /// Rows that were stored before with the same content.
    pub unchanged_count: i64,
    /// Rows that wait for their specimen's collection facts.
    pub waiting_count: i64,
    /// Rows refused, alone or with their batch.
    pub refused_count: i64,
    /// Profiles computed.
    pub profile_count: i64,
    /// Names of flags raised or reopened.
    pub raised_flags: Vec<String>,
    /// The batches refused as a whole, by request id.
    pub refused_batches: Vec<(String, Error)>,
}

impl Totals {
    pub(super) fn add(&mut self, answer: &Acknowledgement) {
        self.batch_count += 1;
        match &answer.outcome {
            Ok(response) => {
                self.stored_count += response.stored_count;
                self.unchanged_count += response.unchanged_count;
                self.waiting_count += response.waiting_count;
                self.refused_count += count(response.refused_rows.len());
                self.profile_count += response.profile_count;
                self.raised_flags
                    .extend(response.raised_flags.iter().cloned());
            }
            Err(error) => {
                self.refused_count += count(answer.row_count);
                self.refused_batches
                    .push((answer.request_id.clone(), error.clone()));
            }
        }
    }
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
