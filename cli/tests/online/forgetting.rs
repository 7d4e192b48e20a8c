//! `diel participant erase`, `diel study export`, `diel study update` and `diel check --codes`.

use std::fs;

use crate::command::{Service, diel, run};

#[test]
fn a_participant_is_erased_when_it_is_confirmed() {
    let service = Service::with_samples();
    let erase = [
        "participant",
        "erase",
        "B",
        "--study",
        "pilot",
        "--reason",
        "withdrew consent",
    ];
    let counted = service.rows(&erase);
    let count = |rows: &[std::collections::HashMap<String, String>], what: &str| {
        let row = rows.iter().find(|row| row["what"] == what).unwrap();
        row["count"].clone()
    };
    assert_eq!(count(&counted, "results"), "20");
    assert_eq!(count(&counted, "flags"), "1");
    assert_eq!(service.rows(&["rhythms", "--study", "pilot"]).len(), 2);

    let erased = service.rows(&[&erase[..], &["--confirm"]].concat());
    assert_eq!(counted, erased);
    let rhythms = service.rows(&["rhythms", "--study", "pilot"]);
    assert_eq!(
        (rhythms.len(), rhythms[0]["participant"].as_str()),
        (1, "A")
    );
    assert!(service.rows(&["flags", "--study", "pilot"]).is_empty());
    let verified = service
        .diel(&["audit", "verify", "--study", "pilot"])
        .done();
    assert!(
        verified.stdout.contains("an unbroken chain"),
        "{verified:?}"
    );
    let entries = service.rows(&["audit", "list", "--study", "pilot"]);
    assert!(
        entries
            .iter()
            .all(|entry| !entry["resource"].contains("flags/"))
    );
    let again = service.diel(&erase).refused();
    assert!(again.contains("does not exist"), "{again}");

    let path = service.path("diel.db").display().to_string();
    let whole = run(diel().args(["verify", "--database", &format!("sqlite://{path}")]));
    assert_eq!(whole.status, 0, "{whole:?}");

    let due = ["participant", "due", "--study", "pilot", "--kept-for-days"];
    let due_after = |days: &str| service.rows(&[&due[..], &[days]].concat()).len();
    assert_eq!(due_after("36500"), 0, "a hundred years");
}

#[test]
fn a_study_is_exported_with_a_manifest_of_digests() {
    let service = Service::with_samples();
    let folder = service.path("export");
    let out = folder.display().to_string();
    let export = ["study", "export", "pilot", "--out", &out];
    service.diel(&export).done();
    let manifest = fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest["format"], "diel study export 1");
    assert_eq!(manifest["written_to_meanwhile"], false);
    let files = manifest["files"].as_array().unwrap();
    assert_eq!(files.len() + 1, fs::read_dir(&folder).unwrap().count());
    for file in files {
        let text = fs::read_to_string(folder.join(file["file"].as_str().unwrap())).unwrap();
        assert_eq!(file["rows"], text.lines().count(), "{file}");
        let digest = blake3::hash(text.as_bytes()).to_hex();
        assert_eq!(file["blake3"], digest.as_str(), "{file}");
    }
    let rows = |name: &str| {
        let file = files.iter().find(|file| file["file"] == name).unwrap();
        file["rows"].as_u64().unwrap()
    };
    assert_eq!(rows("participants.jsonl"), 2);
    assert_eq!(rows("results.jsonl"), 40);
    assert_eq!(rows("rhythms.jsonl"), 2);
    assert_eq!(rows("flags.jsonl"), 1);
    assert_eq!(rows("flag_events.jsonl"), 1);
    let trail = folder.join("audit.jsonl").display().to_string();
    run(diel().args(["audit", "verify", &trail])).done();
    let twice = service.diel(&export).refused();
    assert!(twice.contains("cannot make the folder"), "{twice}");
}

#[test]
fn codes_that_look_like_a_person_are_found_offline_and_by_the_study() {
    let service = Service::with_samples();
    let shown = service.rows(&["study", "show", "pilot"]);
    assert!(shown[0]["refused_codes"].contains("email_address"));
    assert!(!shown[0]["refused_codes"].contains("digits_date"));
    let file = service.path("telling.csv");
    let table = "participant,collected_at,awakening_at,concentration,unit\n\
        19870504,2026-03-02T07:00:00+01:00,2026-03-02T07:00:00+01:00,12,nmol/L\n\
        anna@example.org,2026-03-02T07:00:00+01:00,2026-03-02T07:00:00+01:00,12,nmol/L\n";
    fs::write(&file, table).unwrap();
    let file = file.display().to_string();
    run(diel().args(["check", &file])).done();
    let refused = run(diel().args(["check", &file, "--codes"])).refused();
    assert!(refused.contains("email_address: "), "{refused}");
    assert!(refused.contains("1 of 2 rows refused"), "{refused}");
    assert!(!refused.contains("anna@"), "{refused}");
    let every = run(diel().args(["check", &file, "--codes=email_address,digits_date"])).refused();
    assert!(every.contains("2 of 2 rows refused"), "{every}");
    let unknown = run(diel().args(["check", &file, "--codes=surname"]));
    assert_eq!(unknown.status, 2, "{unknown:?}");

    let update =
        |shapes: &str| service.diel(&["study", "update", "pilot", "--refuse-codes", shapes]);
    let submit = [
        "submit", &file, "--study", "pilot", "--lab", "L", "--assay", "A",
    ];
    assert!(service.diel(&submit).refused().contains("email_address"));
    let said = update("none").done().stdout;
    assert!(said.contains("codes refused: none"), "{said}");
    service.diel(&submit).done();
}
