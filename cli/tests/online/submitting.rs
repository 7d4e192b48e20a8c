//! `diel submit`: what is stored, what is refused, and where the file says so.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use diel_client::{Client, v1};

use crate::command::{Service, diel, samples};

fn with_study() -> Service {
    let service = Service::start();
    service
        .diel(&[
            "study",
            "create",
            "pilot",
            "--name",
            "Pilot",
            "--time-zone",
            "Europe/Berlin",
        ])
        .done();
    service
}

#[test]
fn a_file_is_stored_once_however_often_it_is_sent() {
    let service = with_study();
    let file = service.write("samples.csv", &samples());
    let first = service
        .diel(&["submit", &file, "--study", "pilot", "--lab", "Lab 7"])
        .done()
        .stdout;
    assert!(
        first.contains("40 rows stored, 0 unchanged, 0 refused"),
        "{first}"
    );
    assert!(
        first.contains("flags raised for review: 1")
            && first.contains("never a statement about a person"),
        "{first}"
    );
    let second = service
        .diel(&["submit", &file, "--study", "pilot", "--lab", "Lab 7"])
        .done()
        .stdout;
    assert!(
        second.contains("0 rows stored, 40 unchanged, 0 refused"),
        "{second}"
    );
}

#[test]
fn tubes_without_times_wait_and_keep_their_wells() {
    let service = with_study();
    let tubes =
        "participant,sample,cortisol\nVP01,0010101,12.4\nVP01,0010102,18.1\nVP02,0010201,<0.33\n";
    let file = service.write("tubes.csv", tubes);
    let submit = ["submit", &file, "--study", "pilot", "--unit", "nmol/L"];
    let report = service.diel(&submit).done().stdout;
    assert!(
        report.contains(
            "3 rows stored, 0 unchanged, 3 waiting for their collection facts, 0 refused"
        ),
        "{report}"
    );
    let wells = "specimen,plate,well,replicate_count,replicate_cv_percent,cortisol_nmol_l\n\
                 0010301,7,A01,2,3.5,9.9\n0010302,8,B1,1,0.0,9.9\n0010303,8,B2,,4.0,9.9\n";
    let file = service.write("wells.csv", wells);
    let refused = service
        .diel(&["submit", &file, "--study", "pilot", "--partial"])
        .refused();
    assert!(
        refused.contains("replicate_cv_percent `4`: needs the number of replicates"),
        "{refused}"
    );
}

#[test]
fn many_batches_go_over_a_stream() {
    let service = with_study();
    let rows: String = (0..4_500)
        .map(|n| {
            format!(
                "P-{},2026-03-{:02}T{:02}:00Z,4\n",
                n / 50,
                1 + n % 25,
                7 + n % 2
            )
        })
        .collect();
    let file = service.write("many.csv", &format!("id,time,cortisol_nmol_l\n{rows}"));
    let report = service
        .diel(&["submit", &file, "--study", "pilot"])
        .done()
        .stdout;
    assert!(
        report.contains("4500 rows stored, 0 unchanged, 0 refused"),
        "{report}"
    );
    assert_eq!(service.rows(&["rhythms", "--study", "pilot"]).len(), 90);
}

#[test]
fn a_trial_stores_nothing() {
    let service = with_study();
    let file = service.write("samples.csv", &samples());
    let report = service
        .diel(&["submit", &file, "--study", "pilot", "--validate-only"])
        .done()
        .stdout;
    assert!(report.contains("40 rows would be stored"), "{report}");
    assert!(service.rows(&["profiles", "--study", "pilot"]).is_empty());
}

#[test]
fn a_conflict_is_named_with_its_line_and_the_rest_is_stored_on_request() {
    let service = with_study();
    let header = "participant,collected_at,concentration,unit\n";
    let file = service.write(
        "one.csv",
        &format!("{header}A,2026-03-02T07:00:00+01:00,10,nmol/L\n"),
    );
    service.diel(&["submit", &file, "--study", "pilot"]).done();
    let other = format!(
        "{header}A,2026-03-02T21:00:00+01:00,2,nmol/L\nA,2026-03-02T07:00:00+01:00,11,nmol/L\n"
    );
    let file = service.write("two.csv", &other);
    let message = service
        .diel(&["submit", &file, "--study", "pilot"])
        .refused();
    assert!(
        message.contains("two.csv:3: ") && message.contains("A.20260302T060000Z"),
        "{message}"
    );
    assert!(message.contains("0 rows stored"), "{message}");
    let message = service
        .diel(&["submit", &file, "--study", "pilot", "--partial"])
        .refused();
    assert!(
        message.contains("two.csv:3: ")
            && message.contains("1 rows stored, 0 unchanged, 1 refused"),
        "{message}"
    );
}

#[tokio::test]
async fn a_row_that_conflicted_is_looked_at_again() {
    let service = with_study();
    let header = "participant,specimen,collected_at,concentration,unit\n";
    let rows = |level: u32| format!("{header}A,S-1,2026-03-02T07:00:00+01:00,{level},nmol/L\n");
    let file = service.write("one.csv", &rows(10));
    service.diel(&["submit", &file, "--study", "pilot"]).done();
    let other = "B,S-2,2026-03-02T07:00:00+01:00,9,nmol/L\n";
    let file = service.write("two.csv", &(rows(11) + other));
    let arguments = ["submit", &file, "--study", "pilot", "--partial"];
    let message = service.diel(&arguments).refused();
    assert!(
        message.contains("1 rows stored, 0 unchanged, 1 refused"),
        "{message}"
    );
    let message = service.diel(&arguments).refused();
    assert!(
        message.contains("0 rows stored, 1 unchanged, 1 refused"),
        "{message}"
    );
    let measured = v1::Measurement {
        outcome: Some(v1::measurement::Outcome::Value(11.0)),
        unit: v1::ConcentrationUnit::NmolPerL.into(),
    };
    let request = v1::AmendResultRequest {
        name: "studies/pilot/specimens/S-1".to_owned(),
        result: Some(v1::Result {
            concentration: Some(measured),
            ..Default::default()
        }),
        reason: "read from the print".to_owned(),
        replaced_revision: 1,
        ..Default::default()
    };
    let client = Client::connect(service.url.clone()).await.unwrap();
    client.amend_result(request).await.unwrap();
    let report = service.diel(&arguments).done().stdout;
    assert!(
        report.contains("0 rows stored, 2 unchanged, 0 refused"),
        "{report}"
    );
}

#[test]
fn rejects_are_mended_and_sent_until_everything_is_in() {
    let service = with_study();
    let header = "participant,specimen,collected_at,concentration,unit";
    let row = |code: &str, level: &str| {
        format!("{code},S-{code},2026-03-02T07:00:00+01:00,{level},nmol/L")
    };
    let file = service.write("first.csv", &format!("{header}\n{}\n", row("A", "10")));
    service.diel(&["submit", &file, "--study", "pilot"]).done();

    // A conflicts with what is stored, B is refused by the reader, C is good.
    let rows = [row("A", "11"), row("B", "-2"), row("C", "9")].join("\n");
    let file = service.write("second.csv", &format!("{header}\n{rows}\n"));
    let rejects = service.path("rejects.csv").display().to_string();
    let said = service
        .diel(&["submit", &file, "--study", "pilot", "--rejects", &rejects])
        .refused();
    assert!(said.contains("1 refused rows are in"), "{said}");
    let written = fs::read_to_string(&rejects).unwrap();
    assert!(
        written.starts_with(&format!("{header},reason\n{},", row("B", "-2"))),
        "{written}"
    );
    let partial = [
        "submit",
        &file,
        "--study",
        "pilot",
        "--partial",
        "--rejects",
        &rejects,
    ];
    let said = service.diel(&partial).refused();
    assert!(
        said.contains("2 refused rows are in") && said.contains("1 rows stored"),
        "{said}"
    );
    let written = fs::read_to_string(&rejects).unwrap();
    let lines: Vec<&str> = written.lines().collect();
    assert_eq!(lines.len(), 3, "{written}");
    assert!(
        lines[1].starts_with(&row("A", "11")) && lines[1].contains("concentration"),
        "{written}"
    );

    // Without --partial the batch is refused as a whole, and its good rows are among the rejects.
    let mended = written.replace("-2", "2");
    fs::write(service.path("mended.csv"), mended).unwrap();
    let mended = service.path("mended.csv").display().to_string();
    let said = service
        .diel(&["submit", &mended, "--study", "pilot", "--rejects", &rejects])
        .refused();
    assert!(
        said.contains("2 refused rows are in") && said.contains("0 rows stored"),
        "{said}"
    );
    let written = fs::read_to_string(&rejects).unwrap();
    assert!(
        written.contains("not stored: other rows of its batch were refused"),
        "{written}"
    );
    let mended = service.write("mended.csv", &written.replace(",11,", ",10,"));
    let said = service
        .diel(&["submit", &mended, "--study", "pilot", "--rejects", &rejects])
        .done();
    assert!(
        said.stdout
            .contains("1 rows stored, 1 unchanged, 0 refused"),
        "{}",
        said.stdout
    );
}

#[test]
fn standard_input_is_read_twice() {
    let service = with_study();
    let mut submit = diel();
    submit
        .args(["submit", "-", "--study", "pilot"])
        .env("DIEL_SERVER", &service.url)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut submit = submit.spawn().unwrap();
    let input = submit.stdin.take().unwrap();
    { input }.write_all(samples().as_bytes()).unwrap();
    let output = submit.wait_with_output().unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(
        report.contains("40 rows stored, 0 unchanged, 0 refused"),
        "{report}"
    );
}

#[test]
fn a_file_with_bad_rows_is_not_sent_unless_told() {
    let service = with_study();
    let text = "participant,collected_at,concentration,unit\n\
        A,2026-03-02T07:00:00+01:00,10,nmol/L\nA,2026-03-02T21:00:00+01:00,-2,nmol/L\n";
    let file = service.write("bad.csv", text);
    let message = service
        .diel(&["submit", &file, "--study", "pilot"])
        .refused();
    assert!(
        message.contains("bad.csv:3")
            && message.contains("-2")
            && message.contains("nothing was sent"),
        "{message}"
    );
    let message = service
        .diel(&["submit", &file, "--study", "pilot", "--partial"])
        .refused();
    assert!(
        message.contains("1 rows stored, 0 unchanged, 1 refused"),
        "{message}"
    );
}

#[test]
fn local_times_take_the_zone_of_the_study() {
    let service = with_study();
    let text = "participant,collected_at,concentration,unit\nA,2026-03-02T07:00,10,nmol/L\nA,2026-03-02T21:00,2,nmol/L\n";
    let file = service.write("local.csv", text);
    service.diel(&["submit", &file, "--study", "pilot"]).done();
    let text = text
        .replace("07:00", "07:00+01:00")
        .replace("21:00", "21:00+01:00");
    let file = service.write("offsets.csv", &text);
    let report = service.diel(&["submit", &file, "--study", "pilot"]);
    assert!(
        report.stdout.contains("0 rows stored, 2 unchanged"),
        "{}",
        report.stdout
    );
}

#[test]
fn a_file_without_instants_is_refused_with_what_is_needed() {
    let service = with_study();
    let file = service.write(
        "hours.csv",
        "id,minutes_since_awakening,cortisol_nmol_l\nA,0,10\nA,840,2\n",
    );
    let message = service
        .diel(&["submit", &file, "--study", "pilot"])
        .refused();
    assert!(
        message.contains("hours.csv") && message.contains("collected_at"),
        "{message}"
    );
}

#[test]
fn minutes_after_a_recorded_awakening_are_enough() {
    let service = with_study();
    let text = "id,awakening_at,minutes_since_awakening,cortisol_nmol_l\n\
        A,2026-03-02T07:00:00+01:00,0,10\nA,2026-03-02T07:00:00+01:00,840,2\n";
    let file = service.write("minutes.csv", text);
    service.diel(&["submit", &file, "--study", "pilot"]).done();
    let profiles = service.rows(&["profiles", "--study", "pilot"]);
    assert_eq!(
        (profiles.len(), profiles[0]["awakening_at"].as_str()),
        (1, "2026-03-02T07:00:00+01:00")
    );
}

#[test]
fn an_unknown_study_is_named() {
    let service = Service::start();
    let file = service.write("samples.csv", &samples());
    let message = service
        .diel(&["submit", &file, "--study", "nowhere"])
        .refused();
    assert!(
        message.contains("nowhere") && message.contains("RESOURCE_NOT_FOUND"),
        "{message}"
    );
}
