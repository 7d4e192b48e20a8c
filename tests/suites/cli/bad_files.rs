//! Files that cannot be understood at all. The message says what is wrong and what to do.

use crate::command::{Scratch, analyze, diel};

const GOOD: &str =
    "participant,collected_at,concentration,unit\nA,2026-03-02T07:00+01:00,10,nmol/L\n";

fn refusal(content: impl AsRef<[u8]>, arguments: &[&str], parts: &[&str]) {
    let message = analyze(content, arguments).refused();
    for part in parts {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
    assert!(
        message.contains("samples.csv"),
        "the file is not named: {message}"
    );
}

#[test]
fn a_missing_file_is_named() {
    let message = diel(&["analyze", "no/such/file.csv"]).refused();
    assert!(
        message.contains("no/such/file.csv") && message.contains("No such file"),
        "{message}"
    );
}

#[test]
fn an_empty_file_and_a_lonely_header_are_refused() {
    refusal("", &[], &["the file is empty"]);
    refusal(" \r\n \n", &[], &["the file is empty"]);
    refusal(
        "participant,collected_at,concentration,unit\n",
        &[],
        &["a header and no samples"],
    );
}

#[test]
fn other_kinds_of_file_are_recognised() {
    refusal(b"PK\x03\x04........", &[], &["workbook", "save it as CSV"]);
    refusal(
        b"\xff\xfep\0a\0r\0t\0",
        &[],
        &["no column is `participant`", "`part`"],
    );
    refusal(
        b"participant,collected_at,k\xf6nzentration\nA,2026-03-02T07:00Z,1\n",
        &[],
        &["no column is `concentration`", "`k\u{f6}nzentration`"],
    );
}

#[test]
fn a_missing_column_is_named_with_the_headers_and_the_option() {
    let file = "code,collected_at,concentration,unit\nA,2026-03-02T07:00+01:00,10,nmol/L\n";
    refusal(
        file,
        &[],
        &[
            "no column is `participant`",
            "`code`",
            "--column participant=HEADER",
        ],
    );
    refusal(
        "id,cortisol_nmol_l\nA,1\n",
        &[],
        &[
            "when a sample was taken",
            "collected_at",
            "minutes_since_awakening",
        ],
    );
}

#[test]
fn a_missing_unit_lists_the_four() {
    let file = "id,time,cortisol\nA,2026-03-02T07:00+01:00,10\n";
    refusal(
        file,
        &[],
        &[
            "unit of `cortisol`",
            "nmol/L",
            "ug/dL",
            "ng/mL",
            "ug/L",
            "--unit",
        ],
    );
    assert_eq!(analyze(file, &["--unit", "ug/dL"]).status, 0);
}

#[test]
fn a_unit_that_contradicts_the_header_is_refused() {
    let file = "id,time,cortisol_nmol_l\nA,2026-03-02T07:00+01:00,10\n";
    refusal(
        file,
        &["--unit", "ug/dL"],
        &["--unit ug/dL", "`cortisol_nmol_l` is in nmol/L"],
    );
}

#[test]
fn ambiguous_and_doubled_columns_are_refused_with_the_choice() {
    let file = "id,subject,time,cortisol_nmol_l\n1,A,2026-03-02T07:00+01:00,10\n";
    refusal(
        file,
        &[],
        &[
            "`id`, `subject`",
            "`participant`",
            "--column participant=id",
        ],
    );
    assert_eq!(
        analyze(file, &["--column", "participant=subject"]).status,
        0
    );
    let file = "id,time,cortisol_nmol_l,cortisol_nmol_l\nA,2026-03-02T07:00+01:00,10,11\n";
    refusal(file, &[], &["`cortisol_nmol_l` twice", "rename"]);
}

#[test]
fn a_column_that_is_not_there_is_answered_with_the_nearest() {
    refusal(
        GOOD,
        &["--column", "label=particpant"],
        &["no column `particpant`", "did you mean `participant`"],
    );
    refusal(
        GOOD,
        &["--column", "label=unit", "--column", "label=unit"],
        &["--column label=... is given twice"],
    );
}

#[test]
fn an_unknown_name_is_wrong_usage() {
    let scratch = Scratch::new();
    let file = scratch.write("samples.csv", GOOD);
    for (arguments, part) in [
        (["--column", "particpant=id"], "did you mean `participant`"),
        (["--column", "participant"], "NAME=HEADER"),
        (["--time-zone", "Europe/Berlim"], "IANA time zone"),
        (["--unit", "mg"], "nmol/L, ug/dL, ng/mL, ug/L"),
        (["--min-days", "many"], "--min-days"),
    ] {
        let run = diel(&[&["analyze", file.as_str()], arguments.as_slice()].concat());
        assert_eq!(run.status, 2, "{arguments:?}: {}", run.stderr);
        assert!(
            run.stderr.contains(part),
            "`{part}` is not in: {}",
            run.stderr
        );
    }
}

#[test]
fn a_policy_that_breaks_a_rule_is_refused() {
    let message = analyze(GOOD, &["--probability", "1.5"]).refused();
    assert!(
        message.contains("probability") && message.contains("1.5"),
        "{message}"
    );
    let message = analyze(GOOD, &["--reference", "adult-nosy"]).refused();
    assert!(
        message.contains("adult-nosy") && message.contains("adult-noisy@1"),
        "{message}"
    );
}

#[test]
fn local_times_need_a_zone() {
    let file = "id,time,cortisol_nmol_l\nA,2026-03-02 07:00,10\n";
    refusal(
        file,
        &[],
        &["line 2", "2026-03-02 07:00", "needs --time-zone"],
    );
    assert_eq!(analyze(file, &["--time-zone", "Europe/Berlin"]).status, 0);
}
