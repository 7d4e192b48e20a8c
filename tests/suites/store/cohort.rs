//! Made-up participants: a day is five samples, steep or flat, on a curve whose slope is known.

use diel_core::{
    AgeYears, CodeShapes, Conditions, Limits, Measurement, Moment, Outcome, PolicyTerms,
    TimeSource, Unit,
};
use diel_store::{
    Call, Collection, Mode, NewBatch, NewResult, NewStudy, Request, Sex, Store, Submission,
    SubmissionRow,
};
use jiff::Timestamp;

pub(crate) const STUDY: &str = "night";

/// Hours since awakening of a day's samples.
pub(crate) const HOURS: [f64; 5] = [0.0, 0.5, 4.0, 9.0, 15.0];

/// 2026-03-02T06:30:00Z in microseconds; awakenings are on this and the following days, local time UTC+1.
const FIRST_AWAKENING_US: i64 = 1_772_433_000_000_000;
const DAY_US: i64 = 86_400_000_000;
const HOUR_US: f64 = 3_600_000_000.0;

pub(crate) fn now() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

pub(crate) fn call() -> Call {
    Call {
        actor: "lab".to_owned(),
        now: now(),
        request: None,
        validate_only: false,
    }
}

pub(crate) fn call_with(id: &str, digest: u8) -> Call {
    Call {
        request: Some(Request {
            id: id.to_owned(),
            digest: [digest; 32],
        }),
        ..call()
    }
}

pub(crate) async fn create_study(store: &Store) {
    store.create_study(new_study(STUDY), &call()).await.unwrap();
}

pub(crate) fn new_study(id: &str) -> NewStudy {
    NewStudy {
        id: id.to_owned(),
        display_name: "Night and day".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        display_unit: Some(Unit::UgPerDl),
        policy: PolicyTerms::default(),
        refused_shapes: CodeShapes::usual(),
        code_key: None,
        retention: None,
    }
}

pub(crate) fn batch() -> NewBatch {
    NewBatch {
        lab: "Dresden".to_owned(),
        assay: "CLIA".to_owned(),
        kit: "K-17".to_owned(),
        plate: "P1".to_owned(),
        limit_of_detection: None,
        lower_limit_of_quantification: None,
        upper_limit_of_quantification: None,
        limit_unit: None,
        limits: Limits::default(),
        method: String::new(),
        run_date: Some("2026-05-20".parse().unwrap()),
    }
}

pub(crate) fn awakening(day: i64) -> Moment {
    Moment::new(FIRST_AWAKENING_US + day * DAY_US, 60).unwrap()
}

#[expect(clippy::cast_possible_truncation, reason = "hours of a day")]
pub(crate) fn collected(day: i64, hours: f64) -> Moment {
    Moment::new(awakening(day).microseconds() + (hours * HOUR_US) as i64, 60).unwrap()
}

pub(crate) fn nmol(value: f64) -> Measurement {
    Measurement::new(Outcome::Value(value), Some(Unit::NmolPerL)).unwrap()
}

pub(crate) fn tube(participant: &str, day: i64, sample: usize) -> String {
    format!("{participant}-d{day:02}-s{sample}")
}

/// 12 nmol/L at awakening, falling by `slope` ln units an hour, without an awakening response.
pub(crate) fn level(slope: f64, hours: f64) -> f64 {
    12.0 * (slope * hours).exp()
}

pub(crate) fn result(specimen: &str, measurement: Measurement) -> NewResult {
    NewResult {
        specimen: specimen.to_owned(),
        measurement,
        replicate_count: Some(2),
        replicate_cv_percent: Some(4.5),
        well: "B7".to_owned(),
    }
}

pub(crate) fn collection(participant: &str, day: i64, sample: usize) -> Collection {
    Collection {
        participant: participant.to_owned(),
        collected: collected(day, HOURS[sample]),
        source: TimeSource::Electronic,
        label: format!("S{}", sample + 1),
        awakening: Some((awakening(day), TimeSource::Actigraphy)),
        conditions: Conditions::EMPTY,
        age: Some(AgeYears::new(34.0).unwrap()),
        sex: Sex::Female,
        group: "control".to_owned(),
    }
}

/// The rows of one day, with their collection facts.
pub(crate) fn day(participant: &str, day: i64, slope: f64) -> Vec<SubmissionRow> {
    (0..HOURS.len())
        .map(|sample| SubmissionRow {
            row: 0,
            result: result(
                &tube(participant, day, sample),
                nmol(level(slope, HOURS[sample])),
            ),
            collection: Some(collection(participant, day, sample)),
        })
        .collect()
}

pub(crate) fn days(
    participant: &str,
    days: std::ops::Range<i64>,
    slope: f64,
) -> Vec<SubmissionRow> {
    days.flat_map(|number| day(participant, number, slope))
        .collect()
}

pub(crate) fn submission(rows: Vec<SubmissionRow>) -> Submission {
    let rows = (0..)
        .zip(rows)
        .map(|(row, given)| SubmissionRow { row, ..given })
        .collect();
    Submission {
        study: STUDY.to_owned(),
        batch: batch(),
        rows,
        controls: Vec::new(),
        mode: Mode::Atomic,
        call: call(),
    }
}

/// A slope as steep as adults have it, and one that rises instead, so that few days tell.
pub(crate) const STEEP: f64 = -0.14;
pub(crate) const FLAT: f64 = 0.04;
