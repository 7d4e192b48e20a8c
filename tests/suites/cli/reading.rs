//! What kind of table a file is, guessed and told: encodings, separators, workbooks, dates, mappings, and `diel check`.

use crate::command::{Run, Scratch, analyze, diel, records};

const ROWS: &str = "subject;collected_at;cortisol [\u{b5}g/dl]\n\
    M\u{fc}ller;2026-03-01 07:05;0,52\nM\u{fc}ller;2026-03-01 21:30;<0,05\n";

fn check(content: impl AsRef<[u8]>, arguments: &[&str]) -> Run {
    let scratch = Scratch::new();
    let file = scratch.write("samples.csv", content);
    diel(&[&["check", &file], arguments].concat())
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect()
}

fn contains_all(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}

#[test]
fn an_encoding_is_recognised_and_told() {
    let utf16: Vec<u8> = ROWS.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, encoding) in [
        (ROWS.as_bytes().to_vec(), "UTF-8"),
        (latin1(ROWS), "windows-1252"),
        (utf16, "UTF-16LE"),
    ] {
        let run = check(bytes, &["--time-zone", "Europe/Berlin"]).done();
        contains_all(
            &run.stdout,
            &[
                encoding,
                "columns separated by `;`",
                "decimals behind `,`",
                "participant from `subject`",
                "unit ug/dL from the header `cortisol [\u{b5}g/dl]`",
                "local times in Europe/Berlin",
                "all 2 rows taken",
                "M\u{fc}ller",
                "2026-03-01T07:05:00+01:00",
                "<0.05",
            ],
        );
    }
    // Said wrongly, it is read wrongly, and shows.
    let run = check(latin1(ROWS), &["--time-zone", "UTC", "--encoding", "utf-8"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("--encoding"), "{}", run.stderr);
}

#[test]
fn every_kind_of_line_end_and_a_preamble_are_read() {
    let rows = "Report of 1 March\rDevice,Reader 2\r\rid,collected_at,cortisol_nmol_l,\r\
        A,2026-03-01T07:05Z,12,\rA,2026-03-01T21:30Z,2\r";
    let run = check(rows, &[]).done();
    contains_all(&run.stdout, &["header on line 4", "all 2 rows taken"]);
    let mixed =
        "id|collected_at|cortisol_nmol_l\r\nA|2026-03-01T07:05Z|12\nA|2026-03-01T21:30Z|2\r\n";
    contains_all(
        &check(mixed, &[]).done().stdout,
        &["separated by `|`", "all 2 rows taken"],
    );
    let aligned = "id   collected_at          cortisol_nmol_l\n\
        A    2026-03-01 07:05 +00:00   12\nB    2026-03-01 21:30 +00:00    2\n";
    contains_all(
        &check(aligned, &[]).done().stdout,
        &["separated by blanks", "all 2 rows taken"],
    );
}

#[test]
fn what_is_no_text_is_named() {
    for (bytes, kind) in [
        (
            b"\x1f\x8b\x08\0\0\0\0\0".as_slice(),
            "gzip archive; unpack it",
        ),
        (b"%PDF-1.7 ....", "PDF"),
        (b"\n<html><table><tr><td>id", "page of HTML or XML; open it"),
        (
            b"\x01\x02\xff\x07\x08\xfe\x03",
            "neither text nor a workbook",
        ),
        (
            b"\x01\x02\0\0\x07\x08\0\x03\0",
            "neither text nor a workbook",
        ),
    ] {
        contains_all(&check(bytes, &[]).refused(), &[kind]);
    }
}

#[test]
fn a_date_with_two_readings_is_refused_with_both() {
    let file = "id,date,time,cortisol_nmol_l\nA,3/4/2026,7:05 AM,12\nA,3/4/2026,9:30 PM,2\n";
    contains_all(
        &analyze(file, &["--time-zone", "UTC"]).refused(),
        &[
            "line 2",
            "`3/4/2026` is 2026-04-03 (day first) or 2026-03-04 (month first)",
            "--date-order dmy or --date-order mdy",
        ],
    );
    let told = check(file, &["--time-zone", "UTC", "--date-order", "mdy"]).done();
    contains_all(
        &told.stdout,
        &["2026-03-04T07:05:00+00:00", "month, day, year, as told"],
    );
    // One date anywhere in the file shows it, however far below.
    let mut long = "id,date,time,cortisol_nmol_l\n".to_owned();
    long.extend((0..4000).map(|row| format!("P{row},3/4/2026,07:05,12\n")));
    long.push_str("Q,25/4/2026,07:05,12\n");
    let shown = check(&long, &["--time-zone", "UTC"]).done();
    contains_all(
        &shown.stdout,
        &[
            "day, month, year, because of `25/4/2026`",
            "2026-04-03T07:05:00+00:00",
        ],
    );
}

#[test]
fn points_and_bare_digits_are_times_where_the_column_agrees() {
    for (morning, evening, told) in [("0705", "2130", "0705"), ("7.05", "21.30", "7.05")] {
        let file = format!(
            "id,date,time,cortisol_nmol_l\nA,01.03.2026,{morning},12\nA,01.03.2026,{evening},2\n"
        );
        let run = check(&file, &["--time-zone", "UTC"]).done();
        contains_all(
            &run.stdout,
            &[
                "2026-03-01T07:05:00+00:00",
                "2026-03-01T21:30:00+00:00",
                &format!("times of day in `time` as {told}"),
            ],
        );
    }
    let mixed = "id,date,time,cortisol_nmol_l\nA,01.03.2026,0705,12\nA,01.03.2026,30,2\n";
    contains_all(
        &check(mixed, &["--time-zone", "UTC"]).stdout,
        &["a time of day is written 07:05"],
    );
}

#[test]
fn thousands_are_refused_with_both_readings() {
    let file = "id;collected_at;cortisol_nmol_l\nA;2026-03-01T07:05Z;1,234\n";
    let run = check(file, &[]);
    assert_eq!(run.status, 1);
    contains_all(&run.stdout, &["1.234 or 1234", "--decimal"]);
    let run = check(file, &["--decimal", ","]).done();
    contains_all(&run.stdout, &["1.234"]);
}

#[test]
fn check_lists_every_refused_cell_for_programs_too() {
    let file = "id,collected_at,cortisol_nmol_l,sex\nA,soon,12,f\nB,2026-03-01T07:05Z,twelve,f\n";
    let run = check(file, &[]);
    assert_eq!(run.status, 1);
    contains_all(&run.stderr, &["2 of 2 rows refused", "diel check --help"]);
    let run = check(file, &["--format", "csv"]);
    assert_eq!(run.status, 1);
    let refused = records(&run.stdout);
    let cells: Vec<(&str, &str, &str)> = refused
        .iter()
        .map(|cell| {
            (
                cell["line"].as_str(),
                cell["field"].as_str(),
                cell["value"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        cells,
        [
            ("2", "collected_at", "soon"),
            ("3", "cortisol_nmol_l", "twelve")
        ]
    );
    assert_eq!(diel(&["check", "no-such-file.csv"]).status, 1);
    assert_eq!(diel(&["check"]).status, 2);
}

#[test]
fn a_mapping_reads_the_next_file_of_the_laboratory() {
    let scratch = Scratch::new();
    let first = scratch.write(
        "first.csv",
        latin1(
            "Labor 7\nProbe;Code;Tag der Probe;Zeit;Wert\nS1;A;03/04/26;07:05;0,52\nS2;A;03/04/26;21:30;-9\n",
        ),
    );
    let mapping = scratch.path("lab7.toml");
    let told = [
        "--column",
        "participant=Code",
        "--column",
        "date=Tag der Probe",
        "--column",
        "collected_at=Zeit",
        "--column",
        "concentration=Wert",
        "--column",
        "label=Probe",
        "--unit",
        "ug/dL",
        "--time-zone",
        "Europe/Berlin",
        "--date-order",
        "dmy",
        "--missing",
        "-9=insufficient_volume",
    ];
    let run = diel(
        &[
            &["check", &first, "--save-mapping", &mapping],
            told.as_slice(),
        ]
        .concat(),
    )
    .done();
    contains_all(
        &run.stdout,
        &[
            "header on line 2",
            "insufficient_volume",
            "concentration from `Wert` as told",
        ],
    );
    let saved = std::fs::read_to_string(&mapping).unwrap();
    contains_all(
        &saved,
        &[
            "date_order = \"dmy\"",
            "header_row = 2",
            "participant = \"Code\"",
            "\"-9\" =",
        ],
    );
    // It is not written over.
    let again = diel(&[
        "check",
        &first,
        "--mapping",
        &mapping,
        "--save-mapping",
        &mapping,
    ]);
    assert_eq!(again.status, 1);
    let next = scratch.write(
        "next.csv",
        "Labor 7\nProbe;Code;Tag der Probe;Zeit;Wert\nS1;B;04/04/26;07:10;0,61\n",
    );
    let run = diel(&["check", &next, "--mapping", &mapping]).done();
    contains_all(&run.stdout, &["2026-04-04T07:10:00+02:00", "0.61", "ug/dL"]);
    // What the command line says wins.
    let run = diel(&[
        "check",
        &next,
        "--mapping",
        &mapping,
        "--date-order",
        "mdy",
        "--unit",
        "ng/mL",
    ])
    .done();
    contains_all(&run.stdout, &["ng/mL"]);
    // A column that is not there, and a key that does not exist.
    let other = scratch.write(
        "other.csv",
        "a\nProbe;Person;Tag der Probe;Zeit;Wert\nS1;B;04/04/26;07:10;0,61\n",
    );
    contains_all(
        &diel(&["check", &other, "--mapping", &mapping]).refused(),
        &["`participant` is to be read from `Code`", "`Person`"],
    );
    let misspelt = scratch.write("misspelt.toml", "unti = \"ug/dL\"\n");
    contains_all(
        &diel(&["check", &next, "--mapping", &misspelt]).refused(),
        &["misspelt.toml", "`unti`", "did you mean `unit`"],
    );
}

#[test]
fn analyze_says_what_it_read_to_people_alone() {
    let file =
        "subject,time,cortisol_nmol_l\nA,2026-03-02T07:00+01:00,10\nA,2026-03-02T21:00+01:00,2\n";
    let run = analyze(file, &[]).done();
    contains_all(
        &run.stderr,
        &[
            "I read: UTF-8",
            "collected_at from `time`",
            "unit nmol/L",
            "all 2 rows taken",
        ],
    );
    assert!(!run.stdout.contains("I read"));
    let run = analyze(file, &["--format", "csv"]).done();
    assert!(!run.stderr.contains("I read"), "{}", run.stderr);
}
