//! `diel design`: on a file and through the service, digit by digit.

use crate::command::{Service, diel, run};

#[test]
fn a_study_and_its_file_have_the_same_reliabilities() {
    let service = Service::start();
    let created = [
        "study",
        "create",
        "pilot",
        "--name",
        "Pilot",
        "--time-zone",
        "UTC",
    ];
    service.diel(&created).done();
    let file = service.path("cohort.csv").display().to_string();
    run(diel().args([
        "simulate",
        "--persons",
        "20",
        "--days",
        "2",
        "--seed",
        "5",
        "--out",
        &file,
    ]))
    .done();
    service.diel(&["submit", &file, "--study", "pilot"]).done();
    for format in ["csv", "json", "jsonl"] {
        let of_study = [
            "design",
            "reliability",
            "--study",
            "pilot",
            "--days",
            "5",
            "--format",
            format,
        ];
        let of_study = service.diel(&of_study).done().stdout;
        let of_file = run(diel().args([
            "design",
            "reliability",
            &file,
            "--days",
            "5",
            "--format",
            format,
        ]));
        assert_eq!(of_study, of_file.done().stdout);
        assert!(of_study.contains("slope_regression_ln_per_h"), "{of_study}");
    }
}

#[test]
fn a_population_of_the_service_has_the_digits_of_a_preset() {
    let service = Service::start();
    let reliability = |more: &[&str]| {
        let all = [
            &[
                "design",
                "reliability",
                "--persons",
                "400",
                "--every-day",
                "--format",
                "csv",
            ],
            more,
        ]
        .concat();
        service.diel(&all).done().stdout
    };
    assert_eq!(
        reliability(&["--reference", "child@1"]),
        reliability(&["--preset", "child"])
    );
    let power = |more: &[&str]| {
        let asked = [
            "design",
            "power",
            "--persons-per-group",
            "12",
            "--difference-sds",
            "1",
            "--studies",
            "80",
            "--missing",
            "0.1",
            "--size",
            "--format",
            "csv",
        ];
        service.diel(&[&asked, more].concat()).done().stdout
    };
    assert_eq!(
        power(&["--reference", "references/adult-clean@1"]),
        power(&["--preset", "adult-clean"])
    );
}
