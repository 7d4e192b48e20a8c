//! What a model of a cohort needs of each person: a row of persons in, a row of sums out.

use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, Float64Builder, Int64Builder, ListBuilder, StringBuilder,
};
use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use diel_core::formula::{BeyondLimits, MergeableModel, PersonSums};
use diel_core::frame::{CohortFrameBuilder, CohortMember};
use diel_core::{Policy, profile};

use crate::fault::{Fault, TableError};
use crate::people::People;
use crate::schema::{code, count};

/// How the sums are made; another number, and sums of both do not mix.
pub(crate) const METHOD: &str = "cohort-terms@1";

/// Sums up each row.
pub(crate) fn cohort_terms(
    batch: &RecordBatch,
    model: &MergeableModel,
    policy: &Policy,
    beyond: BeyondLimits,
) -> Result<RecordBatch, TableError> {
    let table = StructArray::from(batch.clone());
    let people = People::read(&table)?;
    let formula = model.formula().to_string();
    let mut answer = Rows::default();
    let mut seen = HashSet::new();
    for row in 0..table.len() {
        let participant = people.participant(row);
        let sums = if seen.insert(participant) {
            sums(&people, row, model, policy, beyond)
        } else {
            Err(Fault::PersonTwice)
        };
        let sums = sums.map_err(|fault| TableError::Row {
            row,
            participant: participant.to_owned(),
            fault,
        })?;
        answer.push(participant, &formula, &sums);
    }
    answer.finish()
}

fn sums(
    people: &People,
    row: usize,
    model: &MergeableModel,
    policy: &Policy,
    beyond: BeyondLimits,
) -> Result<PersonSums, Fault> {
    let (person, days) = people.person(row)?;
    let labels = people.day_labels(row)?;
    let profiles: Vec<_> = days
        .into_iter()
        .map(|day| profile(day, &person, policy))
        .collect();
    let member = CohortMember {
        participant: people.participant(row),
        person,
        group: people.group(row),
        sex: people.sex(row),
    };
    let mut builder = CohortFrameBuilder::default();
    builder.add(&member, labels.into_iter().zip(&profiles), policy);
    Ok(model.sums(&builder.finish(), beyond)?)
}

/// The columns of the answer.
pub(crate) fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        code("participant"),
        code("formula"),
        list("observation_counts", DataType::Int64),
        list("means", DataType::Float64),
        list("products", DataType::Float64),
        count("rows_left_out_count", "samples"),
        count("beyond_limits_count", "samples"),
        code("method"),
    ]))
}

fn list(name: &str, of: DataType) -> Field {
    Field::new_list(name, Field::new_list_field(of, true), false)
}

#[derive(Default)]
struct Rows {
    participant: StringBuilder,
    formula: StringBuilder,
    counts: ListBuilder<Int64Builder>,
    means: ListBuilder<Float64Builder>,
    products: ListBuilder<Float64Builder>,
    rows_left_out: Int64Builder,
    beyond_limits: Int64Builder,
    method: StringBuilder,
}

impl Rows {
    fn push(&mut self, participant: &str, formula: &str, person: &PersonSums) {
        self.participant.append_value(participant);
        self.formula.append_value(formula);
        let counts = person.sums.counts().iter();
        self.counts
            .append_value(counts.map(|count| Some(i64::from(*count))));
        append(&mut self.means, person.sums.means());
        append(&mut self.products, person.sums.products());
        self.rows_left_out.append_value(whole(person.rows_left_out));
        self.beyond_limits.append_value(whole(person.beyond_limits));
        self.method.append_value(METHOD);
    }

    fn finish(mut self) -> Result<RecordBatch, TableError> {
        let builders: [&mut dyn ArrayBuilder; 8] = [
            &mut self.participant,
            &mut self.formula,
            &mut self.counts,
            &mut self.means,
            &mut self.products,
            &mut self.rows_left_out,
            &mut self.beyond_limits,
            &mut self.method,
        ];
        let columns: Vec<ArrayRef> = builders
            .into_iter()
            .map(|builder| builder.finish())
            .collect();
        Ok(RecordBatch::try_new(schema(), columns)?)
    }
}

fn append(lists: &mut ListBuilder<Float64Builder>, numbers: &[f64]) {
    lists.append_value(numbers.iter().map(|number| Some(*number)));
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
