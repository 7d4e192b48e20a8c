//! A simulated cohort as batches: people in order, three days of five samples each, all facts inline.

use std::io::{self, Write};

use diel_core::Moment;
use diel_proto::v1 as pb;
use diel_proto::v1::measurement::Outcome;

use diel_tests::random::Random;

/// Samples of one person: three days of five.
pub const SAMPLES_PER_PERSON: usize = 15;
/// Hours since awakening at which samples are taken.
const SCHEDULE_H: [f64; 5] = [0.0, 0.5, 4.0, 9.0, 15.0];
/// 2026-01-12 06:00 UTC, the first awakening.
const FIRST_AWAKENING: i64 = 1_768_197_600;

/// The row of one sample. Every tenth person is flat.
#[must_use]
pub fn row(sample: usize) -> pb::ResultInput {
    let person = sample / SAMPLES_PER_PERSON;
    let within = sample % SAMPLES_PER_PERSON;
    let (day, position) = (within / SCHEDULE_H.len(), within % SCHEDULE_H.len());
    let hours = SCHEDULE_H.get(position).copied().unwrap_or_default();
    let slope = if person.is_multiple_of(10) {
        0.02
    } else {
        -0.0965
    };
    let car = if position == 1 { 0.41 } else { 0.0 };
    let value =
        (1.63 + slope * hours + car + 1.4 * (Random::new(sample as u64).uniform() - 0.5)).exp();
    let awakening = FIRST_AWAKENING + i64::try_from(day).unwrap_or(0) * 86_400;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "hours of one day in whole seconds"
    )]
    let seconds = awakening + (hours * 3600.0) as i64;
    let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
    pb::ResultInput {
        specimen: format!("S{sample:08}"),
        concentration: Some(pb::Measurement {
            outcome: Some(Outcome::Value((value * 1e4).round() / 1e4)),
            unit: pb::ConcentrationUnit::NmolPerL as i32,
        }),
        collection: Some(pb::Collection {
            participant: format!("P{person:06}"),
            collection_time: at(seconds),
            collection_utc_offset_minutes: Some(60),
            awakening_time: at(awakening),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// One batch of the samples `from..to` for `studies/{study}`.
#[must_use]
pub fn batch(study: &str, from: usize, to: usize) -> pb::SubmitBatchRequest {
    pb::SubmitBatchRequest {
        parent: format!("studies/{study}"),
        batch: Some(pb::Batch {
            lab: "Bench".into(),
            assay: "simulated".into(),
            plate: format!("{from}"),
            ..Default::default()
        }),
        results: (from..to).map(row).collect(),
        ..Default::default()
    }
}

/// Asks for the study that benches submit to, `studies/bench`.
#[must_use]
pub fn study() -> pb::CreateStudyRequest {
    pb::CreateStudyRequest {
        study_id: "bench".into(),
        study: Some(pb::Study {
            display_name: "Bench".into(),
            time_zone: "Europe/Berlin".into(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// The same samples as a long CSV with a column for the specimen, as a laboratory's system writes it.
///
/// # Errors
/// It cannot be written.
pub fn write_csv(mut out: impl Write, samples: usize) -> io::Result<()> {
    writeln!(
        out,
        "participant,specimen,collected_at,awakening_at,concentration,unit"
    )?;
    for row in (0..samples).map(row) {
        let facts = row.collection.unwrap_or_default();
        let value = match row.concentration.and_then(|measured| measured.outcome) {
            Some(Outcome::Value(value)) => value,
            _ => f64::NAN,
        };
        writeln!(
            out,
            "{},{},{},{},{value},nmol/L",
            facts.participant,
            row.specimen,
            local(facts.collection_time)?,
            local(facts.awakening_time)?
        )?;
    }
    out.flush()
}

/// An instant on a clock an hour east of Greenwich, with its offset.
fn local(time: Option<prost_types::Timestamp>) -> io::Result<String> {
    let seconds = time.map_or(0, |time| time.seconds);
    let there = Moment::new(seconds * 1_000_000, 60).map_err(io::Error::other)?;
    Ok(format!("{}+01:00", there.local_date_time()))
}
