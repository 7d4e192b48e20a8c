//! Profiles: a row of sampling days in, a row out, under the names of the table of profiles of the service.

use std::fmt::Write;
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder,
};
use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch, StringArray, StructArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use diel_core::{Features, Moment, Person, Policy, Profile, profile};

use crate::columns::{Column, Columns};
use crate::days::{self, Days, EPOCH};
use crate::fault::{Fault, TableError};
use crate::people::{age, check_participant};
use crate::schema::{code, count, number, text};

/// The one feature that is a time of day, and is written as one.
const CLOCK_FEATURE: &str = "peak_clock_time";

/// Computes the profile of each row.
pub(crate) fn profiles(batch: &RecordBatch, policy: &Policy) -> Result<RecordBatch, TableError> {
    let table = StructArray::from(batch.clone());
    let mut known = vec!["participant", "age_years"];
    known.extend(days::KNOWN);
    let columns = Columns::new(&table, "", &known)?;
    let participants: Column<StringArray> = columns.required("participant")?;
    let ages: Column<Float64Array> = columns.optional("age_years")?;
    let days = Days::read(&columns)?;
    let mut answer = Rows::default();
    for row in 0..table.len() {
        let participant = participants.get(row).unwrap_or_default();
        let computed = (|| {
            check_participant(participant)?;
            let person = Person {
                age: age(ages.get(row))?,
                ..Person::default()
            };
            Ok(profile(days.day(row)?, &person, policy))
        })();
        let profile = computed.map_err(|fault: Fault| TableError::Row {
            row,
            participant: participant.to_owned(),
            fault,
        })?;
        answer.push(participant, days.label(row), &profile);
    }
    answer.finish()
}

/// The columns of the answer.
pub(crate) fn schema() -> SchemaRef {
    let mut fields = vec![
        code("participant"),
        text("day"),
        Field::new("sampling_date", DataType::Date32, true),
        text("awakening_at"),
        count("sample_count", "samples"),
    ];
    fields.extend(Features::NAMES.map(|name| match name {
        CLOCK_FEATURE => text(name),
        name => number(name, unit_of(name)),
    }));
    fields.extend([
        text("findings"),
        text("absences"),
        Field::new("valid", DataType::Boolean, false),
    ]);
    Arc::new(Schema::new(fields))
}

/// The unit of a feature.
fn unit_of(feature: &str) -> &'static str {
    match feature {
        "mesor" | "amplitude" | "dynamic_range_ln" => "ln(nmol/L)",
        "evening_morning_ratio" | "cosinor_p" => "1",
        "slope_regression_se" => "ln(nmol/L)/h",
        name if name.ends_with("_ln_per_h") => "ln(nmol/L)/h",
        name if name.ends_with("_nmol_per_l_per_h") => "nmol/L/h",
        name if name.ends_with("_nmol_min_per_l") => "nmol/L*min",
        name if name.ends_with("_nmol_h_per_l") => "nmol/L*h",
        _ => "nmol/L",
    }
}

#[derive(Default)]
struct Rows {
    participant: StringBuilder,
    day: StringBuilder,
    sampling_date: Date32Builder,
    awakening_at: StringBuilder,
    sample_count: Int64Builder,
    features: [Float64Builder; Features::NAMES.len()],
    peak_clock_time: StringBuilder,
    findings: StringBuilder,
    absences: StringBuilder,
    valid: BooleanBuilder,
}

impl Rows {
    fn push(&mut self, participant: &str, label: Option<&str>, profile: &Profile) {
        let day = &profile.day;
        self.participant.append_value(participant);
        match (label, day.date) {
            (Some(label), _) => self.day.append_value(label),
            (None, Some(date)) => self.day.append_value(date.to_string()),
            (None, None) => self.day.append_null(),
        }
        let since_epoch = day.date.and_then(|date| EPOCH.until(date).ok());
        self.sampling_date
            .append_option(since_epoch.map(|span| span.get_days()));
        self.awakening_at.append_option(day.awakening.map(stamp));
        self.sample_count
            .append_value(i64::try_from(day.samples.len()).unwrap_or(i64::MAX));
        let mut absences = String::new();
        for (column, (name, feature)) in self.features.iter_mut().zip(profile.features.iter()) {
            column.append_option(feature.ok());
            if name == CLOCK_FEATURE {
                self.peak_clock_time
                    .append_option(feature.ok().map(clock_time));
            }
            if let Err(absence) = feature {
                let separator = if absences.is_empty() { "" } else { ";" };
                absences.extend([separator, name, ":", absence.code()]);
            }
        }
        append_or_null(&mut self.findings, profile.findings);
        append_or_null(&mut self.absences, absences);
        self.valid.append_value(profile.valid);
    }

    fn finish(mut self) -> Result<RecordBatch, TableError> {
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.participant.finish()),
            Arc::new(self.day.finish()),
            Arc::new(self.sampling_date.finish()),
            Arc::new(self.awakening_at.finish()),
            Arc::new(self.sample_count.finish()),
        ];
        for (name, mut feature) in Features::NAMES.into_iter().zip(self.features) {
            columns.push(match name {
                CLOCK_FEATURE => Arc::new(self.peak_clock_time.finish()),
                _ => Arc::new(feature.finish()),
            });
        }
        columns.push(Arc::new(self.findings.finish()));
        columns.push(Arc::new(self.absences.finish()));
        columns.push(Arc::new(self.valid.finish()));
        Ok(RecordBatch::try_new(schema(), columns)?)
    }
}

/// Codes joined by `;`, null where there is none.
pub(crate) fn append_or_null(column: &mut StringBuilder, codes: impl ToString) {
    let codes = codes.to_string();
    column.append_option((!codes.is_empty()).then_some(codes));
}

/// RFC 3339 with the local offset: `2026-03-01T07:05:00+01:00`.
fn stamp(moment: Moment) -> String {
    let offset = moment.utc_offset_minutes();
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
    let mut text = moment.local_date_time().to_string();
    // Writing to a String does not fail.
    let _ = write!(text, "{sign}{hours:02}:{minutes:02}");
    text
}

/// `06:05` from hours after midnight, to the nearest minute; what rounds to midnight is `00:00`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a float beyond the range becomes its nearest end, and a day has 1440 minutes"
)]
fn clock_time(hours_after_midnight: f64) -> String {
    let minutes = ((hours_after_midnight * 60.0).round() as i64).rem_euclid(24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}
