//! Whatever the service keeps comes back from FHIR, and whatever bytes come, the reader answers.

use diel_interchange::{fhir, json};
use diel_proto::v1;
use diel_proto::v1::measurement::Outcome;
use proptest::option;
use proptest::prelude::*;
use prost_types::Timestamp;

use super::writing::{batch, there_and_back};

/// Codes as the service takes them.
fn code() -> impl Strategy<Value = String> {
    "[^/\\p{Cc}]{1,64}"
}

fn outcome() -> impl Strategy<Value = (Outcome, v1::ConcentrationUnit)> {
    use v1::ConcentrationUnit::{NgPerMl, NmolPerL, UgPerDl, UgPerL, Unspecified};

    let unit = prop::sample::select(vec![NmolPerL, UgPerDl, NgPerMl, UgPerL]);
    let number = prop_oneof![0.0..1e6, Just(0.0), Just(f64::MIN_POSITIVE), Just(5e-324)];
    let missing = (1..=5).prop_map(|reason| (Outcome::Missing(reason), Unspecified));
    let measured = (number, 0..3, unit).prop_map(|(number, kind, unit)| {
        let outcome = match kind {
            0 => Outcome::Value(number),
            1 => Outcome::Below(number),
            _ => Outcome::Above(number),
        };
        (outcome, unit)
    });
    prop_oneof![4 => measured, 1 => missing]
}

/// Instants from 1950 to 2049, to the microsecond.
fn instant() -> impl Strategy<Value = Timestamp> {
    (-631_152_000_i64..2_524_608_000, 0..1_000_000).prop_map(|(seconds, micros)| Timestamp {
        seconds,
        nanos: micros * 1_000,
    })
}

fn offset() -> impl Strategy<Value = i32> {
    -14 * 60..=14 * 60
}

fn collection() -> impl Strategy<Value = v1::Collection> {
    let awakening = option::of((instant(), offset(), 0..=3));
    let when = (instant(), offset(), 0..=3);
    let person = (code(), option::of(0.0..130.0), 0..=3, ".{0,64}");
    let conditions = prop::sample::subsequence((1..=7).collect::<Vec<i32>>(), 0..=7);
    (when, awakening, person, conditions, ".{0,64}").prop_map(
        |((at, offset, source), awakening, (participant, age, sex, group), conditions, label)| {
            v1::Collection {
                participant,
                collection_time: Some(at),
                collection_utc_offset_minutes: Some(offset),
                collection_time_source: source,
                label,
                awakening_time: awakening.map(|(at, _, _)| at),
                awakening_utc_offset_minutes: awakening.map(|(_, offset, _)| offset),
                awakening_source: awakening.map_or(0, |(_, _, source)| source),
                conditions,
                age_years: age,
                sex,
                group,
            }
        },
    )
}

fn specimen() -> impl Strategy<Value = v1::Specimen> {
    let replicates = option::of((2..1_000, option::of(0.0..100.0)));
    (
        code(),
        option::of(collection()),
        outcome(),
        replicates,
        ".{0,16}",
    )
        .prop_map(
            |(code, collection, (outcome, unit), replicates, well)| v1::Specimen {
                name: format!("studies/pilot/specimens/{code}"),
                collection,
                result: Some(v1::Result {
                    concentration: Some(v1::Measurement {
                        outcome: Some(outcome),
                        unit: unit.into(),
                    }),
                    replicate_count: replicates.map(|(count, _)| count),
                    replicate_cv_percent: replicates.and_then(|(_, cv)| cv),
                    well,
                    batch: batch().name,
                    revision: 1,
                    ..v1::Result::default()
                }),
                ..v1::Specimen::default()
            },
        )
}

proptest! {
    #[test]
    fn any_result_comes_back(specimen in specimen(), is_bundle in any::<bool>()) {
        let form = if is_bundle { fhir::Form::Bundle } else { fhir::Form::Lines };
        let (_, imported) = there_and_back(std::slice::from_ref(&specimen), &[], form);
        prop_assert_eq!(&imported.refused, &[]);
        let result = specimen.result.unwrap();
        let expected = v1::ResultInput {
            specimen: specimen.name["studies/pilot/specimens/".len()..].to_owned(),
            concentration: result.concentration,
            replicate_count: result.replicate_count,
            replicate_cv_percent: result.replicate_cv_percent,
            well: result.well,
            collection: specimen.collection,
        };
        prop_assert_eq!(&imported.samples[0].row, &expected);
    }

    #[test]
    fn any_message_comes_back_from_json(specimen in specimen()) {
        let text = json::write(&specimen).unwrap();
        prop_assert_eq!(json::read::<v1::Specimen>(text.as_bytes()).unwrap(), specimen);
    }

    /// A file with some bytes overwritten is read or refused; no byte of it brings the reader down.
    #[test]
    fn a_damaged_file_is_answered(
        specimen in specimen(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let (text, _) = there_and_back(&[specimen], &[], fhir::Form::Bundle);
        let mut bytes = text.into_bytes();
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let _ = fhir::read(&bytes);
        let _ = json::read::<v1::SubmitBatchRequest>(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        let _ = fhir::read(&bytes);
        let _ = json::read_all::<v1::SubmitBatchRequest>(&bytes).count();
    }
}
