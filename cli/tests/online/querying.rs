//! `diel study`, `profiles`, `rhythms` and `flags`.

use crate::command::Service;

#[test]
fn studies_are_created_listed_and_shown() {
    let service = Service::start();
    let create = [
        "study",
        "create",
        "infants",
        "--name",
        "Infants",
        "--time-zone",
        "UTC",
    ];
    let policy = [
        "--reference",
        "infant",
        "--probability",
        "0.9",
        "--min-days",
        "4",
        "--threshold-ln-per-h",
        "-0.02",
    ];
    service.diel(&[&create[..], &policy].concat()).done();
    let message = service.diel(&create).refused();
    assert!(
        message.contains("infants") && message.contains("RESOURCE_EXISTS"),
        "{message}"
    );
    let studies = service.rows(&["study", "list"]);
    assert_eq!(
        (studies.len(), studies[0]["study"].as_str()),
        (1, "infants")
    );
    let study = &service.rows(&["study", "show", "infants"])[0];
    assert!(study["reference"].starts_with("infant"), "{study:?}");
    assert_eq!(
        [
            "probability",
            "min_days",
            "threshold_ln_per_h",
            "threshold_percentile"
        ]
        .map(|name| study[name].as_str()),
        ["0.9", "4", "-0.02", ""]
    );
    let message = service
        .diel(&[
            "study",
            "create",
            "x",
            "--name",
            "X",
            "--time-zone",
            "Europe/Berlim",
        ])
        .refused();
    assert!(
        message.contains("time_zone") && message.contains("Europe/Berlim"),
        "{message}"
    );
}

#[test]
fn the_rising_person_is_put_before_a_reviewer_and_the_falling_one_is_not() {
    let service = Service::with_samples();
    let rhythms = service.rows(&["rhythms", "--study", "pilot"]);
    let verdicts: Vec<_> = rhythms
        .iter()
        .map(|row| (row["participant"].as_str(), row["verdict"].as_str()))
        .collect();
    assert_eq!(verdicts, [("A", "NOT_FLAT"), ("B", "FLAT_FOR_REVIEW")]);
    let flags = service.rows(&["flags", "--study", "pilot"]);
    assert_eq!(flags.len(), 1);
    assert_eq!(
        [
            &flags[0]["participant"],
            &flags[0]["state"],
            &flags[0]["name"]
        ],
        ["B", "open", &rhythms[1]["flag"]]
    );
    assert_eq!(flags[0]["probability_flat"], rhythms[1]["probability_flat"]);
    let table = service.diel(&["flags", "--study", "pilot"]).done().stdout;
    assert!(
        table.contains("never a statement about a person"),
        "{table}"
    );
}

#[test]
fn the_service_answers_as_the_offline_analysis_does() {
    let service = Service::with_samples();
    let file = service.path("samples.csv").display().to_string();
    for (kind, columns) in [("profiles", 25), ("rhythms", 13)] {
        let offline = service
            .diel(&["analyze", &file, &format!("--{kind}"), "-"])
            .done()
            .stdout;
        let online = service
            .diel(&[kind, "--study", "pilot", "--format", "csv"])
            .done()
            .stdout;
        let promised = |text: &str| -> Vec<String> {
            text.lines()
                .map(|line| line.split(',').take(columns).collect::<Vec<_>>().join(","))
                .collect()
        };
        assert_eq!(promised(&online), promised(&offline), "{kind}");
    }
}

#[test]
fn filters_narrow_the_answer() {
    let service = Service::with_samples();
    let count = |arguments: &[&str]| {
        service
            .rows(&[arguments, &["--study", "pilot"]].concat())
            .len()
    };
    assert_eq!(count(&["profiles"]), 8);
    assert_eq!(count(&["profiles", "--participant", "A"]), 4);
    assert_eq!(
        count(&[
            "profiles",
            "--group",
            "Bs",
            "--from",
            "2026-03-03",
            "--to",
            "2026-03-04"
        ]),
        2
    );
    assert_eq!(count(&["profiles", "--max-slope", "-0.1"]), 4);
    assert_eq!(count(&["profiles", "--limit", "3"]), 3);
    assert_eq!(count(&["profiles", "--min-age", "36"]), 0);
    assert_eq!(count(&["rhythms", "--verdict", "flat-for-review"]), 1);
    assert_eq!(count(&["rhythms", "--flag-state", "open"]), 1);
    assert_eq!(count(&["rhythms", "--participant", "A"]), 1);
    assert_eq!(count(&["flags", "--state", "resolved"]), 0);
    assert_eq!(
        count(&[
            "flags",
            "--min-probability",
            "0.5",
            "--state",
            "open",
            "--state",
            "resolved"
        ]),
        1
    );
    let message = service
        .diel(&["profiles", "--study", "pilot", "--from", "March"])
        .refused();
    assert!(
        message.contains("first_date") && message.contains("March"),
        "{message}"
    );
}

#[test]
fn programs_get_json_and_people_a_table() {
    let service = Service::with_samples();
    let array = service
        .diel(&["rhythms", "--study", "pilot", "--format", "json"])
        .done()
        .stdout;
    let array: serde_json::Value = serde_json::from_str(&array).unwrap();
    assert_eq!(array.as_array().unwrap().len(), 2);
    assert!(
        array[0]["posterior_slope_ln_per_h"].as_f64().unwrap() < -0.05
            && array[0]["flag"].is_null()
    );
    let lines = service
        .diel(&["profiles", "--study", "pilot", "--format", "jsonl"])
        .done()
        .stdout;
    assert_eq!(
        lines
            .lines()
            .filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok())
            .count(),
        8
    );
    let empty = service
        .diel(&[
            "flags",
            "--study",
            "pilot",
            "--state",
            "withdrawn",
            "--format",
            "json",
        ])
        .done()
        .stdout;
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&empty).unwrap(),
        serde_json::json!([])
    );
}

#[test]
fn results_stand_beside_what_they_come_to() {
    let service = Service::with_samples();
    let table = service.write(
        "points.csv",
        "from_nmol_per_l,to_nmol_per_l\n0.001,0.0005\n100,50\n",
    );
    // `submit` says "not stated" where nobody names the assay.
    let created = service
        .diel(&[
            "conversion",
            "create",
            "half",
            "--study",
            "pilot",
            "--from",
            "not stated",
            "--to",
            "LC-MS/MS",
            "--table",
            &table,
            "--range",
            "0.001,100",
            "--source",
            "made up",
        ])
        .done();
    assert!(created.stdout.contains("studies/pilot/conversions/half@1"));
    let number = |row: &std::collections::HashMap<String, String>, name: &str| -> f64 {
        row[name].parse().unwrap()
    };
    let converted = service.rows(&["conversion", "results", "half", "--study", "pilot"]);
    assert!(!converted.is_empty());
    for row in &converted {
        let half = number(row, "concentration_nmol_per_l") / 2.0;
        assert!(
            (number(row, "converted_nmol_per_l") - half).abs() < 1e-9,
            "{row:?}"
        );
        assert_eq!(row["conversion"], "studies/pilot/conversions/half@1");
    }
    assert_eq!(
        service
            .rows(&["conversion", "list", "--study", "pilot"])
            .len(),
        2
    );
    let message = service
        .diel(&[
            "conversion",
            "create",
            "half",
            "--study",
            "pilot",
            "--from",
            "x",
            "--to",
            "y",
            "--linear=0,-1",
            "--range",
            "1,2",
            "--source",
            "made up",
        ])
        .refused();
    assert!(
        message.contains("slope") && message.contains("must rise"),
        "{message}"
    );
}

#[test]
fn a_method_lends_its_limits() {
    let service = Service::with_samples();
    let created = service
        .diel(&[
            "method",
            "create",
            "elisa-x",
            "--study",
            "pilot",
            "--assay",
            "ELISA kit X",
            "--limit-of-detection",
            "0.3",
            "--source",
            "leaflet, revision 7",
            "--bias",
            "LC-MS/MS: 23 % at 1..50 nmol/L: own comparison",
            "--bias",
            "RIA: -4 %: own comparison",
        ])
        .done();
    assert!(created.stdout.contains("studies/pilot/methods/elisa-x@1"));
    let rows = service.rows(&["method", "list", "--study", "pilot"]);
    let biases: Vec<_> = rows
        .iter()
        .map(|row| (row["compared_with"].as_str(), row["bias_percent"].as_str()))
        .collect();
    assert_eq!(biases, [("LC-MS/MS", "23"), ("RIA", "-4")]);
    assert_eq!(rows[0]["limit_of_detection_nmol_per_l"], "0.3");
    let message = service
        .diel(&[
            "method",
            "create",
            "elisa-x",
            "--study",
            "pilot",
            "--assay",
            "x",
            "--limit-of-detection",
            "-1",
            "--source",
            "made up",
        ])
        .refused();
    assert!(message.contains("limit"), "{message}");
}
