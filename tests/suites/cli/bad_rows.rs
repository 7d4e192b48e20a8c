//! Rows that are refused: the message names file and line, field, value and rule, all rows in one pass.

use crate::command::{analyze, records};

const HEADER: &str = "participant,collected_at,concentration,unit,awakening_at,specimen,age_years,limit_of_detection,conditions\n";

/// The message about one bad row between two good ones.
fn refusal(row: &str) -> String {
    let good = |minute: u32| format!("A,2026-03-02T07:{minute:02}+01:00,10,nmol/L,,,,,\n");
    analyze(format!("{HEADER}{}{row}\n{}", good(0), good(30)), &[]).refused()
}

#[track_caller]
fn refuses(row: &str, field: &str, value: &str, rule: &str) {
    let message = refusal(row);
    let expected = if value.is_empty() {
        format!("samples.csv:3: {field}: ")
    } else {
        format!("samples.csv:3: {field} `{value}`: ")
    };
    assert!(
        message.contains(&expected) && message.contains(rule),
        "`{expected}`, `{rule}` not in: {message}"
    );
    assert!(
        message.contains("1 of 3 rows"),
        "the good rows are not counted: {message}"
    );
}

#[test]
fn concentrations() {
    refuses(
        "A,2026-03-02T08:00Z,NaN,nmol/L,,,,,",
        "concentration",
        "NaN",
        "not a finite number",
    );
    refuses(
        "A,2026-03-02T08:00Z,inf,nmol/L,,,,,",
        "concentration",
        "inf",
        "not a finite number",
    );
    refuses(
        "A,2026-03-02T08:00Z,-3,nmol/L,,,,,",
        "concentration",
        "-3",
        "-3 nmol/L is negative",
    );
    refuses(
        "A,2026-03-02T08:00Z,\"1,5\",nmol/L,,,,,",
        "concentration",
        "1,5",
        "write a decimal point",
    );
    refuses(
        "A,2026-03-02T08:00Z,high,nmol/L,,,,,",
        "concentration",
        "high",
        "is not a number",
    );
    refuses(
        "A,2026-03-02T08:00Z,<0,nmol/L,,,,,",
        "concentration",
        "<0",
        "must be more than 0",
    );
    refuses(
        "A,2026-03-02T08:00Z,<LOD,nmol/L,,,,,",
        "concentration",
        "<LOD",
        "the limit is not stated",
    );
    refuses(
        "A,2026-03-02T08:00Z,40000,ug/dL,,,,,",
        "concentration",
        "40000",
        "more than 1000000 nmol/L",
    );
}

#[test]
fn units() {
    refuses(
        "A,2026-03-02T08:00Z,3,mg/dL,,,,,",
        "unit",
        "mg/dL",
        "none of nmol/L, ug/dL, ng/mL, ug/L",
    );
    refuses(
        "A,2026-03-02T08:00Z,3,,,,,,",
        "concentration",
        "3",
        "unit is missing",
    );
}

#[test]
fn times() {
    refuses(
        "A,02.03.26 08:00,3,nmol/L,,,,,",
        "collected_at",
        "02.03.26 08:00",
        "a year of two digits",
    );
    refuses(
        "A,2026-02-30T08:00Z,3,nmol/L,,,,,",
        "collected_at",
        "2026-02-30T08:00Z",
        "calendar",
    );
    refuses(
        "A,1949-12-31T08:00Z,3,nmol/L,,,,,",
        "collected_at",
        "1949-12-31T08:00Z",
        "before 1950",
    );
    refuses(
        "A,2026-03-02T08:00+19:00,3,nmol/L,,,,,",
        "collected_at",
        "2026-03-02T08:00+19:00",
        "beyond 1080",
    );
    refuses("A,,3,nmol/L,,,,,", "collected_at", "", "is empty");
    refuses(
        "A,08:00,3,nmol/L,,,,,",
        "collected_at",
        "08:00",
        "needs a date",
    );
    refuses(
        "A,2026-03-02,3,nmol/L,,,,,",
        "collected_at",
        "2026-03-02",
        "does not say when",
    );
    refuses(
        "A,2026-03-02T08:00Z,3,nmol/L,dawn,,,,",
        "awakening_at",
        "dawn",
        "is not a time",
    );
}

#[test]
fn codes_and_facts() {
    refuses(
        ",2026-03-02T08:00Z,3,nmol/L,,,,,",
        "participant",
        "",
        "is empty",
    );
    refuses(
        "a/b,2026-03-02T08:00Z,3,nmol/L,,,,,",
        "participant",
        "a/b",
        "`/`",
    );
    let long = "x".repeat(65);
    refuses(
        &format!("{long},2026-03-02T08:00Z,3,nmol/L,,,,,"),
        "participant",
        &long,
        "longer than 64",
    );
    refuses(
        "A\u{7},2026-03-02T08:00Z,3,nmol/L,,,,,",
        "participant",
        "A\u{7}",
        "control character",
    );
    refuses(
        "A,2026-03-02T08:00Z,3,nmol/L,,,131,,",
        "age_years",
        "131",
        "most accepted",
    );
    refuses(
        "A,2026-03-02T08:00Z,3,nmol/L,,,old,,",
        "age_years",
        "old",
        "is not a number",
    );
    refuses(
        "A,2026-03-02T08:00Z,3,nmol/L,,,,0,",
        "limit_of_detection",
        "0",
        "more than 0",
    );
    refuses(
        "A,2026-03-02T08:00Z,3,nmol/L,,,,,steroids",
        "conditions",
        "steroids",
        "did you mean `corticosteroids`",
    );
}

#[test]
fn shapes() {
    refuses(
        "A,2026-03-02T08:00Z,3",
        "(line)",
        "",
        "has 3 fields where the header has 9",
    );
    let bytes = [
        HEADER.as_bytes(),
        b"\xc3\xb6\xc3\xa4,2026-03-02T08:00Z,3,nmol/L,,,,,\n\xfcnal,2026-03-02T08:00Z,3,nmol/L,,,,,\n",
    ]
    .concat();
    let message = analyze(bytes, &[]).refused();
    assert!(
        message.contains("samples.csv:3: participant") && message.contains("no character in UTF-8"),
        "{message}"
    );
}

#[test]
fn a_specimen_has_one_result() {
    let row = |value: &str| format!("A,2026-03-02T08:00Z,{value},nmol/L,,T1,,,\n");
    let message = analyze(format!("{HEADER}{}{}", row("3"), row("4")), &[]).refused();
    assert!(
        message.contains("samples.csv:3: specimen `T1`") && message.contains("line 2"),
        "{message}"
    );
    let repeated = analyze(
        format!("{HEADER}{}{}", row("3"), row("3")),
        &["--profiles", "-"],
    )
    .done();
    assert!(
        repeated.stderr.contains("1 rows repeat"),
        "{}",
        repeated.stderr
    );
    assert_eq!(records(&repeated.stdout)[0]["sample_count"], "1");
}

#[test]
fn minutes_since_awakening_are_bounded() {
    let file =
        |minutes: &str| format!("id,minutes_since_waking,cortisol_nmol_l\nA,0,9\nA,{minutes},3\n");
    for (minutes, rule) in [
        ("-1441", "24 h before"),
        ("2881", "48 h after"),
        ("NaN", "finite"),
        ("soon", "is not a number"),
    ] {
        let message = analyze(file(minutes), &[]).refused();
        assert!(
            message.contains(&format!("samples.csv:3: minutes_since_waking `{minutes}`")),
            "{message}"
        );
        assert!(message.contains(rule), "{message}");
    }
    assert_eq!(analyze(file("-1440"), &[]).status, 0);
}

#[test]
fn all_bad_rows_are_found_in_one_pass_and_twenty_are_listed() {
    let rows: String = (0..30)
        .map(|_| "A,2026-03-02T08:00Z,NaN,nmol/L,,,,,\n")
        .collect();
    let message = analyze(
        format!("{HEADER}A,2026-03-02T07:00Z,3,nmol/L,,,,,\n{rows}"),
        &[],
    )
    .refused();
    assert!(message.contains("30 of 31 rows refused"), "{message}");
    assert_eq!(message.matches("samples.csv:").count(), 20, "{message}");
    assert!(
        message.contains("and 10 more") && message.contains("--partial"),
        "{message}"
    );
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let bad = "A,2026-03-02T08:00Z,NaN,nmol/L,,,,,";
    let good = "A,2026-03-02T07:00Z,3,nmol/L,,,,,";
    for end in ["\n", "\r\n"] {
        let header = HEADER.trim_end();
        // The last line has no end.
        let file = [header, good, bad, "", good, bad].join(end);
        let message = analyze(file, &[]).refused();
        assert!(
            message.contains("csv:3: ") && message.contains("csv:6: "),
            "{end:?}: {message}"
        );
        // A quote that hides the end of a line.
        let quoted = "\"A\",2026-03-02T07:00Z,3,nmol/L,,\"a\nb\",,,";
        let message = analyze([header, good, quoted, bad].join(end), &[]).refused();
        assert!(
            message.contains("csv:5: concentration"),
            "{end:?}: {message}"
        );
    }
}

#[test]
fn in_a_long_file_the_line_is_still_right() {
    let good: String = (0..60_000)
        .map(|row| {
            format!(
                "P{},2026-03-02T07:{:02}Z,3,nmol/L,,,,,\n",
                row / 50,
                row % 50
            )
        })
        .collect();
    let bad = "P1,2026-03-02T08:00Z,NaN,nmol/L,,,,,\n";
    let message = analyze(format!("{HEADER}{good}{bad}{good}{bad}"), &[]).refused();
    assert!(message.contains("2 of 120002 rows"), "{message}");
    assert!(
        message.contains("csv:60002: concentration")
            && message.contains("csv:120003: concentration"),
        "{message}"
    );
}

#[test]
fn a_row_with_two_faults_names_both() {
    let message = refusal("A,2026-03-02T08:00Z,NaN,nmol/L,,,200,,");
    assert!(
        message.contains("concentration `NaN`") && message.contains("age_years `200`"),
        "{message}"
    );
}

#[test]
fn partial_goes_on_with_the_good_rows_and_says_so() {
    let rows = "A,2026-03-02T07:00Z,10,nmol/L,,,,,\nA,2026-03-02T08:00Z,NaN,nmol/L,,,,,\nA,2026-03-02T21:00Z,2,nmol/L,,,,,\n";
    for option in ["--partial", "--skip-refused"] {
        let run = analyze(format!("{HEADER}{rows}"), &[option, "--profiles", "-"]).done();
        assert!(run.stderr.contains("1 of 3 rows refused"), "{}", run.stderr);
        assert!(run.stderr.contains("left out"), "{}", run.stderr);
        assert_eq!(records(&run.stdout)[0]["sample_count"], "2");
    }
}
