//! Rhythms: a row of persons in, a row out, under the names of the table of rhythms of the service.

use std::sync::Arc;

use arrow_array::builder::{Float64Builder, Int64Builder, StringBuilder};
use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use arrow_schema::{Schema, SchemaRef};
use diel_core::{Policy, Rhythm, analyse_days};

use crate::fault::TableError;
use crate::people::People;
use crate::profiles::append_or_null;
use crate::schema::{code, count, number, text};

const SLOPE: &str = "ln(nmol/L)/h";

/// Computes the rhythm of each row.
pub(crate) fn rhythms(batch: &RecordBatch, policy: &Policy) -> Result<RecordBatch, TableError> {
    let table = StructArray::from(batch.clone());
    let people = People::read(&table)?;
    let mut answer = Rows::default();
    for row in 0..table.len() {
        let participant = people.participant(row);
        let (person, days) = people.person(row).map_err(|fault| TableError::Row {
            row,
            participant: participant.to_owned(),
            fault,
        })?;
        answer.push(participant, &analyse_days(&person, days, policy).rhythm);
    }
    answer.finish()
}

/// The columns of the answer.
pub(crate) fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        code("participant"),
        count("day_count", "days"),
        count("valid_day_count", "days"),
        count("sample_count", "samples"),
        number("slope_ln_per_h", SLOPE),
        number("slope_se", SLOPE),
        number("posterior_slope_ln_per_h", SLOPE),
        number("posterior_sd", SLOPE),
        number("probability_flat", "1"),
        number("reference_percentile", "percentile"),
        number("reliability", "1"),
        code("verdict"),
        text("reasons"),
        number("posterior_lower_ln_per_h", SLOPE),
        number("posterior_upper_ln_per_h", SLOPE),
        number("threshold_ln_per_h", SLOPE),
        count("days_to_reliable", "days"),
        count("left_out_sample_count", "samples"),
        code("reference"),
        code("digest"),
        code("method"),
    ]))
}

#[derive(Default)]
struct Rows {
    participant: StringBuilder,
    /// Days, days that count, samples.
    counts: [Int64Builder; 3],
    /// From the own slope to the reliability.
    numbers: [Float64Builder; 7],
    verdict: StringBuilder,
    reasons: StringBuilder,
    /// Lower and upper end, threshold.
    bounds: [Float64Builder; 3],
    days_to_reliable: Int64Builder,
    left_out_sample_count: Int64Builder,
    reference: StringBuilder,
    digest: StringBuilder,
    method: StringBuilder,
}

impl Rows {
    fn push(&mut self, participant: &str, rhythm: &Rhythm) {
        let estimate = rhythm.estimate.as_ref();
        let posterior = rhythm.posterior.as_ref();
        self.participant.append_value(participant);
        let counts = [
            rhythm.day_count,
            rhythm.valid_day_count,
            rhythm.sample_count,
        ];
        for (column, count) in self.counts.iter_mut().zip(counts) {
            column.append_value(count.into());
        }
        let numbers = [
            estimate.map(|estimate| estimate.slope_ln_per_h),
            estimate.and_then(|estimate| estimate.se),
            posterior.map(|posterior| posterior.slope_ln_per_h),
            posterior.map(|posterior| posterior.sd),
            posterior.map(|posterior| posterior.probability_flat),
            posterior.map(|posterior| posterior.reference_percentile),
            posterior.map(|posterior| posterior.reliability),
        ];
        for (column, number) in self.numbers.iter_mut().zip(numbers) {
            column.append_option(number);
        }
        self.verdict.append_value(rhythm.verdict.code());
        append_or_null(&mut self.reasons, rhythm.reasons);
        let bounds = [
            posterior.map(|posterior| posterior.lower),
            posterior.map(|posterior| posterior.upper),
            Some(rhythm.threshold_ln_per_h),
        ];
        for (column, bound) in self.bounds.iter_mut().zip(bounds) {
            column.append_option(bound);
        }
        let days_to_reliable = posterior.and_then(|posterior| posterior.days_to_reliable);
        self.days_to_reliable
            .append_option(days_to_reliable.map(i64::from));
        self.left_out_sample_count
            .append_value(rhythm.left_out_sample_count.into());
        self.reference.append_value(rhythm.reference.id());
        self.digest.append_value(hexadecimal(&rhythm.digest));
        self.method.append_value(diel_core::RHYTHM_METHOD);
    }

    fn finish(mut self) -> Result<RecordBatch, TableError> {
        let mut columns: Vec<ArrayRef> = vec![Arc::new(self.participant.finish())];
        columns.extend(
            self.counts
                .map(|mut column| Arc::new(column.finish()) as ArrayRef),
        );
        columns.extend(
            self.numbers
                .map(|mut column| Arc::new(column.finish()) as ArrayRef),
        );
        columns.push(Arc::new(self.verdict.finish()));
        columns.push(Arc::new(self.reasons.finish()));
        columns.extend(
            self.bounds
                .map(|mut column| Arc::new(column.finish()) as ArrayRef),
        );
        columns.push(Arc::new(self.days_to_reliable.finish()));
        columns.push(Arc::new(self.left_out_sample_count.finish()));
        columns.push(Arc::new(self.reference.finish()));
        columns.push(Arc::new(self.digest.finish()));
        columns.push(Arc::new(self.method.finish()));
        Ok(RecordBatch::try_new(schema(), columns)?)
    }
}

fn hexadecimal(digest: &[u8]) -> String {
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}
