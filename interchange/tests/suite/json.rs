//! Known documents of the canonical mapping.

use diel_interchange::json::{self, JsonError};
use diel_proto::v1;
use diel_proto::v1::measurement::Outcome;

pub const DOCUMENT: &str = r#"{
  "parent": "studies/pilot",
  "request_id": "plate-1",
  "batch": {"lab": "Lab 7", "assay": "ELISA", "limitOfDetection": 0.19, "limitUnit": "CONCENTRATION_UNIT_NMOL_PER_L"},
  "results": [{
    "specimen": "S-1",
    "concentration": {"below": 0.33, "unit": 1},
    "replicateCount": 2,
    "collection": {"participant": "P-1", "collectionTime": "2026-03-02T06:10:00.250Z", "conditions": ["CONDITION_TRAVEL"]}
  }, {"specimen": "S-2", "concentration": {"missing": "MISSING_REASON_NO_SAMPLE"}}],
  "allowPartial": true
}"#;

pub fn request() -> v1::SubmitBatchRequest {
    json::read(DOCUMENT.as_bytes()).unwrap()
}

#[test]
fn a_document_is_the_message_that_it_says() {
    let request = request();
    assert_eq!(
        (request.parent.as_str(), request.request_id.as_str()),
        ("studies/pilot", "plate-1")
    );
    assert!(request.allow_partial && !request.validate_only);
    let batch = request.batch.as_ref().unwrap();
    assert_eq!(batch.limit_of_detection, Some(0.19));
    assert_eq!(batch.lower_limit_of_quantification, None);
    let [below, missing] = &request.results[..] else {
        panic!("{request:?}");
    };
    let measured = below.concentration.unwrap();
    assert_eq!(measured.outcome, Some(Outcome::Below(0.33)));
    assert_eq!(measured.unit(), v1::ConcentrationUnit::NmolPerL);
    let time = below.collection.as_ref().unwrap().collection_time.unwrap();
    assert_eq!((time.seconds, time.nanos), (1_772_431_800, 250_000_000));
    let reason = v1::MissingReason::NoSample.into();
    assert_eq!(
        missing.concentration.unwrap().outcome,
        Some(Outcome::Missing(reason))
    );
}

#[test]
fn a_message_is_written_in_canonical_form() {
    let answer = v1::SubmitBatchResponse {
        batch: Some(v1::Batch {
            name: "studies/pilot/batches/0a".to_owned(),
            limit_of_detection: Some(0.0),
            result_count: 9_007_199_254_740_993,
            create_time: Some(prost_types::Timestamp {
                seconds: 1_772_431_800,
                nanos: 250_000_000,
            }),
            ..v1::Batch::default()
        }),
        stored_count: 2,
        refused_rows: vec![1, 5],
        ..v1::SubmitBatchResponse::default()
    };
    let text = json::write(&answer).unwrap();
    assert_eq!(
        text,
        r#"{"batch":{"name":"studies/pilot/batches/0a","limitOfDetection":0.0,"resultCount":"9007199254740993","createTime":"2026-03-02T06:10:00.250Z"},"storedCount":"2","refusedRows":[1,5]}"#
    );
    assert_eq!(
        json::read::<v1::SubmitBatchResponse>(text.as_bytes()).unwrap(),
        answer
    );
}

#[test]
fn what_is_no_message_is_refused() {
    let read = |text: &str| json::read::<v1::SubmitBatchRequest>(text.as_bytes());
    let unknown = read(r#"{"parents": "studies/pilot"}"#)
        .unwrap_err()
        .to_string();
    assert!(
        unknown.contains("parents") && unknown.contains("line 1"),
        "{unknown}"
    );
    for text in [
        r#"{"allowPartial": "yes"}"#,
        r#"{"results": [{"concentration": {"value": NaN}}]}"#,
        r#"{"results": [{"concentration": {"value": 1e999}}]}"#,
        r#"{"results": [{"concentration": {"value": 1, "below": 2}}]}"#,
        r#"{"batch": {"limitUnit": "CONCENTRATION_UNIT_MG"}}"#,
        "{} {}",
        "",
    ] {
        assert!(matches!(read(text), Err(JsonError::Json(_))), "{text}");
    }
    for number in ["NaN", "Infinity", "-Infinity"] {
        let text =
            format!(r#"{{"results": [{{}}, {{"concentration": {{"value": "{number}"}}}}]}}"#);
        let refused = read(&text).unwrap_err().to_string();
        assert!(
            refused.starts_with("results[1].concentration.value: "),
            "{refused}"
        );
    }
}

#[test]
fn messages_stand_one_behind_another() {
    let text = format!("{DOCUMENT}\n{DOCUMENT}\n");
    let all: Vec<_> = json::read_all::<v1::SubmitBatchRequest>(text.as_bytes()).collect();
    assert_eq!(all.len(), 2);
    assert_eq!(all[1].as_ref().unwrap(), &request());
    let broken = format!("{DOCUMENT}\n{{\n{DOCUMENT}");
    let all: Vec<_> = json::read_all::<v1::SubmitBatchRequest>(broken.as_bytes()).collect();
    assert_eq!(
        all.len(),
        2,
        "what follows a broken message is not guessed at"
    );
    assert!(all[1].is_err());
    assert_eq!(json::read_all::<v1::SubmitBatchRequest>(b" \n").count(), 0);
}
