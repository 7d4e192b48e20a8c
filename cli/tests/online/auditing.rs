//! `diel audit` and `diel flags watch`.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::command::{Service, diel, run};

fn exported(service: &Service) -> (String, Vec<String>) {
    let file = service.path("trail.jsonl").display().to_string();
    service
        .diel(&["audit", "export", "--study", "pilot", "--out", &file])
        .done();
    let text = fs::read_to_string(&file).unwrap();
    (file, text.lines().map(str::to_owned).collect())
}

/// Verifies a file without a service.
fn verify(file: &str, more: &[&str]) -> crate::command::Run {
    run(diel()
        .args(["audit", "verify", file])
        .args(more)
        .env("DIEL_SERVER", "http://127.0.0.1:1"))
}

#[test]
fn a_chain_is_verified_in_the_service_and_as_a_file() {
    let service = Service::with_samples();
    let said = service
        .diel(&["audit", "verify", "--study", "pilot"])
        .done()
        .stdout;
    assert!(
        said.contains("studies/pilot: 3 entries, an unbroken chain"),
        "{said}"
    );
    let head = said.trim().rsplit(' ').next().unwrap().to_owned();
    assert!(head.starts_with("3:"), "{head}");
    let (file, lines) = exported(&service);
    assert_eq!(lines.len(), 4);
    assert_eq!(verify(&file, &[]).done().stdout, said);
    verify(&file, &["--head", &head]).done();
    // The chain grows; the head that was kept is still in it.
    let flag = service.rows(&["flags", "--study", "pilot"])[0]["name"].clone();
    let step = ["--decision", "dismissed", "--reason", "nights"];
    service
        .diel(&[&["flags", "resolve", &flag], &step[..]].concat())
        .done();
    let grown = service
        .diel(&["audit", "verify", "--study", "pilot", "--head", &head])
        .done();
    assert!(grown.stdout.contains("4 entries"), "{grown:?}");
    let rows = service.rows(&[
        "audit",
        "list",
        "--study",
        "pilot",
        "--action",
        "resolve_flag",
    ]);
    assert_eq!(
        (
            rows.len(),
            rows[0]["reason"].as_str(),
            rows[0]["resource"].as_str()
        ),
        (1, "nights", flag.as_str())
    );
    // Another chain's head is not in it, and neither is a later one in the file from before.
    let other = format!("2:{}", "ab".repeat(32));
    let refused = service
        .diel(&["audit", "verify", "--study", "pilot", "--head", &other])
        .refused();
    assert!(
        refused.contains("entry 2: is not the one whose hash was kept"),
        "{refused}"
    );
    let later = rows[0]["hash"].clone();
    let refused = verify(&file, &["--head", &format!("4:{later}")]).refused();
    assert!(
        refused.contains("entry 4: is missing with all up to entry 4"),
        "{refused}"
    );
    let outside = service
        .diel(&["audit", "verify", "--outside"])
        .done()
        .stdout;
    assert!(
        outside.contains("the chain outside any study: 0 entries"),
        "{outside}"
    );
}

#[test]
fn whatever_was_done_to_an_exported_chain_is_named() {
    let service = Service::with_samples();
    let (file, lines) = exported(&service);
    let broken = |lines: &[String], expected: &str| {
        fs::write(&file, lines.join("\n") + "\n").unwrap();
        let said = verify(&file, &[]).refused();
        assert!(said.contains(expected), "{expected}: {said}");
    };
    let mut deleted = lines.clone();
    deleted.remove(1);
    broken(&deleted, "entry 2: is missing; entry 3 stands in its place");
    let mut swapped = lines.clone();
    swapped.swap(0, 2);
    broken(
        &swapped,
        "entry 1: is out of order; entry 3 stands in its place",
    );
    let mut cut = lines.clone();
    cut.remove(2);
    broken(
        &cut,
        "entry 3: is missing with all up to entry 3: the end of the chain was cut off",
    );
    broken(&lines[..3], "the head is missing behind entry 3");
    let mut more = lines.clone();
    more.push(lines[0].clone());
    broken(&more, "something follows the head");
    let mut changed = lines.clone();
    changed[1] = changed[1].replacen("\"actor\":\"diel\"", "\"actor\":\"Diel\"", 1);
    broken(&changed, "entry 2: its hash does not match its content");
    // Every byte of the file.
    let whole = lines.join("\n") + "\n";
    for at in (0..whole.len()).step_by(23) {
        let mut bytes = whole.clone().into_bytes();
        bytes[at] ^= 1;
        fs::write(&file, bytes).unwrap();
        let run = verify(&file, &[]);
        assert_eq!(
            run.status,
            1,
            "byte {at} of {}: {}",
            whole.len(),
            run.stdout
        );
    }
    fs::write(&file, whole).unwrap();
    verify(&file, &[]).done();
}

#[test]
fn one_chain_must_be_named() {
    let service = Service::start();
    for wrong in [
        &["audit", "verify"][..],
        &["audit", "verify", "f", "--study", "pilot"],
        &["audit", "export"],
        &["audit", "list", "--study", "pilot", "--outside"],
        &["audit", "verify", "f", "--head", "3"],
    ] {
        assert_eq!(service.diel(wrong).status, 2, "{wrong:?}");
    }
    let refused = service
        .diel(&["audit", "verify", "--study", "pilot"])
        .refused();
    assert!(refused.contains("RESOURCE_NOT_FOUND"), "{refused}");
}

#[test]
fn flags_are_printed_as_they_come() {
    let service = Service::with_samples();
    let watch = |more: &[&str]| {
        let fixed = ["flags", "watch", "--study", "pilot"];
        service.diel(&[&fixed[..], more].concat())
    };
    let stood = watch(&["--present", "--limit", "1", "--format", "jsonl"]).done();
    let row: serde_json::Value = serde_json::from_str(&stood.stdout).unwrap();
    assert_eq!(
        (&row["participant"], &row["kind"], &row["present"]),
        (&"B".into(), &"raised".into(), &true.into())
    );
    let token = row["resume_token"].as_str().unwrap();
    assert!(
        stood
            .stderr
            .contains(&format!("go on with --since {token}")),
        "{}",
        stood.stderr
    );
    let mut watching = diel()
        .args(["flags", "watch", "--study", "pilot", "--since", token])
        .args(["--limit", "2"])
        .env("DIEL_SERVER", &service.url)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let flag = row["flag"].as_str().unwrap();
    let because = ["--reason", "seen again"];
    service
        .diel(
            &[
                &["flags", "resolve", flag, "--decision", "confirmed"],
                &because[..],
            ]
            .concat(),
        )
        .done();
    service
        .diel(&[&["flags", "reopen", flag], &because[..]].concat())
        .done();
    let lines: Vec<_> = BufReader::new(watching.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap)
        .collect();
    assert_eq!(watching.wait().unwrap().code(), Some(0));
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines[0].contains("B  resolved as confirmed by local, now resolved"),
        "{lines:?}"
    );
    assert!(
        lines[1].contains("B  reopened by local, now open"),
        "{lines:?}"
    );
    let wrong = watch(&["--since", "nonsense"]).refused();
    assert!(wrong.contains("INVALID_PAGE_TOKEN"), "{wrong}");
}
