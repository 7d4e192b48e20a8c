//! `diel amend`, `diel results` and `diel batches`: corrections, recalls, and what they did.

use crate::command::{Service, samples};

fn flag_state(service: &Service) -> String {
    service.rows(&["flags", "--study", "pilot"])[0]["state"].clone()
}

#[test]
fn a_plate_is_recalled_and_restored() {
    let service = Service::with_samples();
    let batch = service.rows(&["batches", "list", "--study", "pilot"])[0]["name"].clone();
    let reason = ["--reason", "standards swapped"];
    let recall = [&["batches", "recall", &batch], &reason[..]].concat();
    let trial = service.rows(&[&recall[..], &["--dry-run"]].concat());
    assert_eq!(trial.len(), 2);
    assert_eq!(
        (
            trial[1]["participant"].as_str(),
            trial[1]["flag_event"].as_str()
        ),
        ("B", "withdrawn")
    );
    assert_eq!(
        trial[1]["lost_days"],
        "2026-03-02;2026-03-03;2026-03-04;2026-03-05"
    );
    assert_eq!(flag_state(&service), "open", "a dry run changes nothing");

    let done = service.diel(&recall).done().stdout;
    assert!(done.contains("40 results of 2 persons recalled"), "{done}");
    assert!(done.contains("never a statement about a person"), "{done}");
    assert_eq!(flag_state(&service), "withdrawn");
    let shown = service.rows(&["batches", "show", &batch]);
    assert_eq!(shown[0]["recall_reason"], "standards swapped");
    let again = service.diel(&recall).refused();
    assert!(again.contains("is recalled already"), "{again}");

    let specimen = "B.20260302T060000Z";
    let results = ["results", "--study", "pilot", "--specimen", specimen];
    let revisions = service.rows(&results);
    let causes: Vec<_> = revisions.iter().map(|row| row["cause"].as_str()).collect();
    assert_eq!(causes, ["sent", "recalled"]);
    assert_eq!(revisions[0]["amount"], "4");
    assert_eq!(revisions[1]["missing_reason"], "rejected_by_lab");

    let restore = [&["batches", "restore", &batch], &reason[..]].concat();
    let restored = service.diel(&restore).done().stdout;
    assert!(
        restored.contains("40 results of 2 persons restored"),
        "{restored}"
    );
    assert_eq!(flag_state(&service), "open");
    assert_eq!(service.rows(&results).len(), 3);
    let id = batch.rsplit('/').next().unwrap();
    let of_batch = ["results", "--study", "pilot", "--batch", id];
    assert_eq!(service.rows(&of_batch).len(), 120);
}

#[test]
fn a_corrected_file_replaces_what_differs() {
    let service = Service::with_samples();
    // The evening of B was a factor of ten too high.
    let corrected = samples().replace(",6,nmol/L", ",0.6,nmol/L");
    let corrected: String = corrected
        .lines()
        .map(|line| {
            let line = if line.starts_with("A,") {
                line.replace(",0.6,nmol/L", ",6,nmol/L")
            } else {
                line.to_owned()
            };
            line + "\n"
        })
        .collect();
    let file = service.write("corrected.csv", &corrected);
    let amend = [
        "amend",
        &file,
        "--study",
        "pilot",
        "--reason",
        "decimal point",
    ];
    let trial = service.diel(&[&amend[..], &["--dry-run"]].concat()).done();
    assert!(
        trial
            .stdout
            .contains("4 results of 1 persons would be amended"),
        "{}",
        trial.stdout
    );
    assert_eq!(flag_state(&service), "open");
    let done = service.rows(&amend);
    assert_eq!(done.len(), 1);
    assert_eq!(
        (
            done[0]["verdict_before"].as_str(),
            done[0]["flag_event"].as_str()
        ),
        ("FLAT_FOR_REVIEW", "withdrawn")
    );
    let flag = done[0]["flag"].clone();
    let history = service.rows(&["flags", "history", &flag]);
    assert!(
        history[1]["reason"].ends_with("results amended: decimal point"),
        "{history:?}"
    );
    let again = service.diel(&amend).done().stdout;
    assert!(
        again.contains("0 results of 0 persons amended; 40 unchanged"),
        "{again}"
    );
}

#[test]
fn a_row_without_a_result_is_refused_where_it_stands() {
    let service = Service::with_samples();
    let file = service.write(
        "other.csv",
        "participant,collected_at,concentration,unit\nA,2026-03-02T07:00:00+01:00,11,nmol/L\nC,2026-03-02T07:00:00+01:00,11,nmol/L\n",
    );
    let amend = ["amend", &file, "--study", "pilot", "--reason", "typing"];
    let refused = service.diel(&amend).refused();
    assert!(
        refused.contains(
            "other.csv:3: specimen: specimen \"C.20260302T060000Z\" has no result to correct"
        ),
        "{refused}"
    );
    let results = [
        "results",
        "--study",
        "pilot",
        "--specimen",
        "A.20260302T060000Z",
    ];
    assert_eq!(service.rows(&results).len(), 1, "nothing was stored");
}
