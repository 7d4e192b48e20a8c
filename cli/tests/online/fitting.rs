//! `diel cohort` and `diel reference` against a service: asked for, shown, frozen, judged against.

use crate::command::{Service, diel, run};

const LINE: &str = "log(cortisol) ~ hours + car + (hours | participant)";

/// A study of 30 simulated adults that is judged by its own reference once that rests on 30.
fn cohort() -> (Service, String) {
    let service = Service::start();
    service
        .diel(&[
            "study",
            "create",
            "pilot",
            "--name",
            "Pilot",
            "--time-zone",
            "UTC",
            "--reference",
            "own",
            "--min-reference-persons",
            "30",
        ])
        .done();
    let file = service.path("cohort.csv").display().to_string();
    let truth = service.path("truth.csv").display().to_string();
    run(diel().args([
        "simulate",
        "--persons",
        "30",
        "--seed",
        "5",
        "--out",
        &file,
        "--truth",
        &truth,
    ]))
    .done();
    service.diel(&["submit", &file, "--study", "pilot"]).done();
    (service, file)
}

fn fitted(service: &Service, more: &[&str]) -> serde_json::Value {
    let mut arguments = vec![
        "cohort",
        "start",
        "--study",
        "pilot",
        "--formula",
        LINE,
        "--wait",
    ];
    arguments.extend(more);
    serde_json::from_str(&service.diel(&arguments).done().stdout).unwrap()
}

#[test]
fn a_fit_of_a_study_has_the_digits_and_keys_of_a_fit_of_its_file() {
    let (service, file) = cohort();
    let of_study = fitted(&service, &["--ml"]);
    let of_file = run(diel().args(["cohort", "fit", &file, "--formula", LINE, "--ml"])).done();
    let of_file: serde_json::Value = serde_json::from_str(&of_file.stdout).unwrap();
    for key in [
        "formula",
        "criterion",
        "objective",
        "log_likelihood",
        "n_observations",
        "groups",
        "singular",
        "residual_sd",
        "fixed",
        "random",
    ] {
        assert_eq!(of_study[key], of_file[key], "{key}");
    }
    assert!(of_study["seconds"].is_f64());
    for key in ["evaluations", "iterations", "converged", "message"] {
        assert_eq!(
            of_study["optimizer"][key], of_file["optimizer"][key],
            "{key}"
        );
    }
    let name = of_study["name"].as_str().unwrap();
    let shown = service.diel(&["cohort", "show", name]).done().stdout;
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown, of_study);
    let listed = service.rows(&["cohort", "list", "--study", "pilot"]);
    assert_eq!((listed.len(), listed[0]["name"].as_str()), (1, name));
}

#[test]
fn a_frozen_fit_is_what_the_study_is_judged_against() {
    let (service, _) = cohort();
    let fit = fitted(&service, &["--judged-days"]);
    let frozen = service
        .diel(&[
            "cohort",
            "freeze",
            fit["name"].as_str().unwrap(),
            "--reference",
            "adults",
            "--population",
            "simulated adults",
        ])
        .done()
        .stdout;
    let name = "studies/pilot/references/adults@1";
    assert!(
        frozen.starts_with(name) && frozen.contains("judges everybody again"),
        "{frozen}"
    );
    let reference = service.rows(&["reference", "show", name]);
    assert_eq!(reference[0]["persons"], "30");
    assert_eq!(
        reference[0]["slope_ln_per_h"].parse::<f64>().unwrap(),
        fit["fixed"][1]["estimate"].as_f64().unwrap()
    );
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let rhythms = service.rows(&["rhythms", "--study", "pilot"]);
        if rhythms.iter().all(|rhythm| rhythm["reference"] == name) {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{:?}", rhythms[0]);
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

#[test]
fn a_table_is_a_reference_with_a_service_and_without() {
    let (service, file) = cohort();
    let table = service.write(
        "norms.csv",
        "max_age_years,min_age_years,intercept_ln,slope_ln_per_h,intercept_sd,slope_sd,correlation,residual_sd\n\
         40,,1.6,-0.1,0.45,0.05,-0.5,0.6\n\
         ,50,1.6,-0.1,0.45,0.05,-0.5,0.6\n",
    );
    let created = service
        .diel(&[
            "reference",
            "create",
            &table,
            "--study",
            "pilot",
            "--name",
            "norms",
            "--population",
            "made up",
        ])
        .done();
    assert_eq!(created.stdout.trim(), "studies/pilot/references/norms@1");
    assert!(
        created.stderr.contains("40 to 50 years"),
        "{}",
        created.stderr
    );
    // No age is recorded in the file, and the strata are by age.
    let judged = run(diel().args([
        "analyze",
        &file,
        "--reference-file",
        &table,
        "--format",
        "csv",
    ]))
    .done()
    .stdout;
    assert!(
        judged.contains("age_outside_reference") && judged.contains("norms@file"),
        "{judged}"
    );

    let overlapping = service.write(
        "overlapping.csv",
        "min_age_years,intercept_ln,slope_ln_per_h,intercept_sd,slope_sd,correlation,residual_sd\n\
         18,1.6,-0.1,0.45,0.05,-0.5,0.6\n\
         50,1.6,-0.1,0.45,0.05,-0.5,0.6\n",
    );
    let refused = run(diel().args(["analyze", &file, "--reference-file", &overlapping])).refused();
    assert!(refused.contains("overlaps with strata[0]"), "{refused}");
    let misspelt = service.write("misspelt.csv", "intercept,slope\n1,2\n");
    let refused = run(diel().args(["analyze", &file, "--reference-file", &misspelt])).refused();
    assert!(refused.contains("`intercept` is not a column"), "{refused}");
}
