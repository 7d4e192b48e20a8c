//! `diel fhir` and `diel submit --json`: out of a study and into another, or the same.

use std::collections::HashMap;
use std::fs;

use crate::command::{Service, samples};
use crate::structure::faults;

/// Samples of every kind: below and above a limit, missing, labelled, in other units, of a third person.
fn all_kinds() -> String {
    let mut text =
        "participant,group,age_years,sex,label,collected_at,awakening_at,concentration,unit\n"
            .to_owned();
    for line in samples().lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [person, group, age, collected, awakening, level, unit] = cells[..] else {
            panic!("{line}");
        };
        let row = format!("{person},{group},{age},f,S,{collected},{awakening},{level},{unit}\n");
        text.push_str(&row);
    }
    text + "C,,9.5,m,S1,2026-03-02T07:00:00+01:00,2026-03-02T06:50:00+01:00,0.452,ug/dL\n\
        C,,9.5,m,S2,2026-03-02T12:00:00+01:00,2026-03-02T06:50:00+01:00,>82,nmol/L\n\
        C,,9.5,m,S3,2026-03-02T18:00:00+01:00,2026-03-02T06:50:00+01:00,QNS,nmol/L\n\
        C,,9.5,m,S4,2026-03-03T00:40:00+01:00,2026-03-02T06:50:00+01:00,<0.33,nmol/L\n"
}

fn with_all_kinds() -> Service {
    let service = Service::start();
    for study in ["pilot", "second", "third"] {
        let zone = ["--name", "Study", "--time-zone", "Europe/Berlin"];
        let create = [&["study", "create", study][..], &zone].concat();
        service.diel(&create).done();
    }
    let file = service.write("all.csv", &all_kinds());
    let facts = ["--lab", "Lab 7", "--assay", "ELISA", "--plate", "P1"];
    let limits = ["--limit-of-detection", "0.19", "--run-date", "2026-04-01"];
    let submit = ["submit", &file, "--study", "pilot"];
    service
        .diel(&[&submit[..], &facts, &limits].concat())
        .done();
    service
}

/// Rows of an answer without what names the study, or says when it was stored.
fn rows(service: &Service, command: &str, study: &str) -> Vec<HashMap<String, String>> {
    let rows = service.rows(&[command, "--study", study]);
    let same = |(name, value): &(String, String)| {
        !name.ends_with("_time") && name != "flag" && !value.contains("studies/")
    };
    rows.into_iter()
        .map(|row| row.into_iter().filter(same).collect())
        .collect()
}

#[test]
fn a_study_goes_out_as_fhir_and_comes_in_again() {
    let service = with_all_kinds();
    let amended = service.write(
        "amended.csv",
        "participant,collected_at,concentration,unit\nA,2026-03-02T22:00:00+01:00,1.4,nmol/L\n",
    );
    let amend = ["amend", &amended, "--study", "pilot", "--reason", "typing"];
    service.diel(&amend).done();
    let bundle = service.path("bundle.json");
    let bundle = bundle.to_str().unwrap();
    let export = ["fhir", "export", "--study", "pilot", "--out", bundle];
    let told = service.diel(&export).done().stderr;
    assert!(told.contains("88 resources written"), "{told}");
    let faults = faults(bundle.as_ref()).unwrap();
    assert_eq!(faults, "", "not as R4 has it");
    let text = fs::read_to_string(bundle).unwrap();
    for part in [
        r#""status":"amended""#,
        r#""text":"typing""#,
        r#""comparator":"<""#,
        r#""code":"2142-8""#,
        r#""code":"insufficient_volume""#,
        "2026-03-03T00:40:00+01:00",
    ] {
        assert!(text.contains(part), "{part}");
    }

    // Into the same study: nothing happens.
    let same = ["fhir", "import", bundle, "--study", "pilot"];
    let again = service.diel(&same).done().stdout;
    assert!(
        again.starts_with("0 results stored, 44 unchanged, 0 waiting")
            && again.contains("0 specimens stored, 0 unchanged; 0 days stored; 0 refused"),
        "{again}"
    );
    // Into another: the same days, the same rhythms.
    let other = ["fhir", "import", bundle, "--study", "second"];
    let first = service.diel(&other).done().stdout;
    assert!(
        first.starts_with("44 results stored, 0 unchanged"),
        "{first}"
    );
    for command in ["profiles", "rhythms"] {
        let there = rows(&service, command, "second");
        assert!(there.len() >= 3, "{command}");
        assert_eq!(there, rows(&service, command, "pilot"), "{command}");
    }
    let batch = &service.rows(&["batches", "list", "--study", "second"])[0];
    assert_eq!(
        (
            batch["lab"].as_str(),
            batch["plate"].as_str(),
            batch["run_date"].as_str()
        ),
        ("Lab 7", "P1", "2026-04-01")
    );
    assert_eq!(batch["limit_of_detection"], "0.19");

    // One resource a line says the same.
    let lines = service.diel(&["fhir", "export", "--study", "second", "--lines"]);
    let file = service.write("lines.ndjson", &lines.done().stdout);
    let third = ["fhir", "import", &file, "--study", "third"];
    let stored = service.diel(&third).done().stdout;
    assert!(
        stored.starts_with("44 results stored, 0 unchanged"),
        "{stored}"
    );
    assert_eq!(
        rows(&service, "rhythms", "third"),
        rows(&service, "rhythms", "pilot")
    );
}

#[test]
fn a_recalled_plate_goes_out_as_entered_in_error() {
    let service = with_all_kinds();
    for batch in service.rows(&["batches", "list", "--study", "pilot"]) {
        let recall = ["batches", "recall", &batch["name"], "--reason", "swapped"];
        service.diel(&recall).done();
    }
    let bundle = service.path("bundle.json");
    let bundle = bundle.to_str().unwrap();
    let export = ["fhir", "export", "--study", "pilot", "--out", bundle];
    service.diel(&export).done();
    assert_eq!(faults(bundle.as_ref()).unwrap(), "");
    let text = fs::read_to_string(bundle).unwrap();
    assert_eq!(text.matches(r#""status":"entered-in-error""#).count(), 43);
    assert_eq!(text.matches(r#""status":"final""#).count(), 1, "QNS stays");
    let same = ["fhir", "import", bundle, "--study", "pilot"];
    let again = service.diel(&same).done().stdout;
    assert!(
        again.starts_with("0 results stored, 44 unchanged"),
        "{again}"
    );
}

#[test]
fn what_is_refused_is_named_and_the_rest_is_stored_on_request() {
    let service = with_all_kinds();
    let bundle = service.path("bundle.json");
    let bundle = bundle.to_str().unwrap();
    let export = [
        "fhir",
        "export",
        "--study",
        "pilot",
        "--participant",
        "C",
        "--out",
        bundle,
    ];
    service.diel(&export).done();
    let text = fs::read_to_string(bundle).unwrap();
    let broken = service.write(
        "broken.json",
        &text.replace(r#""code":"ug/dL""#, r#""code":"mg/dL""#),
    );
    let import = ["fhir", "import", &broken, "--study", "second"];
    let refused = service.diel(&import).refused();
    assert!(
        refused.contains(".resource.valueQuantity.code `mg/dL`: is none of the units nmol/L, ug/dL, ng/mL and ug/L"),
        "{refused}"
    );
    assert!(refused.contains("nothing was sent"), "{refused}");
    let partial = service.diel(&[&import[..], &["--partial"]].concat());
    assert!(
        partial.stdout.starts_with("3 results stored"),
        "{}",
        partial.stdout
    );
    assert_eq!(partial.status, 1);
    // A value that contradicts what is stored is named at its resource.
    let other = service.write(
        "other.json",
        &text.replace(r#""value":0.452"#, r#""value":0.5"#),
    );
    let conflict = service
        .diel(&["fhir", "import", &other, "--study", "pilot"])
        .refused();
    assert!(
        conflict.contains("entry[1].resource `concentration`: specimen")
            && conflict.contains("0.452 ug/dL"),
        "{conflict}"
    );
}

#[test]
fn messages_in_json_are_submitted_and_answered_in_json() {
    let service = with_all_kinds();
    let message = |specimen: &str, value: &str| {
        format!(
            r#"{{"batch": {{"lab": "Lab 7", "assay": "ELISA"}}, "results": [{{"specimen": "{specimen}", "concentration": {{"value": {value}, "unit": "CONCENTRATION_UNIT_NMOL_PER_L"}}}}]}}"#
        )
    };
    let file = service.write(
        "two.ndjson",
        &format!("{}\n{}\n", message("J-1", "3.5"), message("J-2", "4")),
    );
    let submit = ["submit", &file, "--study", "pilot", "--json"];
    let answers = service.diel(&submit).done().stdout;
    assert_eq!(answers.lines().count(), 2);
    let first: serde_json::Value = serde_json::from_str(answers.lines().next().unwrap()).unwrap();
    for count in ["storedCount", "waitingCount"] {
        assert_eq!(first[count].as_str(), Some("1"), "{first}");
    }
    for (value, rule) in [
        (
            r#""NaN""#,
            "results[0].concentration.value: NaN is not a finite number",
        ),
        ("-3", "results[0].concentration"),
        ("true", ""),
    ] {
        let file = service.write("bad.json", &message("J-3", value));
        let refused = service
            .diel(&["submit", &file, "--study", "pilot", "--json"])
            .refused();
        assert!(
            refused.contains("message 1") && refused.contains(rule),
            "{refused}"
        );
    }
}
