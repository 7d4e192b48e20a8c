//! `diel quality` and `diel submit --controls`: a plate whose control lies too far out, from the file to the flag.

use crate::command::Service;

/// z = (6.6 - 5) / 0.5 = 3.2
const CONTROLS: &str = "material,level,lot,concentration,unit,well\npool A,low,L7,6.6,nmol/L,H12\n";

fn with_control() -> Service {
    let service = Service::with_samples();
    let create = [
        "quality",
        "control",
        "create",
        "pool-low",
        "--study",
        "pilot",
        "--lab",
        "not stated",
        "--assay",
        "not stated",
        "--material",
        "pool A",
        "--level",
        "low",
        "--lot",
        "L7",
        "--mean",
        "5",
        "--sd",
        "0.5",
        "--unit",
        "nmol/L",
        "--source",
        "own runs",
    ];
    service.diel(&create).done();
    service
}

#[test]
fn a_flag_says_that_its_plate_failed_until_a_reviewer_accepts_it() {
    let service = with_control();
    let samples = service.folder.path().join("samples.csv");
    let samples = samples.to_str().unwrap();
    let controls = service.write("controls.csv", CONTROLS);
    let told = service
        .diel(&[
            "submit",
            samples,
            "--study",
            "pilot",
            "--controls",
            &controls,
        ])
        .done()
        .stdout;
    assert!(
        told.contains("0 rows stored, 40 unchanged")
            && told.contains("fails; its results are kept, used and marked"),
        "{told}"
    );
    let batches = service.rows(&["quality", "list", "--study", "pilot", "--verdict", "fail"]);
    assert_eq!(batches.len(), 1);
    assert_eq!(batches[0]["verdict"], "FAIL");
    assert!(batches[0]["reasons"].starts_with("control_1_2s;control_1_3s"));
    let batch = &batches[0]["batch"];
    let shown = service.diel(&["quality", "show", batch]).done().stdout;
    assert!(
        shown.contains("pool-low +3.20 SD in ") && shown.contains("A control exceeds 3 SD."),
        "{shown}"
    );

    let flag = &service.rows(&["flags", "--study", "pilot"])[0];
    assert!(flag["reasons"].contains("failed_plate"), "{flag:?}");
    let shown = service
        .diel(&["flags", "show", &flag["name"]])
        .done()
        .stdout;
    assert!(
        shown.contains("failed_plate: At least one sample"),
        "{shown}"
    );

    let chart = service.folder.path().join("chart.svg");
    let control = "studies/pilot/controls/pool-low";
    service
        .diel(&[
            "quality",
            "chart",
            control,
            "--out",
            chart.to_str().unwrap(),
        ])
        .done();
    let drawn = std::fs::read_to_string(chart).unwrap();
    assert!(
        drawn.contains("pool A, low, L7") && drawn.contains("1_3s"),
        "{drawn}"
    );

    let reason = ["--reason", "the control was spilled"];
    let accepted = service.diel(&[&["quality", "accept", batch][..], &reason].concat());
    let accepted = accepted.done().stdout;
    assert!(
        accepted.contains("PASS, decided by local (the control was spilled); computed FAIL"),
        "{accepted}"
    );
    let flag = &service.rows(&["flags", "--study", "pilot"])[0];
    assert!(!flag["reasons"].contains("failed_plate"), "{flag:?}");
    let restored = service.diel(&[&["quality", "restore", batch][..], &reason].concat());
    assert!(restored.done().stdout.contains(": FAIL\n"));
}

#[test]
fn the_policy_of_quality_control_is_shown_and_set() {
    let service = with_control();
    let shown = service
        .diel(&["quality", "policy", "show", "--study", "pilot"])
        .done()
        .stdout;
    assert!(
        shown.contains("qualityPolicies/0") && shown.contains("failing: 1_3s/2_2s/r_4s/4_1s/10_x"),
        "{shown}"
    );
    let set = [
        "quality",
        "policy",
        "set",
        "--study",
        "pilot",
        "--failing",
        "1_3s,2_2s",
        "--replicate-cv-percent",
        "10",
        "--wait",
    ];
    let set = service.diel(&set).done().stdout;
    assert!(
        set.contains("qualityPolicies/1")
            && set.contains("failing: 1_3s/2_2s;")
            && set.contains("CV of 10 %"),
        "{set}"
    );
    let refused = service
        .diel(&[
            "quality",
            "policy",
            "set",
            "--study",
            "pilot",
            "--failing",
            "1_9s",
        ])
        .refused();
    assert!(
        refused.contains("\"1_9s\" is not a rule of control"),
        "{refused}"
    );
}

#[test]
fn what_is_wrong_with_a_file_of_controls_is_said_before_anything_is_sent() {
    let service = with_control();
    let samples = service.folder.path().join("samples.csv");
    let controls = service.write("controls.csv", "material,concentration\npool A,5\n");
    let refused = service
        .diel(&[
            "submit",
            samples.to_str().unwrap(),
            "--study",
            "pilot",
            "--controls",
            &controls,
        ])
        .refused();
    assert!(
        refused.contains("line 2") && refused.contains("unit: is missing"),
        "{refused}"
    );
}
