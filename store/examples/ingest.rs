//! How fast the store takes in samples, everything included: specimens, results, profiles, rhythms, flags, commits.
//!
//! `cargo run --release -p diel-store --example ingest -- [SAMPLES] [sqlite://PATH | postgres://...]`
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "an example that measures and reports"
)]

use std::time::Instant;

use diel_core::{
    AgeYears, Conditions, Limits, Measurement, Moment, Outcome, PolicyTerms, TimeSource, Unit,
};
use diel_store::{
    Call, Collection, Mode, NewBatch, NewResult, NewStudy, OpenOptions, Sex, Store, Submission,
    SubmissionRow,
};
use jiff::Timestamp;

const ROWS: usize = 5_000;
const HOURS: [f64; 5] = [0.0, 0.5, 4.0, 9.0, 15.0];
const DAYS: usize = 3;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let samples: usize = arguments
        .first()
        .map_or(1_000_000, |count| count.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite://{}/diel.db", folder.path().display());
    let store = Store::open(arguments.get(1).unwrap_or(&file), &OpenOptions::default())
        .await
        .unwrap();
    let policy = PolicyTerms::default();
    let (id, display_name, time_zone) = ("bulk".to_owned(), "Bulk".to_owned(), "UTC".to_owned());
    store
        .create_study(
            NewStudy {
                id,
                display_name,
                time_zone,
                display_unit: None,
                policy,
                refused_shapes: diel_core::CodeShapes::EMPTY,
                code_key: None,
                retention: None,
            },
            &call(),
        )
        .await
        .unwrap();

    let mut latencies = Vec::new();
    let mut making = std::time::Duration::ZERO;
    let start = Instant::now();
    for from in (0..samples).step_by(ROWS) {
        let made = Instant::now();
        let submission = submission(from, (from + ROWS).min(samples));
        making += made.elapsed();
        let sent = Instant::now();
        store.submit(submission).await.unwrap();
        latencies.push(sent.elapsed());
    }
    let took = start.elapsed().saturating_sub(making);
    latencies.sort();
    println!(
        "{samples} samples in {took:.2?} (made in {making:.2?}): {:.0} samples/s; a submission of {ROWS}: median {:.1?}, most {:.1?}",
        samples as f64 / took.as_secs_f64(),
        latencies[latencies.len() / 2],
        latencies.last().unwrap(),
    );

    let mut plates: Vec<_> = Vec::new();
    for plate in 0..200 {
        let submission = submission(samples + plate * 40, samples + plate * 40 + 40);
        let sent = Instant::now();
        store.submit(submission).await.unwrap();
        plates.push(sent.elapsed());
    }
    plates.sort();
    println!(
        "a plate of 40: median {:.2?}, p99 {:.2?}",
        plates[100], plates[198]
    );
    store.close().await;
}

fn call() -> Call {
    Call {
        actor: "bench".to_owned(),
        now: Timestamp::now(),
        request: None,
        validate_only: false,
    }
}

fn submission(from: usize, to: usize) -> Submission {
    let batch = NewBatch {
        lab: "L".to_owned(),
        assay: "CLIA".to_owned(),
        kit: String::new(),
        plate: String::new(),
        limit_of_detection: None,
        lower_limit_of_quantification: None,
        upper_limit_of_quantification: None,
        limit_unit: None,
        limits: Limits::default(),
        method: String::new(),
        run_date: None,
    };
    let rows = (from..to)
        .map(|number| row(number, (number - from) as u32))
        .collect();
    Submission {
        study: "bulk".to_owned(),
        batch,
        rows,
        controls: Vec::new(),
        mode: Mode::Atomic,
        call: call(),
    }
}

fn row(number: usize, row: u32) -> SubmissionRow {
    let (person, rest) = (number / (DAYS * HOURS.len()), number % (DAYS * HOURS.len()));
    let (day, sample) = (rest / HOURS.len(), rest % HOURS.len());
    let hours = HOURS[sample];
    // A little noise that needs no generator: the fractional parts of multiples of the golden ratio.
    let noise = (number as f64 * 0.618_033_988_749_895).fract() - 0.5;
    let level = 12.0 * (-0.12 * hours + 0.4 * noise).exp();
    let awakening = 1_772_433_000_000_000 + day as i64 * 86_400_000_000;
    SubmissionRow {
        row,
        result: NewResult {
            specimen: format!("P{person:06}-{day}-{sample}"),
            measurement: Measurement::new(Outcome::Value(level), Some(Unit::NmolPerL)).unwrap(),
            replicate_count: Some(2),
            replicate_cv_percent: Some(5.0),
            well: String::new(),
        },
        collection: Some(Collection {
            participant: format!("P{person:06}"),
            collected: Moment::new(awakening + (hours * 3.6e9) as i64, 60).unwrap(),
            source: TimeSource::SelfReport,
            label: format!("S{}", sample + 1),
            awakening: Some((Moment::new(awakening, 60).unwrap(), TimeSource::SelfReport)),
            conditions: Conditions::default(),
            age: AgeYears::new(35.0).ok(),
            sex: Sex::Female,
            group: "control".to_owned(),
        }),
    }
}
