//! `diel flags show`, `resolve` and `reopen`.

use crate::command::Service;

#[test]
fn a_flag_is_looked_at_decided_on_and_opened_again() {
    let service = Service::with_samples();
    let flag = service.rows(&["flags", "--study", "pilot"])[0]["name"].clone();
    let shown = service.diel(&["flags", "show", &flag]).done();
    assert!(
        shown.stdout.contains("with probability") && shown.stdout.contains("raised"),
        "{shown:?}"
    );

    let because = [
        "--decision",
        "dismissed",
        "--reason",
        "worked nights that week",
    ];
    let resolved = service
        .diel(&[&["flags", "resolve", &flag], &because[..]].concat())
        .done()
        .stdout;
    assert!(
        resolved.contains("resolved, dismissed (worked nights that week)"),
        "{resolved}"
    );
    let again = service
        .diel(&[&["flags", "resolve", &flag], &because[..]].concat())
        .refused();
    assert!(again.contains("STATE_FORBIDS"), "{again}");

    service
        .diel(&[
            "flags",
            "reopen",
            &flag,
            "--reason",
            "the diary was misread",
        ])
        .done();
    let history = service.rows(&["flags", "show", &flag]);
    let steps: Vec<_> = history
        .iter()
        .map(|row| (row["kind"].as_str(), row["reason"].as_str()))
        .collect();
    assert_eq!(
        steps[1..],
        [
            ("resolved", "worked nights that week"),
            ("reopened", "the diary was misread")
        ]
    );
    assert_eq!(steps[0].0, "raised");
}

#[test]
fn a_flag_that_changed_since_it_was_seen_is_left_alone() {
    let service = Service::with_samples();
    let seen = service.rows(&["flags", "--study", "pilot"])[0].clone();
    let step = |decision: &str, etag: &str| {
        service.diel(&[
            "flags",
            "resolve",
            &seen["name"],
            "--decision",
            decision,
            "--reason",
            "seen",
            "--etag",
            etag,
        ])
    };
    step("more-data", &seen["etag"]).done();
    service
        .diel(&[
            "flags",
            "reopen",
            &seen["name"],
            "--reason",
            "more days came",
        ])
        .done();
    let message = step("confirmed", &seen["etag"]).refused();
    assert!(message.contains("ETAG_MISMATCH"), "{message}");
}

#[test]
fn a_decision_needs_a_reason_and_one_of_three_words() {
    let service = Service::start();
    let flag = "studies/pilot/flags/none";
    assert_eq!(
        service
            .diel(&["flags", "resolve", flag, "--decision", "confirmed"])
            .status,
        2
    );
    let run = service.diel(&[
        "flags",
        "resolve",
        flag,
        "--decision",
        "abused",
        "--reason",
        "x",
    ]);
    assert!(
        run.status == 2 && run.stderr.contains("confirmed, dismissed, more-data"),
        "{run:?}"
    );
    let message = service.diel(&["flags", "show", flag]).refused();
    assert!(message.contains("RESOURCE_NOT_FOUND"), "{message}");
}

#[test]
fn a_flag_is_held_let_go_and_told_of() {
    let service = Service::with_samples();
    let flag = service.rows(&["flags", "--study", "pilot"])[0]["name"].clone();
    let held = service
        .diel(&["flags", "claim", &flag, "--until", "2100-01-01T00:00:00Z"])
        .done()
        .stdout;
    assert!(held.contains("open, held by "), "{held}");
    assert!(held.contains(" until 2100-01-01T00:00:00Z"), "{held}");
    let listed = service.rows(&["flags", "--study", "pilot"]);
    assert!(!listed[0]["claimed_by"].is_empty());
    assert_eq!(listed[0]["claimed_until"], "2100-01-01T00:00:00Z");
    assert!(
        service
            .rows(&["flags", "--study", "pilot", "--unclaimed"])
            .is_empty()
    );
    let past = service.diel(&["flags", "claim", &flag, "--until", "2001-01-01T00:00:00Z"]);
    let past = past.refused();
    assert!(
        past.contains("expire_time: 2001-01-01T00:00:00Z is not later than now"),
        "{past}"
    );
    let unexplained = service.diel(&["flags", "claim", &flag, "--take-over"]);
    assert_eq!(unexplained.status, 2);

    service
        .diel(&["flags", "release", &flag, "--reason", "lunch"])
        .done();
    let steps: Vec<_> = service
        .rows(&["flags", "history", &flag])
        .iter()
        .map(|row| (row["kind"].clone(), row["reason"].clone()))
        .collect();
    assert_eq!(steps[1].0, "claimed");
    assert_eq!(steps[2], ("released".to_owned(), "lunch".to_owned()));

    let summary = service.rows(&["flags", "summary", "--study", "pilot"]);
    let places: Vec<_> = summary
        .iter()
        .map(|row| {
            (
                row["of"].as_str(),
                row["group"].as_str(),
                row["flag_count"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        places,
        [("all", "", "1"), ("group", "Bs", "1"), ("first", "", "1")]
    );
    let probability: f64 = listed[0]["probability_flat"].parse().unwrap();
    let share: f64 = summary[0]["expected_false_share"].parse().unwrap();
    assert!((share - (1.0 - probability)).abs() < 1e-12);
}
