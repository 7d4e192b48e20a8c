//! The simulated study that ships with the project: its recipe, and what is in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{Record, Scratch, binary, diel, profiles, records};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

fn study() -> String {
    folder().join("study.csv").to_str().unwrap().to_owned()
}

#[test]
fn the_recipe_makes_the_files_byte_for_byte() {
    let scratch = Scratch::new();
    let made = scratch.path("made");
    let status = Command::new(folder().join("make.sh"))
        .arg(&made)
        .env("DIEL", binary())
        .status()
        .unwrap();
    assert!(status.success());
    for name in ["study.csv", "study_truth.csv"] {
        let made = std::fs::read_to_string(Path::new(&made).join(name)).unwrap();
        let kept = std::fs::read_to_string(folder().join(name)).unwrap();
        assert!(
            made == kept,
            "{name} is not what the recipe makes; run fixtures/make.sh"
        );
    }
}

#[test]
fn everybody_in_it_is_marked_as_simulated() {
    let rows = records(&std::fs::read_to_string(study()).unwrap());
    assert_eq!(rows.len(), 711);
    assert!(
        rows.iter().all(
            |row| row["participant"].starts_with("SIM-") && row["specimen"].starts_with("SIM-")
        )
    );
}

#[test]
fn it_is_read_without_being_told_anything_and_nothing_is_refused() {
    let run = diel(&["analyze", &study(), "--format", "csv"]).done();
    assert!(
        !run.stderr.contains("refused") && !run.stderr.contains("not read"),
        "{}",
        run.stderr
    );
    let rhythms = records(&run.stdout);
    assert_eq!(rhythms.len(), 61);
    let rhythm = |code: &str| {
        rhythms
            .iter()
            .find(|rhythm| rhythm["participant"] == code)
            .unwrap()
    };
    assert_eq!(rhythm("SIM-0057")["verdict"], "INSUFFICIENT_DATA");
    assert!(rhythm("SIM-0057")["reasons"].contains("under_2_months"));
    assert_eq!(rhythm("SIM-0058")["verdict"], "INSUFFICIENT_DATA");
    assert!(rhythm("SIM-0058")["reasons"].contains("excluded_days"));
    let for_review = rhythms
        .iter()
        .filter(|rhythm| rhythm["verdict"] == "FLAT_FOR_REVIEW")
        .count();
    assert!((4..=12).contains(&for_review), "{for_review} for review");
}

#[test]
fn its_special_days_are_there() {
    let days = profiles(&study(), &[]);
    let of = |code: &str| {
        days.iter()
            .filter(|day| day["participant"] == code)
            .cloned()
            .collect::<Vec<Record>>()
    };
    let after_midnight = of("SIM-0060");
    assert_eq!(
        after_midnight.len(),
        3,
        "bedtimes after midnight open no day of their own"
    );
    assert!(after_midnight.iter().all(|day| day["sample_count"] == "5"));
    let awakenings: Vec<_> = of("SIM-0059")
        .iter()
        .map(|day| day["awakening_at"].clone())
        .collect();
    assert_eq!(
        awakenings,
        [
            "2026-03-28T07:00:00+01:00",
            "2026-03-29T07:00:00+02:00",
            "2026-03-30T07:00:00+02:00"
        ]
    );
    assert!(
        of("SIM-0061")
            .iter()
            .any(|day| day["findings"].contains("late_wake_sample"))
    );
    assert!(
        days.iter()
            .any(|day| day["findings"].contains("below_limit"))
    );
    assert!(
        days.iter()
            .any(|day| day["findings"].contains("missing_no_sample"))
    );
}
