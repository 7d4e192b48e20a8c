//! A file of rejects: what was refused, mended in it, reads clean, whatever the dialect.

use std::fs;
use std::path::{Path, PathBuf};

use diel_import::{ImportOptions, read, write_rejects};
use rust_xlsxwriter::Workbook;
use tempfile::TempDir;

/// A file of a name and its folder.
fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn rejects(path: &Path) -> (u64, Vec<u8>) {
    let mut out = Vec::new();
    let rows = write_rejects(path, &ImportOptions::default(), &mut out, |_| None).unwrap();
    (rows, out)
}

/// Rejects of a text, and what they read as once `bad` is `good`.
#[track_caller]
fn mended(text: &str, bad: &str, good: &str, expected: &str) {
    let (_folder, path) = file("samples.csv", text.as_bytes());
    let (_, out) = rejects(&path);
    let out = String::from_utf8(out).unwrap();
    assert_eq!(out, expected);
    let (_folder, path) = file("rejects.csv", out.replace(bad, good).as_bytes());
    let import = read(&path, &ImportOptions::default(), &mut |_, _| ()).unwrap();
    assert_eq!(import.refused, []);
    assert!(!import.rows.is_empty());
    let notes = import.notes.join("\n");
    assert!(notes.contains("`reason` is not read"), "{notes}");
}

const HEADER: &str = "participant,collected_at,concentration,unit";

#[test]
fn a_row_is_copied_as_it_stands_with_its_reason() {
    mended(
        &format!(
            "{HEADER}\n\"A\",2026-03-01T07:00Z,10,nmol/L\n\"B\",2026-03-01T07:00Z,\"-2\",nmol/L\nC,2026-03-01T07:00Z,3,nmol/L\n"
        ),
        "\"-2\"",
        "2",
        &format!(
            "{HEADER},reason\n\"B\",2026-03-01T07:00Z,\"-2\",nmol/L,concentration `-2`: -2 nmol/L is negative\n"
        ),
    );
}

#[test]
fn separator_byte_order_mark_and_line_ends_stay() {
    mended(
        "\u{feff}id;time;cortisol_nmol_l\r\nA;2026-03-01T07:00Z;1,5\r\n\r\nB;2026-03-01T07:00Z;-2,5\r\n",
        "-2,5",
        "2,5",
        "\u{feff}id;time;cortisol_nmol_l;reason\r\n\
         B;2026-03-01T07:00Z;-2,5;cortisol_nmol_l `-2,5`: -2.5 nmol/L is negative\r\n",
    );
}

#[test]
fn several_reasons_stand_in_one_cell_and_are_quoted() {
    let (_folder, path) = file(
        "samples.csv",
        format!("{HEADER}\n,2026-03-01T07:00Z,\"1,5\",nmol/L\n").as_bytes(),
    );
    let (rows, out) = rejects(&path);
    let out = String::from_utf8(out).unwrap();
    assert_eq!(rows, 1);
    let mut reader = csv::Reader::from_reader(out.as_bytes());
    let record = reader.records().next().unwrap().unwrap();
    let reason = record.get(4).unwrap();
    assert!(
        reason.contains("concentration `1,5`: ") && reason.contains("; participant: is empty"),
        "{reason}"
    );
}

#[test]
fn rejects_of_rejects_have_one_column_of_reasons() {
    let (_folder, path) = file(
        "rejects.csv",
        format!("{HEADER},reason\nA,2026-03-01T07:00Z,-2,nmol/L,\"old, reason\"\n").as_bytes(),
    );
    let (_, out) = rejects(&path);
    assert_eq!(
        String::from_utf8(out).unwrap(),
        format!(
            "{HEADER},reason\nA,2026-03-01T07:00Z,-2,nmol/L,concentration `-2`: -2 nmol/L is negative\n"
        )
    );
}

#[test]
fn nothing_is_written_when_nothing_is_refused() {
    let (_folder, path) = file(
        "samples.csv",
        format!("{HEADER}\nA,2026-03-01T07:00Z,2,nmol/L\n").as_bytes(),
    );
    assert_eq!(rejects(&path), (0, Vec::new()));
}

#[test]
fn what_others_refuse_is_written_too() {
    let (_folder, path) = file(
        "samples.csv",
        format!("{HEADER}\nA,2026-03-01T07:00Z,2,nmol/L\nB,2026-03-01T07:00Z,2,nmol/L\n")
            .as_bytes(),
    );
    let mut out = Vec::new();
    let rows = write_rejects(&path, &ImportOptions::default(), &mut out, |row| {
        (row.participant == "B").then(|| "in conflict".to_owned())
    });
    assert_eq!(rows.unwrap(), 1);
    assert_eq!(
        String::from_utf8(out).unwrap(),
        format!("{HEADER},reason\nB,2026-03-01T07:00Z,2,nmol/L,in conflict\n")
    );
}

#[test]
fn a_workbook_stays_one() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("Results").unwrap();
    for (column, header) in (0..).zip(["participant", "collected_at", "concentration", "unit"]) {
        sheet.write_string(0, column, header).unwrap();
    }
    for (row, level) in [(1, 4.5), (2, -2.0), (3, 3.25)] {
        sheet.write_string(row, 0, "007").unwrap();
        let at = format!("2026-03-0{row}T07:00Z");
        sheet.write_string(row, 1, at).unwrap();
        sheet.write_number(row, 2, level).unwrap();
        sheet.write_string(row, 3, "nmol/L").unwrap();
    }
    let (_folder, path) = file("samples.xlsx", &workbook.save_to_buffer().unwrap());
    let (rows, out) = rejects(&path);
    assert_eq!(rows, 1);
    let (_folder, path) = file("rejects.xlsx", &out);
    let import = read(&path, &ImportOptions::default(), &mut |_, _| ()).unwrap();
    assert_eq!(import.rows, []);
    let refused = import.refused.first().unwrap();
    assert_eq!(
        (refused.sheet.as_str(), refused.line, refused.value.as_str()),
        ("Results", 2, "-2")
    );
    assert!(import.notes.join("\n").contains("`reason` is not read"));
}

/// Every file of the corpus of which rows are refused: its rejects hold those rows and no other, with the same faults.
#[test]
fn rejects_of_the_corpus_are_refused_for_the_same_reasons() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/imports");
    let zone = diel_import::parse_zone("Europe/Berlin").unwrap();
    let options = ImportOptions {
        time_zone: Some(zone),
        unit: None,
        ..ImportOptions::default()
    };
    let mut looked_at = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Ok(import) = read(&path, &options, &mut |_, _| ()) else {
            continue;
        };
        if import.refused.is_empty() {
            continue;
        }
        let mut out = Vec::new();
        let rows = write_rejects(&path, &options, &mut out, |_| None).unwrap();
        assert!(rows > 0, "{}", path.display());
        let name = path.file_name().unwrap().to_str().unwrap();
        let (_folder, again) = file(name, &out);
        // What other rows of the file have shown is told.
        let told = import.reading.as_options(&options);
        let again = read(&again, &told, &mut |_, _| ()).unwrap();
        let faults = |refused: &[diel_import::RefusedRow]| -> Vec<(String, String)> {
            // A specimen that stands twice is refused where it stands again, and one of the two is here.
            let faults = refused
                .iter()
                .filter(|cell| !cell.rule.contains("stands on line"));
            faults
                .filter(|cell| cell.field != "(line)")
                .map(|cell| (cell.field.clone(), cell.value.clone()))
                .collect()
        };
        let (before, now) = (faults(&import.refused), faults(&again.refused));
        // A row of another width has one cell more now, and its cells may then be looked at one by one.
        if import.refused.iter().any(|cell| cell.field == "(line)") {
            assert!(
                before.iter().all(|fault| now.contains(fault)),
                "{name}: {now:?}"
            );
        } else {
            assert_eq!(now, before, "{name}");
        }
        looked_at += 1;
    }
    assert!(looked_at > 5, "{looked_at} files of the corpus refuse rows");
}
