//! Simulated cohorts: the same seed, the same file; and `analyze` finds the truth again.

use std::collections::HashMap;

use crate::command::{Record, Scratch, diel, number, records};

fn simulate(arguments: &[&str]) -> (String, String) {
    let scratch = Scratch::new();
    let truth = scratch.path("truth.csv");
    let samples = diel(&[&["simulate", "--truth", &truth], arguments].concat())
        .done()
        .stdout;
    (samples, std::fs::read_to_string(truth).unwrap())
}

#[test]
fn the_same_seed_gives_the_same_file_and_another_seed_another() {
    let small = ["--persons", "5", "--seed", "7"];
    assert_eq!(simulate(&small), simulate(&small));
    assert_ne!(
        simulate(&small).0,
        simulate(&["--persons", "5", "--seed", "8"]).0
    );
}

#[test]
fn everything_asked_for_is_there_and_marked_as_simulated() {
    let (samples, truth) = simulate(&["--persons", "7", "--days", "2", "--schedule", "0,0.5,13"]);
    let rows = records(&samples);
    assert_eq!((rows.len(), records(&truth).len()), (7 * 2 * 3, 7));
    assert!(
        rows.iter().all(
            |row| row["participant"].starts_with("SIM-") && row["specimen"].starts_with("SIM-")
        )
    );
    assert!(
        truth.starts_with("participant,intercept_ln,slope_ln_per_h,flat\n"),
        "{truth}"
    );
}

#[test]
fn limits_missing_samples_and_units_are_written_as_laboratories_do() {
    let (samples, _) = simulate(&[
        "--persons",
        "40",
        "--limit-of-detection",
        "2",
        "--missing",
        "0.2",
    ]);
    let rows = records(&samples);
    let share = |is: fn(&Record) -> bool| {
        rows.iter().filter(|row| is(row)).count() as f64 / rows.len() as f64
    };
    // 600 samples: five standard deviations of a share of 0.2 are 0.08.
    assert!((share(|row| row["concentration"] == "no sample") - 0.2).abs() < 0.08);
    assert!(share(|row| row["concentration"] == "<2") > 0.02);
    assert!(rows.iter().all(|row| {
        row["concentration"]
            .parse::<f64>()
            .is_ok_and(|value| value >= 2.0)
            || matches!(row["concentration"].as_str(), "<2" | "no sample")
    }));

    let (nmol, _) = simulate(&["--persons", "3"]);
    let (micrograms, _) = simulate(&["--persons", "3", "--unit", "ug/dL"]);
    for (a, b) in records(&nmol).iter().zip(&records(&micrograms)) {
        let (nmol, micrograms) = (number(a, "concentration"), number(b, "concentration"));
        assert!(
            (nmol - micrograms * 10_000.0 / 362.46).abs() < 2e-5,
            "{nmol} nmol/L, {micrograms} ug/dL"
        );
    }
}

#[test]
fn analyze_finds_the_truth_again() {
    let scratch = Scratch::new();
    let (file, truth) = (scratch.path("cohort.csv"), scratch.path("truth.csv"));
    let cohort = [
        "--persons",
        "200",
        "--days",
        "4",
        "--preset",
        "adult-clean",
        "--flat-fraction",
        "0.25",
        "--seed",
        "11",
    ];
    diel(
        &[
            &["simulate", "--out", &file, "--truth", &truth],
            cohort.as_slice(),
        ]
        .concat(),
    )
    .done();
    let answer = diel(&[
        "analyze",
        &file,
        "--reference",
        "adult-clean",
        "--format",
        "csv",
    ])
    .done();
    let rhythms: HashMap<String, Record> = records(&answer.stdout)
        .into_iter()
        .map(|rhythm| (rhythm["participant"].clone(), rhythm))
        .collect();
    let truths = records(&std::fs::read_to_string(truth).unwrap());
    assert_eq!((rhythms.len(), truths.len()), (200, 200));
    let (mut covered, mut raised_flat, mut raised_other) = (0, 0, 0);
    let mut squared_errors = 0.0;
    for person in truths.iter().filter(|person| person["flat"] == "0") {
        let rhythm = &rhythms[&person["participant"]];
        let slope = number(person, "slope_ln_per_h");
        squared_errors += (number(rhythm, "posterior_slope_ln_per_h") - slope).powi(2);
        covered += u32::from(
            (number(rhythm, "posterior_lower_ln_per_h")
                ..=number(rhythm, "posterior_upper_ln_per_h"))
                .contains(&slope),
        );
        raised_other += u32::from(rhythm["verdict"] == "FLAT_FOR_REVIEW");
    }
    for person in truths.iter().filter(|person| person["flat"] == "1") {
        raised_flat += u32::from(rhythms[&person["participant"]]["verdict"] == "FLAT_FOR_REVIEW");
    }
    let others = truths.iter().filter(|person| person["flat"] == "0").count() as f64;
    // 95 % intervals of about 150 people: five standard deviations are 9 in 100.
    assert!(
        (f64::from(covered) / others - 0.95).abs() < 0.09,
        "{covered} of {others} covered"
    );
    // Four clean days of five samples know a slope better than the population's spread of 0.035 or so.
    assert!(
        (squared_errors / others).sqrt() < 0.03,
        "{}",
        (squared_errors / others).sqrt()
    );
    assert!(
        raised_flat > 10 && f64::from(raised_other) / others < 0.1,
        "{raised_flat} flat, {raised_other} of {others} others"
    );
}

#[test]
fn plans_that_break_a_rule_are_refused() {
    for (arguments, part) in [
        (["--preset", "adult-nosy"], "adult-noisy@1"),
        (["--schedule", "0,9,4"], "strictly increasing"),
        (["--missing", "1.5"], "missing"),
        (["--limit-of-detection", "-1"], "limit"),
        (["--days", "0"], "days"),
    ] {
        let message = diel(&[&["simulate"], arguments.as_slice()].concat()).refused();
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
    assert_eq!(diel(&["simulate", "--schedule", "morning"]).status, 2);
    let gap = [
        "simulate",
        "--time-zone",
        "Europe/Berlin",
        "--start-date",
        "2026-03-29",
        "--wake-time",
        "02:30",
    ];
    assert!(diel(&gap).refused().contains("skipped in Europe/Berlin"));
}
