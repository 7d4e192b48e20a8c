//! Rows of batches as tests write them.

use diel_proto::v1 as pb;
use diel_proto::v1::measurement::Outcome;

/// 2026-01-12 06:00:00 UTC, a Monday, 07:00 in Berlin: the first awakening of every made-up person.
pub const FIRST_AWAKENING: i64 = 1_768_197_600;
/// Seconds in a day.
pub const DAY: i64 = 86_400;

/// An instant.
#[must_use]
pub fn at(seconds: i64) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds, nanos: 0 }
}

/// A value in nmol/L.
#[must_use]
pub fn nmol(value: f64) -> pb::Measurement {
    pb::Measurement {
        outcome: Some(Outcome::Value(value)),
        unit: pb::ConcentrationUnit::NmolPerL as i32,
    }
}

/// What every batch of a test has in common.
#[must_use]
pub fn batch() -> pb::Batch {
    pb::Batch {
        lab: "Test laboratory".to_owned(),
        assay: "test ELISA".to_owned(),
        ..pb::Batch::default()
    }
}

/// A row with its collection facts: `participant`, `hours` after the awakening of the `day`-th day.
#[must_use]
pub fn row(participant: &str, day: i64, hours: f64, value: f64) -> pb::ResultInput {
    let awakening = FIRST_AWAKENING + day * DAY;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "hours of one day in whole seconds"
    )]
    let seconds = (hours * 3600.0).round() as i64;
    pb::ResultInput {
        specimen: format!("{participant}-{day}-{seconds}"),
        concentration: Some(nmol(value)),
        collection: Some(pb::Collection {
            participant: participant.to_owned(),
            collection_time: Some(at(awakening + seconds)),
            awakening_time: Some(at(awakening)),
            age_years: Some(34.0),
            group: "adults".to_owned(),
            ..pb::Collection::default()
        }),
        ..pb::ResultInput::default()
    }
}

/// Five samples a day over `days` days on the line `ln C = intercept + slope x hours`, with an awakening response.
#[must_use]
pub fn person(participant: &str, days: i64, intercept: f64, slope: f64) -> Vec<pb::ResultInput> {
    let mut rows = Vec::new();
    for day in 0..days {
        for hours in [0.0, 0.5, 4.0, 9.0, 15.0] {
            let car = if hours == 0.5 { 0.4 } else { 0.0 };
            rows.push(row(
                participant,
                day,
                hours,
                (intercept + slope * hours + car).exp(),
            ));
        }
    }
    rows
}

/// A request to store rows in `studies/{study}`.
#[must_use]
pub fn submission(study: &str, results: Vec<pb::ResultInput>) -> pb::SubmitBatchRequest {
    pb::SubmitBatchRequest {
        parent: format!("studies/{study}"),
        batch: Some(batch()),
        results,
        ..pb::SubmitBatchRequest::default()
    }
}
