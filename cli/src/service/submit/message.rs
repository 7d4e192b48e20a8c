//! A row of a file as a row of a batch.

use diel_client::v1;
use diel_core::{Measurement, MissingReason, Moment, Outcome, Unit};

use crate::service::{condition, instant};
use diel_import::{RefusedRow, Row};

/// The longest specimen id that the service takes.
const LONGEST_ID: usize = 64;

/// A row that can be sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ready<'a> {
    row: &'a Row<'a>,
    /// Absent for a tube that waits for its collection facts.
    collected: Option<Moment>,
    sex: v1::Sex,
}

impl<'a> Ready<'a> {
    /// A row of a file; refused when it lacks what only the service asks for.
    pub(super) fn of(row: &'a Row<'a>) -> Result<Self, RefusedRow> {
        let refuse = |field: &str, value: &str, rule: &str| RefusedRow {
            sheet: row.sheet.unwrap_or_default().to_owned(),
            line: row.line,
            field: field.to_owned(),
            value: value.to_owned(),
            rule: rule.to_owned(),
        };
        let collected = row
            .collected
            .or_else(|| after_awakening(row.awakening?, row.minutes_since_awakening?));
        match (row.specimen, collected) {
            (None, None) => {
                let rule = "the service needs the instant at which the sample was taken: a column collected_at, or \
                            date and time, or awakening_at besides the minutes; `diel analyze` does without";
                return Err(refuse("collected_at", "", rule));
            }
            (Some(specimen), None) if row.minutes_since_awakening.is_some() => {
                let rule = "says how long after awakening it was taken and not when the person woke, which the service \
                            needs: a column awakening_at; without minutes it would wait for its collection facts";
                return Err(refuse("specimen", specimen, rule));
            }
            (None, Some(collected)) if !has_specimen_id(row.participant, collected) => {
                let rule = "is too long to make a specimen id from; give a column specimen";
                return Err(refuse("participant", row.participant, rule));
            }
            _ => {}
        }
        if let Some(percent) = row.replicate_cv_percent
            && row.replicate_count.is_none()
        {
            let rule = "needs the number of replicates; give it in a column replicate_count";
            return Err(refuse("replicate_cv_percent", &percent.to_string(), rule));
        }
        let sex = sex(row.sex.unwrap_or_default()).ok_or_else(|| {
            let rule = "is none of female, male, other (or f, m, o)";
            refuse("sex", row.sex.unwrap_or_default(), rule)
        })?;
        Ok(Self {
            row,
            collected,
            sex,
        })
    }

    pub(super) const fn line(&self) -> u64 {
        self.row.line
    }

    pub(super) const fn participant(&self) -> &str {
        self.row.participant
    }

    pub(super) const fn plate(&self) -> Option<&str> {
        self.row.plate
    }

    /// In the unit of the row.
    pub(super) const fn limit_of_detection(&self) -> Option<f64> {
        self.row.limit_of_detection
    }

    /// Absent for a row without a concentration.
    pub(super) fn unit(&self) -> Option<v1::ConcentrationUnit> {
        self.row.measurement.unit().map(unit_message)
    }

    pub(super) fn into_message(self) -> v1::ResultInput {
        let Self {
            row,
            collected,
            sex,
        } = self;
        let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let specimen = match (row.specimen, collected) {
            (None, Some(collected)) => specimen_id(row.participant, collected),
            (specimen, _) => owned(specimen),
        };
        let collection = collected.map(|collected| v1::Collection {
            participant: row.participant.to_owned(),
            collection_time: Some(instant::to_message(collected)),
            collection_utc_offset_minutes: Some(collected.utc_offset_minutes()),
            label: owned(row.label),
            awakening_time: row.awakening.map(instant::to_message),
            awakening_utc_offset_minutes: row.awakening.map(Moment::utc_offset_minutes),
            conditions: condition::to_messages(row.conditions),
            age_years: row.age.map(diel_core::AgeYears::get),
            sex: sex.into(),
            group: owned(row.group),
            ..v1::Collection::default()
        });
        v1::ResultInput {
            specimen,
            concentration: Some(measurement(&row.measurement)),
            collection,
            replicate_count: row.replicate_count.map(i32::from),
            replicate_cv_percent: row.replicate_cv_percent,
            well: row.well.map(|well| well.to_string()).unwrap_or_default(),
        }
    }
}

fn after_awakening(awakening: Moment, minutes: f64) -> Option<Moment> {
    let microseconds = (minutes * 60e6).round() as i64;
    Moment::new(
        awakening.microseconds().checked_add(microseconds)?,
        awakening.utc_offset_minutes(),
    )
    .ok()
}

/// What follows the participant in an id that is made: a point, and the instant without and with a fraction.
const STAMP: &str = ".20260301T060500Z";
const FINE_STAMP: &str = ".20260301T060500.250000Z";

const fn has_fraction(collected: Moment) -> bool {
    collected.microseconds() % 1_000_000 != 0
}

/// Whether an id can be made that the service takes.
fn has_specimen_id(participant: &str, collected: Moment) -> bool {
    let stamp = if has_fraction(collected) {
        FINE_STAMP
    } else {
        STAMP
    };
    participant.chars().count() + stamp.len() <= LONGEST_ID
}

/// `P-017.20260301T060500Z`: the same sample gets the same id in every file.
fn specimen_id(participant: &str, collected: Moment) -> String {
    let format = if has_fraction(collected) {
        "%Y%m%dT%H%M%S%.6fZ"
    } else {
        "%Y%m%dT%H%M%SZ"
    };
    format!("{participant}.{}", collected.timestamp().strftime(format))
}

fn sex(text: &str) -> Option<v1::Sex> {
    match text.to_lowercase().as_str() {
        "" => Some(v1::Sex::Unspecified),
        "f" | "female" => Some(v1::Sex::Female),
        "m" | "male" => Some(v1::Sex::Male),
        "o" | "other" => Some(v1::Sex::Other),
        _ => None,
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

pub(in super::super) const fn unit_message(unit: Unit) -> v1::ConcentrationUnit {
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
        assert_eq!(specimen_id("P-017", there), "P-017.20260301T060500Z");
        assert_eq!(specimen_id("P-017", there), specimen_id("P-017", here));
        let later = Moment::new(SIX_PAST_FIVE + 250_000, 60).unwrap();
        assert_eq!(specimen_id("P-017", later), "P-017.20260301T060500.250000Z");
        for (longest, at) in [(47, there), (40, later)] {
            let longest = "P".repeat(longest);
            assert_eq!(specimen_id(&longest, at).len(), LONGEST_ID);
            assert!(has_specimen_id(&longest, at));
            assert!(!has_specimen_id(&format!("{longest}P"), at));
        }
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
        assert_eq!(sex("F"), Some(v1::Sex::Female));
        assert_eq!(sex(""), Some(v1::Sex::Unspecified));
        assert_eq!(sex("2"), None);
    }
}
