//! A row of a file as a row of a batch.

use diel_client::v1;
use diel_core::{Measurement, MissingReason, Moment, Outcome, Unit};

use super::RefusedRow;
use crate::service::{condition, instant};
use diel_import::ImportedRow;

/// The longest specimen id that the service takes.
const LONGEST_ID: usize = 64;

/// A row ready to be sent.
pub(super) struct Row {
    pub(super) line: u64,
    /// In the unit of the row.
    pub(super) limit_of_detection: Option<f64>,
    /// Absent for a row without a concentration.
    pub(super) unit: Option<v1::ConcentrationUnit>,
    pub(super) message: v1::ResultInput,
}

/// Turns rows of a file into rows of batches. What only the service asks for and a row lacks is refused here.
pub(super) fn rows(imported: Vec<ImportedRow>, refused: &mut Vec<RefusedRow>) -> Vec<Row> {
    let mut rows = Vec::with_capacity(imported.len());
    for row in imported {
        let line = row.line;
        match message(row) {
            Ok(row) => rows.push(row),
            Err((field, value, rule)) => {
                refused.push(RefusedRow {
                    line,
                    field: field.to_owned(),
                    value,
                    rule: rule.to_owned(),
                });
            }
        }
    }
    refused.sort_by_key(|row| row.line);
    rows
}

/// Field, value and rule.
type Refusal = (&'static str, String, &'static str);

fn message(row: ImportedRow) -> Result<Row, Refusal> {
    let collected = row
        .collected
        .or_else(|| after_awakening(row.awakening?, row.minutes_since_awakening?));
    let Some(collected) = collected else {
        let rule = "the service needs the instant at which the sample was taken: a column collected_at, or date and \
                    time, or awakening_at besides the minutes; `diel analyze` does without";
        return Err(("collected_at", String::new(), rule));
    };
    let specimen = match row.specimen {
        Some(specimen) => specimen,
        None => specimen_id(&row.participant, collected).ok_or_else(|| {
            let rule = "is too long to make a specimen id from; give a column specimen";
            ("participant", row.participant.clone(), rule)
        })?,
    };
    let sex = sex(row.sex.as_deref())?;
    let unit = row.measurement.unit().map(unit_message);
    let collection = v1::Collection {
        participant: row.participant,
        collection_time: Some(instant::to_message(collected)),
        collection_utc_offset_minutes: Some(collected.utc_offset_minutes()),
        label: row.label.unwrap_or_default(),
        awakening_time: row.awakening.map(instant::to_message),
        awakening_utc_offset_minutes: row.awakening.map(Moment::utc_offset_minutes),
        conditions: condition::to_messages(row.conditions),
        age_years: row.age.map(diel_core::AgeYears::get),
        sex: sex.into(),
        group: row.group.unwrap_or_default(),
        ..v1::Collection::default()
    };
    let message = v1::ResultInput {
        specimen,
        concentration: Some(measurement(&row.measurement)),
        collection: Some(collection),
        ..v1::ResultInput::default()
    };
    Ok(Row {
        line: row.line,
        limit_of_detection: row.limit_of_detection,
        unit,
        message,
    })
}

fn after_awakening(awakening: Moment, minutes: f64) -> Option<Moment> {
    let microseconds = (minutes * 60e6).round() as i64;
    Moment::new(
        awakening.microseconds().checked_add(microseconds)?,
        awakening.utc_offset_minutes(),
    )
    .ok()
}

/// `P-017.20260301T060500Z`: the same sample gets the same id in every file.
fn specimen_id(participant: &str, collected: Moment) -> Option<String> {
    let has_fraction = collected.microseconds() % 1_000_000 != 0;
    let format = if has_fraction {
        "%Y%m%dT%H%M%S%.6fZ"
    } else {
        "%Y%m%dT%H%M%SZ"
    };
    let id = format!("{participant}.{}", collected.timestamp().strftime(format));
    (id.chars().count() <= LONGEST_ID).then_some(id)
}

fn sex(text: Option<&str>) -> Result<v1::Sex, Refusal> {
    let text = text.unwrap_or_default();
    match text.to_lowercase().as_str() {
        "" => Ok(v1::Sex::Unspecified),
        "f" | "female" => Ok(v1::Sex::Female),
        "m" | "male" => Ok(v1::Sex::Male),
        "o" | "other" => Ok(v1::Sex::Other),
        _ => Err((
            "sex",
            text.to_owned(),
            "is none of female, male, other (or f, m, o)",
        )),
    }
}

fn measurement(measurement: &Measurement) -> v1::Measurement {
    let outcome = match measurement.outcome() {
        Outcome::Value(value) => v1::measurement::Outcome::Value(value),
        Outcome::Below(limit) => v1::measurement::Outcome::Below(limit),
        Outcome::Above(limit) => v1::measurement::Outcome::Above(limit),
        Outcome::Missing(reason) => {
            v1::measurement::Outcome::Missing(missing_message(reason).into())
        }
    };
    let unit = measurement
        .unit()
        .map_or(v1::ConcentrationUnit::Unspecified, unit_message);
    v1::Measurement {
        outcome: Some(outcome),
        unit: unit.into(),
    }
}

const fn missing_message(reason: MissingReason) -> v1::MissingReason {
    match reason {
        MissingReason::NoSample => v1::MissingReason::NoSample,
        MissingReason::InsufficientVolume => v1::MissingReason::InsufficientVolume,
        MissingReason::RejectedByLab => v1::MissingReason::RejectedByLab,
        MissingReason::InstrumentError => v1::MissingReason::InstrumentError,
        MissingReason::OutsideCurve => v1::MissingReason::OutsideCurve,
    }
}

const fn unit_message(unit: Unit) -> v1::ConcentrationUnit {
    match unit {
        Unit::NmolPerL => v1::ConcentrationUnit::NmolPerL,
        Unit::UgPerDl => v1::ConcentrationUnit::UgPerDl,
        Unit::NgPerMl => v1::ConcentrationUnit::NgPerMl,
        Unit::UgPerL => v1::ConcentrationUnit::UgPerL,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    /// 2026-03-01 06:05:00 UTC.
    const SIX_PAST_FIVE: i64 = 1_772_345_100_000_000;

    #[test]
    fn a_specimen_id_is_the_participant_and_the_instant_wherever_it_was() {
        let there = Moment::new(SIX_PAST_FIVE, 60).unwrap();
        let here = Moment::new(SIX_PAST_FIVE, -480).unwrap();
        assert_eq!(
            specimen_id("P-017", there).unwrap(),
            "P-017.20260301T060500Z"
        );
        assert_eq!(specimen_id("P-017", there), specimen_id("P-017", here));
        let later = Moment::new(SIX_PAST_FIVE + 250_000, 60).unwrap();
        assert_eq!(
            specimen_id("P-017", later).unwrap(),
            "P-017.20260301T060500.250000Z"
        );
        assert_eq!(specimen_id(&"P".repeat(64), there), None);
    }

    #[test]
    fn minutes_count_from_the_awakening() {
        let awakening = Moment::new(SIX_PAST_FIVE, 60).unwrap();
        let sample = after_awakening(awakening, 30.5).unwrap();
        assert_eq!(sample.microseconds() - SIX_PAST_FIVE, 1_830_000_000);
        assert_eq!(sample.utc_offset_minutes(), 60);
    }

    #[test]
    fn a_sex_that_is_not_understood_is_refused() {
        assert_eq!(sex(Some("F")), Ok(v1::Sex::Female));
        assert_eq!(sex(None), Ok(v1::Sex::Unspecified));
        assert!(sex(Some("2")).is_err());
    }
}
