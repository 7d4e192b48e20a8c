//! Optical densities on the command line: the curve, the results, and the file that other commands read.

use crate::command::{Scratch, diel, number, records};

/// A falling curve of known parameters.
fn response(x: f64) -> f64 {
    0.08 + (2.2 - 0.08) / (1.0 + (x / 5.0_f64).powf(1.1))
}

/// Standards in duplicate on the curve but for three parts in a thousand, now up and now down, and four samples.
fn wells() -> String {
    let mut text = "well,role,sample,nominal,dilution,od\n".to_owned();
    let levels = [0.0, 0.33, 1.0, 3.0, 9.0, 27.0, 82.0];
    for ((row, x), off) in ('A'..).zip(levels).zip([0.003, -0.003].into_iter().cycle()) {
        text += &format!("{row}1,standard,,{x},,{}\n", response(x) * (1.0 + off));
        text += &format!("{row}2,standard,,{x},,{}\n", response(x) * (1.0 - off));
    }
    for (row, x) in [('A', 4.0), ('B', 0.1), ('C', 300.0)] {
        text += &format!("{row}3,,,,,{}\n{row}4,,,,,{}\n", response(x), response(x));
    }
    text + "D3,,,,,masked\nD4,,,,,masked\n"
}

/// Of one person's day, in duplicate; the first was diluted by two.
const MAP: &str = "\
well,sample,dilution,participant,collected_at,awakening_at
A3,T1,2,P-1,2026-03-02T07:00+01:00,2026-03-02T07:00+01:00
A4,T1,2,P-1,2026-03-02T07:00+01:00,2026-03-02T07:00+01:00
B3,T2,,P-1,2026-03-02T12:00+01:00,2026-03-02T07:00+01:00
B4,T2,,P-1,2026-03-02T12:00+01:00,2026-03-02T07:00+01:00
C3,T3,,P-1,2026-03-02T16:00+01:00,2026-03-02T07:00+01:00
C4,T3,,P-1,2026-03-02T16:00+01:00,2026-03-02T07:00+01:00
D3,T4,,P-1,2026-03-02T22:00+01:00,2026-03-02T07:00+01:00
D4,T4,,P-1,2026-03-02T22:00+01:00,2026-03-02T07:00+01:00
";

#[test]
fn a_plate_becomes_results_that_analyze_reads() {
    let scratch = Scratch::new();
    let (wells, map) = (
        scratch.write("wells.csv", wells()),
        scratch.write("map.csv", MAP),
    );
    let (out, picture) = (scratch.path("results.csv"), scratch.path("curve.svg"));
    let common = [
        "plate",
        wells.as_str(),
        "--samples",
        &map,
        "--unit",
        "nmol/L",
    ];
    let run = diel(
        &[
            &common[..],
            &["--out", &out, "--picture", &picture, "--format", "csv"],
        ]
        .concat(),
    );
    let rows = records(&run.done().stdout);
    assert_eq!(rows.len(), 4);
    // 4 nmol/L in the well, twice that in the tube.
    assert!((number(&rows[0], "value") / 8.0 - 1.0).abs() < 0.01);
    assert!(number(&rows[0], "interval_low") < 8.0 && number(&rows[0], "interval_high") > 8.0);
    assert_eq!(rows[0]["replicate_count"], "2");
    assert_eq!(
        (rows[1]["below"].as_str(), rows[1]["value"].as_str()),
        ("0.33", "")
    );
    assert_eq!(rows[2]["above"], "82");
    assert_eq!(rows[3]["missing"], "rejected_by_lab");

    let results = std::fs::read_to_string(&out).unwrap();
    let written = records(&results);
    assert_eq!(written[1]["concentration"], "<0.33");
    assert_eq!(written[2]["concentration"], ">82");
    assert_eq!(written[3]["concentration"], "masked");
    assert_eq!(written[0]["participant"], "P-1");
    let profiles = diel(&["analyze", &out, "--profiles", "-"]).done().stdout;
    let profiles = records(&profiles);
    assert_eq!(profiles.len(), 1);
    assert!(
        profiles[0]["findings"].contains("below_limit"),
        "{profiles:?}"
    );
    assert!(
        profiles[0]["findings"].contains("missing_rejected_by_lab"),
        "{profiles:?}"
    );
    assert!(
        std::fs::read_to_string(&picture)
            .unwrap()
            .contains("measures from 0.33 to 82.0 nmol/L")
    );

    let table = diel(&common).done().stdout;
    for said in [
        "response at zero",
        "recovery %",
        "Measures from 0.33 to 82 nmol/L",
        "T4",
        "masked",
    ] {
        assert!(table.contains(said), "{said}: {table}");
    }
}

/// The same wells as Gen5 exports them: a block of what stands in them, a block of what was read.
fn gen5() -> String {
    let levels = [0.0, 0.33, 1.0, 3.0, 9.0, 27.0, 82.0];
    let list = wells();
    let reading = |well: &str| {
        let line = list
            .lines()
            .find(|line| line.starts_with(&format!("{well},")));
        line.and_then(|line| line.rsplit(',').next())
            .unwrap_or_default()
            .to_owned()
    };
    let columns = "\t1\t2\t3\t4\n";
    let mut layout = columns.to_owned();
    let mut results = columns.to_owned();
    for (row, (number, level)) in ('A'..).zip(levels.iter().enumerate()) {
        let sample = if number < 4 {
            format!("SPL{0}\tSPL{0}", number + 1)
        } else {
            "\t".to_owned()
        };
        layout += &format!("{row}\tSTD{0}\tSTD{0}\t{sample}\tWell ID\n", number + 1);
        layout += &format!("\t{level}\t{level}\t\t\tConc/Dil\n");
        let read: Vec<String> = (1..=4)
            .map(|column| reading(&format!("{row}{column}")))
            .collect();
        results += &format!("{row}\t{}\t450\n", read.join("\t"));
    }
    format!(
        "Software Version\t3.11.19\n\nExperiment File Path:\tC:\\Data\\cortisol.xpt\nPlate Number\tPlate 7\n\nLayout\n\n{layout}\nResults\n\n{results}"
    )
}

#[test]
fn an_export_gives_what_the_list_of_its_wells_gives() {
    let scratch = Scratch::new();
    let map = scratch.write("map.csv", MAP);
    let results = |name: &str, content: String| {
        let file = scratch.write(name, content);
        let run = diel(&[
            "plate",
            &file,
            "--samples",
            &map,
            "--unit",
            "nmol/L",
            "--plate",
            "Plate 7",
            "--out",
            "-",
        ]);
        run.done().stdout
    };
    let of_list = results("wells.csv", wells());
    assert_eq!(results("gen5.txt", gen5()), of_list);
    assert!(of_list.lines().count() == 5, "{of_list}");
    // Two readings of each well: one has to be named.
    let twice = gen5().replace("\t450\n", "\t450\n\t0.1\t0.1\t0.1\t0.1\t630\n");
    let file = scratch.write("twice.txt", twice);
    let said = diel(&["plate", &file, "--samples", &map, "--unit", "nmol/L"]).refused();
    assert!(
        said.contains("`450`, `630`") && said.contains("--reading"),
        "{said}"
    );
}

#[test]
fn a_plate_without_a_curve_says_why() {
    let scratch = Scratch::new();
    let few = "well,role,nominal,od\nA1,standard,1,2\nA2,standard,3,1\n";
    let refused = |text: &str, more: &[&str]| {
        let wells = scratch.write("wells.csv", text);
        diel(&[&["plate", wells.as_str(), "--unit", "nmol/L"], more].concat()).refused()
    };
    let error = refused(few, &[]);
    assert!(
        error.contains("wells.csv: 2 concentrations of standards in 2 wells"),
        "{error}"
    );
    assert!(refused("well,od\nA1,1\n", &[]).contains("nothing says what stands in the 1 wells"));
    assert!(refused("well,role,nominal\nA1,standard,1\n", &[]).contains("no well has a reading"));
    assert!(refused("well,role,od\nA1,standard,1\n", &[]).contains("line 2: a standard needs"));
    let error = refused(&wells(), &["--picture", "curve.gif"]);
    assert!(error.contains("must end in .svg or .png"), "{error}");
}
