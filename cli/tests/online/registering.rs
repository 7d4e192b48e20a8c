//! `diel register` and `diel specimens`: tubes before and after their results, and corrections.

use crate::command::Service;

fn with_study() -> Service {
    let service = Service::start();
    let study = ["study", "create", "pilot", "--name", "Pilot"];
    let zone = ["--time-zone", "Europe/Berlin"];
    service.diel(&[study.as_slice(), &zone].concat()).done();
    service
}

/// A diary of one person over three days, five tubes a day.
fn diary() -> String {
    let mut text = "specimen,participant,collected_at,label,awakening_at\n".to_owned();
    for day in 2..5 {
        for (number, clock) in ["07:00", "07:30", "11:00", "16:00", "22:00"]
            .iter()
            .enumerate()
        {
            text += &format!(
                "T{day}-{number},P1,2026-03-0{day} {clock},S{number},2026-03-0{day} 07:00\n"
            );
        }
    }
    text
}

/// Results that fall by the hour, without times.
fn results() -> String {
    let mut text = "specimen,participant,collected_at,concentration,unit\n".to_owned();
    for day in 2..5 {
        for (number, (clock, nmol)) in [
            ("07:00", 12.0),
            ("07:30", 15.0),
            ("11:00", 8.0),
            ("16:00", 5.0),
            ("22:00", 2.5),
        ]
        .iter()
        .enumerate()
        {
            text += &format!("T{day}-{number},P1,2026-03-0{day}T{clock}:00+01:00,{nmol},nmol/L\n");
        }
    }
    text
}

#[test]
fn a_diary_is_registered_once_and_meets_its_results() {
    let service = with_study();
    let log = service.write("diary.csv", &diary());
    let register = [
        "register",
        &log,
        "--study",
        "pilot",
        "--source",
        "self-report",
    ];
    let trial = service
        .diel(&[&register[..], &["--validate-only"]].concat())
        .done();
    assert!(
        trial.stdout.contains("15 tubes would be stored"),
        "{}",
        trial.stdout
    );
    assert!(
        trial.stderr.contains("I read a table of tubes"),
        "{}",
        trial.stderr
    );
    let first = service.diel(&register).done().stdout;
    assert!(first.contains("15 tubes stored, 0 unchanged"), "{first}");
    let again = service.diel(&register).done().stdout;
    assert!(again.contains("0 tubes stored, 15 unchanged"), "{again}");

    let waiting = service.rows(&["specimens", "orphans", "--study", "pilot"]);
    assert_eq!(waiting.len(), 15);
    assert_eq!(waiting[0]["waits_for"], "result");
    assert_eq!(waiting[0]["waiting_days"], "0");
    let old = [
        "specimens",
        "orphans",
        "--study",
        "pilot",
        "--older-than-days",
        "1",
    ];
    assert!(service.rows(&old).is_empty());

    let file = service.write("results.csv", &results());
    service.diel(&["submit", &file, "--study", "pilot"]).done();
    assert!(
        service
            .rows(&["specimens", "orphans", "--study", "pilot"])
            .is_empty()
    );
    let listed = service.rows(&[
        "specimens",
        "list",
        "--study",
        "pilot",
        "--participant",
        "P1",
    ]);
    assert_eq!(listed.len(), 15);
    assert_eq!(listed[0]["source"], "self_report");
    assert_eq!(listed[0]["collected_at"], "2026-03-02T07:00:00+01:00");
}

#[test]
fn bad_rows_of_a_log_come_back_with_their_lines() {
    let service = with_study();
    let good = diary();
    let log = service.write(
        "diary.csv",
        &(good.clone() + "T9,P1,2099-03-02 07:00,S1,\n" + "T8,,2026-03-02 07:00,S1,\n"),
    );
    let register = ["register", &log, "--study", "pilot"];
    let said = service.diel(&register).refused();
    assert!(
        said.contains("diary.csv:18: participant: is empty"),
        "{said}"
    );
    assert!(said.contains("nothing was sent"), "{said}");
    let said = service
        .diel(&[&register[..], &["--partial"]].concat())
        .refused();
    assert!(
        said.contains("diary.csv:17: collection_time: 2099"),
        "{said}"
    );
    assert!(said.contains("15 tubes stored"), "{said}");
}

#[test]
fn swapped_tubes_are_put_right_and_the_history_shows_it() {
    let service = with_study();
    let log = service.write("diary.csv", &diary());
    service.diel(&["register", &log, "--study", "pilot"]).done();
    let file = service.write("results.csv", &results());
    service.diel(&["submit", &file, "--study", "pilot"]).done();
    let swap = [
        "specimens",
        "swap",
        "T2-0",
        "T2-4",
        "--study",
        "pilot",
        "--reason",
        "taken for each other",
    ];
    let trial = service
        .diel(&[&swap[..], &["--validate-only"]].concat())
        .done()
        .stdout;
    assert!(
        trial.contains("T2-0 would be P1's of 2026-03-02T22:00:00+01:00"),
        "{trial}"
    );
    let done = service.rows(&swap);
    assert_eq!(done[0]["sampling_date"], "2026-03-02");
    assert_ne!(
        done[0]["slope_before_ln_per_h"],
        done[0]["slope_after_ln_per_h"]
    );
    assert!(!done[1]["verdict_before"].is_empty());
    let shown = service.rows(&["specimens", "show", "T2-0", "--study", "pilot"]);
    let facts: Vec<_> = shown
        .iter()
        .map(|row| (&row["what"][..], &row["revision"][..], &row["in_force"][..]))
        .collect();
    assert_eq!(
        facts,
        [
            ("collection", "1", "false"),
            ("collection", "2", "true"),
            ("result", "1", "true")
        ]
    );
    assert_eq!(shown[0]["reason"], "taken for each other");

    let reassign = [
        "specimens",
        "reassign",
        "T2-1",
        "--study",
        "pilot",
        "--reason",
        "diary misread",
    ];
    let nothing = service.diel(&reassign);
    assert_eq!(nothing.status, 2, "{}", nothing.stderr);
    let moved = [&reassign[..], &["--collected-at", "2026-03-02T07:45+01:00"]].concat();
    let said = service.diel(&moved).done().stdout;
    assert!(
        said.contains("T2-1 is now P1's of 2026-03-02T07:45:00+01:00, S1 (facts no. 2)"),
        "{said}"
    );
    let stray = [&reassign[..], &["--participant", "P2"]].concat();
    assert!(service.diel(&stray).refused().contains("--no-awakening"));
    let stray = [&stray[..], &["--no-awakening"]].concat();
    assert!(
        service
            .diel(&stray)
            .refused()
            .contains("studies/pilot/participants/P2 does not exist")
    );
}

#[test]
fn tubes_are_held_against_a_protocol() {
    let service = with_study();
    let log = service.write("diary.csv", &diary());
    let register = [
        "register",
        &log,
        "--study",
        "pilot",
        "--source",
        "self-report",
    ];
    service.diel(&register).done();
    let without = service.diel(&["compliance", "--study", "pilot"]).refused();
    assert!(
        without.contains("studies/pilot/protocols/current does not exist"),
        "{without}"
    );
    let samples = [
        "S0=wake+0",
        "S1=wake+25",
        "S2=11:00,30,30",
        "S3=16:00,30,30",
        "S4=bedtime",
    ];
    let mut set = vec!["protocol", "set", "--study", "pilot", "--days", "4"];
    samples
        .iter()
        .for_each(|sample| set.extend(["--sample", *sample]));
    let stored = service.rows(&set);
    assert_eq!(stored.len(), 5);
    assert_eq!(
        (
            &stored[1]["due"][..],
            &stored[1]["late_tolerance_minutes"][..]
        ),
        ("wake+25", "5")
    );
    let rows = service.rows(&["compliance", "--study", "pilot"]);
    assert_eq!(rows.len(), 15);
    let found: Vec<_> = rows[..5].iter().map(|row| row["timing"].as_str()).collect();
    assert_eq!(found, ["within", "within", "within", "within", "not_known"]);
    assert_eq!(rows[1]["deviation_minutes"], "5");
    assert_eq!(rows[4]["unknown_reason"], "bedtime_unknown");
    let people = service.rows(&["compliance", "--study", "pilot", "--summary"]);
    let person = &people[0];
    assert_eq!(
        (
            &person["within_count"][..],
            &person["not_known_count"][..],
            &person["missing_day_count"][..]
        ),
        ("12", "3", "1")
    );
    assert_eq!(
        (&person["share_within"][..], &person["share_electronic"][..]),
        ("1", "0")
    );
    let bad = [
        "protocol", "set", "--study", "pilot", "--sample", "S2=16:00",
    ];
    assert!(service.diel(&bad).refused().contains("has no tolerance"));
    assert!(
        service
            .rows(&["specimens", "duplicates", "--study", "pilot"])
            .is_empty()
    );
}
