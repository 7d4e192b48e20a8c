//! Exit statuses, formats, columns and what a spreadsheet does to a file.

use crate::command::{Scratch, analyze, binary, diel, number, profiles_of, records};

const TWO_DAYS: &str = "participant,collected_at,concentration,unit,awakening_at\n\
    A,2026-03-02T07:00+01:00,12.5,nmol/L,2026-03-02T07:00+01:00\n\
    A,2026-03-02T07:30+01:00,18,nmol/L,2026-03-02T07:00+01:00\n\
    A,2026-03-02T21:00+01:00,<0.33,nmol/L,2026-03-02T07:00+01:00\n\
    A,2026-03-03T07:10+01:00,QNS,,2026-03-03T07:00+01:00\n\
    A,2026-03-03T21:00+01:00,0.05,ug/dL,2026-03-03T07:00+01:00\n";

const PROFILE_COLUMNS: &str = "participant,day,sampling_date,awakening_at,sample_count,wake_nmol_per_l,peak_nmol_per_l,\
    bed_nmol_per_l,slope_wake_bed_ln_per_h,slope_peak_bed_ln_per_h,slope_regression_ln_per_h,slope_regression_se,\
    slope_wake_bed_nmol_per_l_per_h,car_auc_g_nmol_min_per_l,car_auc_i_nmol_min_per_l,car_mean_increase_nmol_per_l,\
    car_max_increase_nmol_per_l,day_auc_g_nmol_h_per_l,dynamic_range_ln,evening_morning_ratio,mesor,amplitude,\
    peak_clock_time,cosinor_p,findings";

const RHYTHM_COLUMNS: &str = "participant,day_count,valid_day_count,sample_count,slope_ln_per_h,slope_se,\
    posterior_slope_ln_per_h,posterior_sd,probability_flat,reference_percentile,reliability,verdict,reasons";

#[test]
fn the_columns_stand_in_their_order() {
    let scratch = Scratch::new();
    let file = scratch.write("samples.csv", TWO_DAYS);
    let (days, people) = (scratch.path("days.csv"), scratch.path("people.csv"));
    let run = diel(&["analyze", &file, "--profiles", &days, "--rhythms", &people]).done();
    assert_eq!(run.stdout, "");
    assert!(
        run.stderr.contains("1 participants, 2 days")
            && run.stderr.contains("reason to look again"),
        "{}",
        run.stderr
    );
    let begins = |path: &str, columns: &str| {
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.starts_with(columns), "{text}");
        records(&text)
    };
    let days = begins(&days, PROFILE_COLUMNS);
    assert_eq!(days.len(), 2);
    assert_eq!(days[0]["awakening_at"], "2026-03-02T07:00:00+01:00");
    assert_eq!(days[0]["wake_nmol_per_l"], "12.5");
    for column in ["mesor", "amplitude", "peak_clock_time", "cosinor_p"] {
        assert!(
            days.iter().all(|day| day[column].is_empty()),
            "{column} is filled"
        );
        // One sample outside the awakening response is exact, and one is below its limit.
        assert!(days[0]["absences"].contains(&format!("{column}:below_limit")));
        assert!(days[1]["absences"].contains(&format!("{column}:few_times")));
    }
    assert_eq!(begins(&people, RHYTHM_COLUMNS).len(), 1);
}

/// ln C = 1.5 + 0.8 cos(2 pi (t - 3) / 24), t hours since an awakening at 06:45.
#[test]
fn a_day_sampled_through_has_its_cosinor() {
    let mut file = "participant,hours_since_awakening,concentration,unit,awakening_at\n".to_owned();
    for sample in 0..=9 {
        let hours = f64::from(sample) * 2.0;
        let ln = 1.5 + 0.8 * (std::f64::consts::TAU * (hours - 3.0) / 24.0).cos();
        file += &format!("A,{hours},{},nmol/L,2026-03-02T06:45+01:00\n", ln.exp());
    }
    let days = profiles_of(&file, &[]);
    let day = &days[0];
    assert!((number(day, "mesor") - 1.5).abs() < 1e-12, "{day:?}");
    assert!((number(day, "amplitude") - 0.8).abs() < 1e-12);
    assert_eq!(day["peak_clock_time"], "09:45");
    assert!(number(day, "cosinor_p") < 1e-30);
    let without_clock = file
        .replace(",awakening_at", "")
        .replace(",2026-03-02T06:45+01:00", "");
    let days = profiles_of(&without_clock, &[]);
    assert_eq!(days[0]["mesor"], day["mesor"]);
    assert_eq!(days[0]["peak_clock_time"], "");
    assert!(
        days[0]["absences"].contains("peak_clock_time:no_clock"),
        "{:?}",
        days[0]
    );
}

#[test]
fn what_a_laboratory_writes_is_understood() {
    let days = profiles_of(TWO_DAYS, &[]);
    assert!(days[0]["findings"].contains("below_limit"), "{:?}", days[0]);
    assert!(
        days[1]["findings"].contains("missing_insufficient_volume"),
        "{:?}",
        days[1]
    );
    // 0.05 ug/dL = 0.5 ug/L = 500 ng/L / 362.46 g/mol.
    let bed: f64 = days[1]["bed_nmol_per_l"].parse().unwrap();
    assert!((bed - 500.0 / 362.46).abs() < 1e-12, "{bed}");
}

#[test]
fn people_get_a_table_and_programs_numbers() {
    let table = analyze(TWO_DAYS, &[]).done().stdout;
    assert!(
        table.contains("verdict") && table.contains("reason to look again"),
        "{table}"
    );
    let rows = records(&analyze(TWO_DAYS, &["--format", "csv"]).done().stdout);
    assert_eq!(rows[0]["participant"], "A");
    let lines = analyze(TWO_DAYS, &["--format", "jsonl"]).done().stdout;
    let value: serde_json::Value = serde_json::from_str(lines.trim_end()).unwrap();
    assert_eq!(value["sample_count"].to_string(), rows[0]["sample_count"]);
    assert_eq!(value["verdict"], rows[0]["verdict"].as_str());
    let array = analyze(TWO_DAYS, &["--profiles", "-", "--format", "json"])
        .done()
        .stdout;
    let value: serde_json::Value = serde_json::from_str(&array).unwrap();
    assert_eq!(value.as_array().unwrap().len(), 2);
    assert!(value[0]["mesor"].is_null());
}

#[test]
fn spreadsheets_change_nothing() {
    let plain = analyze(TWO_DAYS, &["--profiles", "-"]).done().stdout;
    let semicolons = TWO_DAYS
        .replace(',', ";")
        .replace("12.5", "12,5")
        .replace("0.05", "0,05")
        .replace("<0.33", "< 0,33");
    let tabs = TWO_DAYS.replace(',', "\t");
    let byte_order_mark = format!("\u{feff}{}", TWO_DAYS.replace('\n', "\r\n"));
    let quoted = TWO_DAYS.replace("A,2026", "\"A\",2026");
    let empty_lines = format!("{}\n,,,,\n,,,,\n", TWO_DAYS.trim_end());
    for content in [semicolons, tabs, byte_order_mark, quoted, empty_lines] {
        assert_eq!(
            analyze(&content, &["--profiles", "-"]).done().stdout,
            plain,
            "{content}"
        );
    }
}

#[test]
fn headers_go_by_their_aliases() {
    let file = TWO_DAYS.replace(
        "participant,collected_at,concentration,unit,awakening_at",
        "Person,Sampling-Time,VALUE,unit,Wake Time",
    );
    assert_eq!(
        analyze(file, &["--profiles", "-"]).done().stdout,
        analyze(TWO_DAYS, &["--profiles", "-"]).done().stdout
    );
}

#[test]
fn columns_that_are_not_read_are_named() {
    let file = "id,time,cortisol_nmol_l,cortisone\nA,2026-03-02T07:00Z,3,5\n";
    assert!(
        analyze(file, &[])
            .done()
            .stderr
            .contains("columns not read: cortisone")
    );
}

#[test]
fn a_condition_takes_its_day_out_of_judgement() {
    let rows: String = (2..6)
        .map(|day| {
            format!("A,2026-03-0{day}T07:00Z,9,\nA,2026-03-0{day}T21:00Z,8,corticosteroids\n")
        })
        .collect();
    let file = format!("id,time,cortisol_nmol_l,conditions\n{rows}");
    let rows = records(&analyze(&file, &["--format", "csv"]).done().stdout);
    assert_eq!(rows[0]["verdict"], "INSUFFICIENT_DATA", "{:?}", rows[0]);
    assert_eq!(
        (
            rows[0]["day_count"].as_str(),
            rows[0]["valid_day_count"].as_str()
        ),
        ("4", "0")
    );
    assert!(
        profiles_of(&file, &[])
            .iter()
            .all(|day| day["findings"].contains("excluded_corticosteroids"))
    );
}

#[test]
fn every_code_in_an_answer_is_listed() {
    let codes = records(&diel(&["codes", "--format", "csv"]).done().stdout);
    let known = |code: &str| {
        codes
            .iter()
            .any(|entry| entry["code"] == code && !entry["meaning"].is_empty())
    };
    for day in profiles_of(TWO_DAYS, &[]) {
        assert!(
            day["findings"]
                .split(';')
                .filter(|code| !code.is_empty())
                .all(known),
            "{}",
            day["findings"]
        );
        let absences = day["absences"]
            .split(';')
            .filter_map(|absence| Some(absence.split_once(':')?.1));
        assert!(absences.into_iter().all(known), "{}", day["absences"]);
    }
    let verdicts = records(&diel(&["codes", "verdict", "--format", "csv"]).done().stdout);
    assert_eq!(verdicts.len(), 4);
    assert!(
        diel(&["codes", "colour"])
            .refused()
            .contains("finding, absence, reason")
    );
}

#[test]
fn answers_overwrite_neither_each_other_nor_the_samples() {
    let scratch = Scratch::new();
    let file = scratch.write("samples.csv", TWO_DAYS);
    for destinations in [
        ["--profiles", "-", "--rhythms", "-"],
        ["--profiles", "a.csv", "--rhythms", "a.csv"],
        ["--profiles", &file, "--rhythms", "-"],
    ] {
        assert_eq!(
            diel(&[&["analyze", file.as_str()], destinations.as_slice()].concat()).status,
            2,
            "{destinations:?}"
        );
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), TWO_DAYS);
}

#[test]
fn a_file_may_come_from_standard_input() {
    let scratch = Scratch::new();
    let file = scratch.write("samples.csv", TWO_DAYS);
    let piped = std::process::Command::new(binary())
        .args(["analyze", "-", "--format", "csv"])
        .stdin(std::fs::File::open(&file).unwrap())
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8(piped.stdout).unwrap(),
        diel(&["analyze", &file, "--format", "csv"]).done().stdout
    );
}

#[test]
fn the_youngest_age_counts() {
    let file = "id,time,cortisol_nmol_l,age\nA,2026-03-02T07:00Z,9,30\nA,2026-03-02T20:00Z,3,0.1\n";
    let rows = records(&analyze(file, &["--format", "csv"]).done().stdout);
    assert!(
        rows[0]["reasons"].contains("under_2_months"),
        "{:?}",
        rows[0]
    );
}

#[test]
fn usage_errors_and_help() {
    assert_eq!(diel(&[]).status, 2);
    assert_eq!(diel(&["analyse"]).status, 2);
    assert_eq!(diel(&["analyze"]).status, 2);
    assert!(diel(&["--version"]).done().stdout.starts_with("diel "));
    for command in ["analyze", "simulate", "codes", "completions"] {
        let help = diel(&[command, "--help"]).done().stdout;
        assert!(help.contains("Examples:"), "{command} has no examples");
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            diel(&["completions", shell])
                .done()
                .stdout
                .contains("analyze"),
            "{shell}"
        );
    }
}
