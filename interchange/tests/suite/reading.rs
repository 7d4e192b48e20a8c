//! Bundles of other systems.

use diel_interchange::fhir::{Imported, ReadError, read};
use diel_proto::v1;
use diel_proto::v1::measurement::Outcome;

/// An Observation of a foreign system with these members beside the usual ones.
fn observation(members: &str) -> String {
    format!(
        r#"{{"resourceType": "Observation", "status": "final",
        "code": {{"coding": [{{"system": "http://loinc.org", "code": "2142-8"}}]}},
        "subject": {{"reference": "Patient/P-017"}}, "effectiveDateTime": "2026-03-02T07:30:00+01:00",
        "specimen": {{"identifier": {{"value": "S-1"}}}}, {members}}}"#
    )
}

fn one(members: &str) -> Imported {
    read(observation(members).as_bytes()).unwrap()
}

fn quantity(quantity: &str) -> Imported {
    one(&format!(r#""valueQuantity": {quantity}"#))
}

#[track_caller]
fn outcome(imported: &Imported) -> (Outcome, v1::ConcentrationUnit) {
    assert_eq!(imported.refused, []);
    let measured = imported.samples[0].row.concentration.unwrap();
    (measured.outcome.unwrap(), measured.unit())
}

/// Path, value and the beginning of the rule of the only refusal.
#[track_caller]
fn refusal(imported: &Imported) -> (&str, &str, &str) {
    assert_eq!(imported.samples, []);
    let [refused] = &imported.refused[..] else {
        panic!("{:?}", imported.refused);
    };
    (&refused.path, &refused.value, &refused.rule)
}

#[test]
fn units_are_read_by_code_and_by_what_they_are_called() {
    use v1::ConcentrationUnit::{NgPerMl, NmolPerL, UgPerDl, UgPerL};

    for (unit, expected) in [
        (r#""code": "nmol/L""#, NmolPerL),
        (r#""code": "ug/dL", "unit": "mcg per deciliter""#, UgPerDl),
        (r#""unit": "µg/dL""#, UgPerDl),
        (r#""unit": "mcg/dL""#, UgPerDl),
        (r#""unit": "nmol/l""#, NmolPerL),
        (r#""unit": "nM""#, NmolPerL),
        (r#""code": "ng/mL""#, NgPerMl),
        (r#""code": "ug/L""#, UgPerL),
    ] {
        let imported = quantity(&format!(r#"{{"value": 0.452, {unit}}}"#));
        assert_eq!(
            outcome(&imported),
            (Outcome::Value(0.452), expected),
            "{unit}"
        );
    }
    for unit in ["mg/dL", "pmol/L", "ng/dL", "%"] {
        let imported = quantity(&format!(r#"{{"value": 0.452, "code": "{unit}"}}"#));
        let (path, value, rule) = refusal(&imported);
        assert_eq!((path, value), ("line 1: valueQuantity.code", unit));
        assert!(rule.starts_with("is none of the units nmol/L"), "{rule}");
    }
}

#[test]
fn a_comparator_is_a_limit() {
    for (comparator, expected) in [
        ("<", Outcome::Below(0.012)),
        ("<=", Outcome::Below(0.012)),
        (">", Outcome::Above(0.012)),
        (">=", Outcome::Above(0.012)),
    ] {
        let text = format!(r#"{{"value": 0.012, "comparator": "{comparator}", "code": "ug/dL"}}"#);
        assert_eq!(outcome(&quantity(&text)).0, expected);
    }
    let imported = quantity(r#"{"value": 1, "comparator": "ad", "code": "ug/dL"}"#);
    assert_eq!(refusal(&imported).0, "line 1: valueQuantity.comparator");
}

#[test]
fn a_missing_value_says_why() {
    let absent = |reason: &str| one(&format!(r#""dataAbsentReason": {reason}"#));
    let general = |code: &str| {
        absent(&format!(
            r#"{{"coding": [{{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "{code}"}}]}}"#
        ))
    };
    let missing = |imported: &Imported| match outcome(imported).0 {
        Outcome::Missing(number) => v1::MissingReason::try_from(number).unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        missing(&general("not-performed")),
        v1::MissingReason::NoSample
    );
    assert_eq!(
        missing(&general("error")),
        v1::MissingReason::InstrumentError
    );
    let qns = absent(r#"{"text": "QNS"}"#);
    assert_eq!(missing(&qns), v1::MissingReason::InsufficientVolume);
    let own = absent(
        r#"{"coding": [{"system": "https://diel.invalid/fhir/CodeSystem/missing-reason", "code": "outside_curve"}]}"#,
    );
    assert_eq!(missing(&own), v1::MissingReason::OutsideCurve);
    for code in ["masked", "unknown", "asked-declined"] {
        let imported = general(code);
        let (path, value, rule) = refusal(&imported);
        assert_eq!(
            (path, value),
            ("line 1: dataAbsentReason.coding[0].code", code)
        );
        assert!(rule.starts_with("is no reason that diel keeps"), "{rule}");
    }
    let both = one(
        r#""valueQuantity": {"value": 1, "code": "ug/dL"}, "dataAbsentReason": {"text": "QNS"}"#,
    );
    assert!(refusal(&both).2.starts_with("stands beside a value"));
}

#[test]
fn what_breaks_a_rule_is_named_with_its_path_and_value() {
    let nothing = one(r#""valueString": "12 nmol/L""#);
    assert_eq!(refusal(&nothing).0, "line 1: valueQuantity");
    for (text, path, value) in [
        (
            r#"{"value": -3, "code": "ug/dL"}"#,
            "line 1: valueQuantity.value",
            "-3",
        ),
        (
            r#"{"value": "12", "code": "ug/dL"}"#,
            "line 1: valueQuantity.value",
            "12",
        ),
        (r#"{"value": 12}"#, "line 1: valueQuantity.code", ""),
        (r#"{"code": "ug/dL"}"#, "line 1: valueQuantity.value", ""),
    ] {
        let imported = quantity(text);
        let (found, shown, _) = refusal(&imported);
        assert_eq!((found, shown), (path, value));
    }
    let good = r#""valueQuantity": {"value": 12, "code": "nmol/L"}"#;
    for (from, to, path) in [
        ("+01:00", "", "line 1: effectiveDateTime"),
        ("T07:30:00+01:00", "", "line 1: effectiveDateTime"),
        (r#""final""#, r#""preliminary""#, "line 1: status"),
        (
            r#", "effectiveDateTime": "2026-03-02T07:30:00+01:00""#,
            "",
            "line 1: effectiveDateTime",
        ),
        (
            r#""specimen": {"identifier": {"value": "S-1"}},"#,
            "",
            "line 1: specimen",
        ),
        (
            r#"{"identifier": {"value": "S-1"}}"#,
            r#"{"reference": "Specimen/9"}"#,
            "line 1: specimen.reference",
        ),
    ] {
        let text = observation(good);
        assert!(text.contains(from), "{from}");
        let imported = read(text.replace(from, to).as_bytes()).unwrap();
        assert_eq!(refusal(&imported).0, path, "{to}");
    }
    let modified = one(&format!(r#"{good}, "modifierExtension": [{{"url": "x"}}]"#));
    assert_eq!(refusal(&modified).0, "line 1: modifierExtension[0]");
}

#[test]
fn the_bundle_of_another_system_is_read() {
    // As laboratory systems write them: references to a server, a Patient that is not read, other analytes between.
    let bundle = r#"{"resourceType": "Bundle", "type": "searchset", "total": 5, "entry": [
      {"fullUrl": "https://lab.example/fhir/Patient/P-017", "resource": {"resourceType": "Patient", "id": "P-017"}},
      {"fullUrl": "https://lab.example/fhir/Specimen/77", "resource": {"resourceType": "Specimen", "id": "77",
        "accessionIdentifier": {"system": "https://lab.example/tubes", "value": "T-77"},
        "subject": {"reference": "Patient/P-017"}, "collection": {"collectedDateTime": "2026-03-02T06:30:00Z"}}},
      {"resource": {"resourceType": "Observation", "status": "corrected",
        "code": {"coding": [{"system": "http://loinc.org", "code": "51844-9"}]},
        "subject": {"reference": "https://lab.example/fhir/Patient/P-017"}, "effectiveDateTime": "2026-03-02T07:30:00+01:00",
        "performer": [{"reference": "Organization/1", "display": "Lab 7"}], "method": {"coding": [{"display": "LC-MS/MS"}]},
        "valueQuantity": {"value": 12.4, "unit": "nmol/L", "system": "http://unitsofmeasure.org", "code": "nmol/L"},
        "specimen": {"reference": "Specimen/77"}}},
      {"resource": {"resourceType": "Observation", "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2143-6"}]}}},
      {"resource": {"resourceType": "Specimen", "id": "78", "identifier": [{"value": "T-78"}],
        "subject": {"identifier": {"value": "P-017"}}, "collection": {"collectedDateTime": "2026-03-02T21:30:00+01:00"}}}
    ]}"#;
    let imported = read(bundle.as_bytes()).unwrap();
    assert_eq!(imported.refused, []);
    assert_eq!(
        (
            imported.samples.len(),
            imported.specimens.len(),
            imported.skipped
        ),
        (1, 1, 2)
    );
    let sample = &imported.samples[0];
    assert_eq!(sample.path, "entry[2].resource");
    assert_eq!(
        (sample.batch.lab.as_str(), sample.batch.assay.as_str()),
        ("Lab 7", "LC-MS/MS")
    );
    assert_eq!(sample.row.specimen, "T-77");
    let collection = sample.row.collection.as_ref().unwrap();
    assert_eq!(collection.participant, "P-017");
    assert_eq!(collection.collection_time.unwrap().seconds, 1_772_433_000);
    assert_eq!(
        collection.collection_utc_offset_minutes, None,
        "Z is no offset of a place"
    );
    let tube = imported.specimens[0].specimen.collection.as_ref().unwrap();
    assert_eq!(tube.collection_utc_offset_minutes, Some(60));
}

#[test]
fn a_result_entered_in_error_is_kept_as_rejected() {
    let text = observation(r#""valueQuantity": {"value": 12, "code": "nmol/L"}"#);
    let imported = read(
        text.replace(r#""final""#, r#""entered-in-error""#)
            .as_bytes(),
    )
    .unwrap();
    let rejected = v1::MissingReason::RejectedByLab.into();
    assert_eq!(outcome(&imported).0, Outcome::Missing(rejected));
}

#[test]
fn what_is_no_fhir_is_refused_as_a_whole() {
    let no_json = read(b"{\"resourceType\": \"Bundle\",\n\"entry\": [NaN]}");
    assert!(
        matches!(no_json, Err(ReadError::Json { line: 1, .. })),
        "{no_json:?}"
    );
    let huge = observation(r#""valueQuantity": {"value": 1e999, "code": "nmol/L"}"#);
    assert!(matches!(read(huge.as_bytes()), Err(ReadError::Json { .. })));
    let second_line = read(b"{\"resourceType\": \"Patient\"}\n[]");
    assert!(
        matches!(second_line, Err(ReadError::NoResource { line: 2 })),
        "{second_line:?}"
    );
    assert!(matches!(read(b""), Err(ReadError::NoResource { line: 1 })));
    let nothing = read(br#"{"resourceType": "Bundle", "type": "collection"}"#);
    assert!(
        matches!(nothing, Err(ReadError::Nothing { skipped: 0 })),
        "{nothing:?}"
    );
}
