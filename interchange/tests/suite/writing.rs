//! What is written is read back as it was.

use diel_interchange::fhir::{self, Day, Form, Imported, Writer};
use diel_proto::v1;
use diel_proto::v1::measurement::Outcome;
use prost_types::Timestamp;

fn at(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp {
        seconds,
        nanos: 250_000_000,
    })
}

pub fn batch() -> v1::Batch {
    v1::Batch {
        name: "studies/pilot/batches/0a".to_owned(),
        lab: "Lab 7".to_owned(),
        assay: "ELISA".to_owned(),
        kit: "K-17".to_owned(),
        plate: "P1".to_owned(),
        limit_of_detection: Some(0.007),
        lower_limit_of_quantification: Some(0.012),
        upper_limit_of_quantification: Some(3.0),
        limit_unit: v1::ConcentrationUnit::UgPerDl.into(),
        run_date: "2026-05-20".to_owned(),
        ..v1::Batch::default()
    }
}

fn collection() -> v1::Collection {
    v1::Collection {
        participant: "P \"17\" é".to_owned(),
        collection_time: at(1_772_433_000),
        collection_utc_offset_minutes: Some(-210),
        collection_time_source: v1::TimeSource::Electronic.into(),
        label: "S1".to_owned(),
        awakening_time: at(1_772_432_000),
        awakening_utc_offset_minutes: Some(-210),
        awakening_source: v1::TimeSource::Actigraphy.into(),
        conditions: vec![
            v1::Condition::NightShift.into(),
            v1::Condition::Travel.into(),
        ],
        age_years: Some(34.25),
        sex: v1::Sex::Female.into(),
        group: "control".to_owned(),
    }
}

fn specimen(code: &str, outcome: Outcome, unit: v1::ConcentrationUnit) -> v1::Specimen {
    v1::Specimen {
        name: format!("studies/pilot/specimens/{code}"),
        collection: Some(collection()),
        result: Some(v1::Result {
            concentration: Some(v1::Measurement {
                outcome: Some(outcome),
                unit: unit.into(),
            }),
            replicate_count: Some(2),
            replicate_cv_percent: Some(4.5),
            well: "B7".to_owned(),
            batch: batch().name,
            revision: 1,
            cause: v1::RevisionCause::Sent.into(),
            ..v1::Result::default()
        }),
        ..v1::Specimen::default()
    }
}

pub fn there_and_back(specimens: &[v1::Specimen], days: &[Day], form: Form) -> (String, Imported) {
    let mut file = Vec::new();
    let mut writer = Writer::begin(&mut file, form, "pilot").unwrap();
    for specimen in specimens {
        writer.write(&fhir::specimen("pilot", specimen)).unwrap();
        if let Some(observation) = fhir::observation("pilot", specimen, &batch()) {
            writer.write(&observation).unwrap();
        }
    }
    for day in days {
        writer.write(&fhir::day("pilot", day)).unwrap();
    }
    writer.end().unwrap();
    let imported = fhir::read(&file).unwrap();
    (String::from_utf8(file).unwrap(), imported)
}

#[test]
fn every_fact_of_a_result_comes_back() {
    use v1::ConcentrationUnit::{NmolPerL, UgPerDl, Unspecified};

    let reasons = [
        v1::MissingReason::NoSample,
        v1::MissingReason::InsufficientVolume,
        v1::MissingReason::RejectedByLab,
        v1::MissingReason::InstrumentError,
        v1::MissingReason::OutsideCurve,
    ];
    let mut outcomes = vec![
        // A number that only its shortest decimal form brings back bit for bit.
        (Outcome::Value(0.1 + 0.2), NmolPerL),
        (Outcome::Value(5e-324), UgPerDl),
        (Outcome::Value(0.0), NmolPerL),
        (Outcome::Below(0.33), NmolPerL),
        (Outcome::Above(3.0), UgPerDl),
    ];
    outcomes.extend(reasons.map(|reason| (Outcome::Missing(reason.into()), Unspecified)));
    let specimens: Vec<_> = outcomes
        .iter()
        .enumerate()
        .map(|(n, (outcome, unit))| specimen(&format!("S-{n}"), *outcome, *unit))
        .collect();
    for form in [Form::Bundle, Form::Lines] {
        let (_, imported) = there_and_back(&specimens, &[], form);
        assert_eq!((&imported.refused[..], imported.skipped), (&[][..], 0));
        assert_eq!(imported.samples.len(), specimens.len());
        for (sample, specimen) in imported.samples.iter().zip(&specimens) {
            let result = specimen.result.as_ref().unwrap();
            let expected = v1::ResultInput {
                specimen: specimen.name.rsplit('/').next().unwrap().to_owned(),
                concentration: result.concentration,
                replicate_count: Some(2),
                replicate_cv_percent: Some(4.5),
                well: "B7".to_owned(),
                collection: Some(collection()),
            };
            assert_eq!(sample.row, expected);
            let facts = v1::Batch {
                name: "0a".to_owned(),
                ..batch()
            };
            assert_eq!(sample.batch, facts);
        }
    }
}

#[test]
fn tubes_and_days_come_back() {
    let waiting_for_result = v1::Specimen {
        result: None,
        ..specimen("S-1", Outcome::Value(1.0), v1::ConcentrationUnit::NmolPerL)
    };
    let waiting_for_collection = v1::Specimen {
        collection: None,
        ..specimen("S-2", Outcome::Value(1.0), v1::ConcentrationUnit::NmolPerL)
    };
    let day = Day {
        participant: "P-1".to_owned(),
        awakening_time: at(1_772_432_000).unwrap(),
        awakening_utc_offset_minutes: 60,
        conditions: vec![v1::Condition::AcuteIllness],
    };
    let specimens = [waiting_for_result, waiting_for_collection];
    let (_, imported) = there_and_back(&specimens, std::slice::from_ref(&day), Form::Bundle);
    assert_eq!(imported.refused, []);
    assert_eq!(imported.specimens.len(), 1);
    assert_eq!(
        imported.specimens[0].specimen.collection,
        Some(collection())
    );
    assert_eq!(imported.samples.len(), 1);
    assert_eq!(imported.samples[0].row.collection, None);
    let expected = v1::SamplingDayInput {
        participant: day.participant.clone(),
        awakening_time: Some(day.awakening_time),
        awakening_utc_offset_minutes: Some(60),
        conditions: vec![v1::Condition::AcuteIllness.into()],
        ..v1::SamplingDayInput::default()
    };
    assert_eq!(imported.days[0].day, expected);
}

#[test]
fn what_became_of_a_result_is_its_status() {
    let of = |revision, cause: v1::RevisionCause| {
        let mut specimen = specimen("S-1", Outcome::Value(1.0), v1::ConcentrationUnit::NmolPerL);
        let result = specimen.result.as_mut().unwrap();
        result.revision = revision;
        result.cause = cause.into();
        let observation = fhir::observation("pilot", &specimen, &batch()).unwrap();
        observation.value()["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(of(1, v1::RevisionCause::Sent), "final");
    assert_eq!(of(2, v1::RevisionCause::Sent), "amended");
    assert_eq!(of(2, v1::RevisionCause::Recalled), "entered-in-error");
    assert_eq!(of(3, v1::RevisionCause::Restored), "amended");
}

#[test]
fn the_same_study_is_the_same_file_and_no_person_is_in_it() {
    let specimens = [specimen(
        "S-1",
        Outcome::Below(0.33),
        v1::ConcentrationUnit::NmolPerL,
    )];
    let (first, _) = there_and_back(&specimens, &[], Form::Bundle);
    let (second, _) = there_and_back(&specimens, &[], Form::Bundle);
    assert_eq!(first, second);
    assert!(
        first.contains(r#""51844-9""#) && first.contains(r#""comparator":"<""#),
        "{first}"
    );
    assert!(!first.contains(r#""resourceType":"Patient""#), "{first}");
}
