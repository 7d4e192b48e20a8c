//! A real series through the whole service: tissue cortisol of 189 people, every 20 minutes for a day.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use diel_proto::v1 as pb;
use diel_proto::v1::measurement::Outcome;
use diel_tests::rows::{at, nmol, submission};
use diel_tests::service::TestService;

use crate::on_both_engines;

on_both_engines!(a_real_series_goes_in_and_every_value_comes_back);

fn data() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    folder.join("ultradian_md.csv").exists().then_some(folder)
}

/// Midnight UTC of the masked first day.
const FIRST_DAY: i64 = 946_684_800;

fn clock_seconds(clock: &str) -> i64 {
    let (hours, minutes) = clock.split_once(':').expect("HH:MM");
    hours.parse::<i64>().unwrap() * 3600 + minutes.parse::<i64>().unwrap() * 60
}

/// The rows of the series: dates are masked, so a session begins on the first day at its first clock time.
fn series(folder: &Path) -> Vec<pb::ResultInput> {
    let mut begin: HashMap<String, i64> = HashMap::new();
    let mut rows = Vec::new();
    for record in csv::Reader::from_path(folder.join("ultradian_md.csv"))
        .unwrap()
        .records()
    {
        let record = record.unwrap();
        let (subject, label, clock, value, session) =
            (&record[0], &record[2], &record[3], &record[4], &record[6]);
        let minutes: i64 = record[7].parse().unwrap();
        let begin = *begin
            .entry(session.to_owned())
            .or_insert_with(|| clock_seconds(clock) - minutes * 60);
        rows.push(pb::ResultInput {
            specimen: format!("{session}-{label}"),
            concentration: Some(measurement(value)),
            collection: Some(pb::Collection {
                participant: subject.to_owned(),
                collection_time: Some(at(FIRST_DAY + begin + minutes * 60)),
                label: label.to_owned(),
                ..Default::default()
            }),
            ..Default::default()
        });
    }
    rows
}

/// A blank stands for a sample that was lost.
fn measurement(value: &str) -> pb::Measurement {
    if value.is_empty() {
        let missing = Outcome::Missing(pb::MissingReason::NoSample as i32);
        return pb::Measurement {
            outcome: Some(missing),
            unit: 0,
        };
    }
    nmol(value.parse().unwrap())
}

/// What must come back to the bit; a missing one has none.
fn bits(measurement: Option<pb::Measurement>) -> Option<u64> {
    match measurement.unwrap().outcome.unwrap() {
        Outcome::Value(value) => Some(value.to_bits()),
        Outcome::Missing(_) => None,
        other => panic!("{other:?}"),
    }
}

async fn a_real_series_goes_in_and_every_value_comes_back(service: TestService) {
    let Some(folder) = data() else {
        eprintln!("SKIPPED: the ultradian series is not beside this checkout; nothing was tested");
        return;
    };
    service.create_study("ultradian").await.unwrap();
    let rows = series(&folder);
    assert_eq!(rows.len(), 13_702, "13,413 values and 289 blanks");
    for chunk in rows.chunks(2_000) {
        let answer = service
            .submissions()
            .submit_batch(submission("ultradian", chunk.to_vec()))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(answer.stored_count, i64::try_from(chunk.len()).unwrap());
    }
    let mut values = HashMap::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListSpecimensRequest {
            parent: "studies/ultradian".into(),
            page_size: 500,
            page_token,
            ..Default::default()
        };
        let page = service
            .submissions()
            .list_specimens(request)
            .await
            .unwrap()
            .into_inner();
        for specimen in page.specimens {
            let collection = specimen.collection.unwrap();
            let facts = (
                bits(specimen.result.unwrap().concentration),
                collection.participant,
                collection.collection_time,
            );
            assert!(values.insert(specimen.name, facts).is_none());
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(values.len(), rows.len());
    for row in rows {
        let collection = row.collection.unwrap();
        let sent = (
            bits(row.concentration),
            collection.participant,
            collection.collection_time,
        );
        let name = format!("studies/ultradian/specimens/{}", row.specimen);
        assert_eq!(values[&name], sent);
    }
    let mut people = 0;
    let mut days = 0;
    let mut page_token = String::new();
    loop {
        let request = pb::ListRhythmsRequest {
            parent: "studies/ultradian".into(),
            page_size: 40,
            page_token,
            ..Default::default()
        };
        let page = service
            .rhythms()
            .list_rhythms(request)
            .await
            .unwrap()
            .into_inner();
        people += page.rhythms.len();
        days += page
            .rhythms
            .iter()
            .map(|rhythm| rhythm.day_count)
            .sum::<i32>();
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(people, 189);
    assert!(days >= 189, "{days}");
}
