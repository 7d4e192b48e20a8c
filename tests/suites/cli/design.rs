//! Designs on the command line: what a model says, what a file shows, what is refused.

use crate::command::{Record, Scratch, diel, number, records};

fn of<'a>(rows: &'a [Record], metric: &str) -> &'a Record {
    rows.iter().find(|row| row["metric"] == metric).unwrap()
}

#[test]
fn a_model_says_how_many_days_are_needed() {
    let run = diel(&[
        "design",
        "reliability",
        "--schedule",
        "0,14",
        "--days",
        "7",
        "--persons",
        "400",
        "--format",
        "csv",
    ]);
    let rows = records(&run.done().stdout);
    assert_eq!(rows.len(), 17);
    let slope = of(&rows, "slope_wake_bed_ln_per_h");
    // 0.055^2 / (0.055^2 + 2 x 0.70^2 / 14^2)
    assert!((number(slope, "reliability_1_day") - 0.376_947_040).abs() < 1e-8);
    assert_eq!(
        (slope["days"].as_str(), slope["days_needed"].as_str()),
        ("7", "7")
    );
    assert!(number(slope, "reliability") > 0.8);
    let absent = of(&rows, "car_auc_i_nmol_min_per_l");
    assert_eq!(
        (absent["absence"].as_str(), absent["reliability"].as_str()),
        ("too_few_samples", "")
    );
    let table = diel(&["design", "reliability", "--persons", "200"])
        .done()
        .stdout;
    assert!(table.contains("Under adult-noisy@1"), "{table}");
}

#[test]
fn every_day_has_a_row_when_asked() {
    let run = diel(&[
        "design",
        "reliability",
        "--days",
        "4",
        "--persons",
        "200",
        "--every-day",
        "--format",
        "csv",
    ]);
    let rows = records(&run.done().stdout);
    let slopes: Vec<f64> = rows
        .iter()
        .filter(|row| row["metric"] == "posterior_slope_ln_per_h")
        .map(|row| number(row, "reliability"))
        .collect();
    assert_eq!(slopes.len(), 4);
    assert!(slopes.is_sorted());
}

#[test]
fn a_file_shows_what_it_was_simulated_with() {
    let scratch = Scratch::new();
    let file = scratch.path("cohort.csv");
    diel(&[
        "simulate",
        "--persons",
        "400",
        "--days",
        "3",
        "--seed",
        "3",
        "--out",
        &file,
    ])
    .done();
    let rows = records(
        &diel(&["design", "reliability", &file, "--format", "csv"])
            .done()
            .stdout,
    );
    assert_eq!(rows.len(), 16);
    let slope = of(&rows, "slope_regression_ln_per_h");
    // 0.055^2 / (0.055^2 + 0.70^2 / 126)
    let truth = 0.437_5;
    assert!(
        number(slope, "lower") < truth && truth < number(slope, "upper"),
        "{slope:?}"
    );
    assert_eq!(slope["persons"], "400");
    assert!(number(slope, "days_needed_at_best") <= number(slope, "days_needed"));
    assert!(number(slope, "days_needed") <= number(slope, "days_needed_at_worst"));
    let one = scratch.path("one.csv");
    diel(&["simulate", "--persons", "4", "--days", "1", "--out", &one]).done();
    let rows = records(
        &diel(&["design", "reliability", &one, "--format", "csv"])
            .done()
            .stdout,
    );
    assert_eq!(of(&rows, "wake_nmol_per_l")["shortage"], "no_repeated_days");
}

#[test]
fn a_table_of_strata_is_a_population() {
    let scratch = Scratch::new();
    let table = scratch.write(
        "norms.csv",
        "min_age_years,max_age_years,intercept_ln,slope_ln_per_h,intercept_sd,slope_sd,correlation,residual_sd\n\
         20,40,2,-0.1,0.4,0.05,-0.5,0.5\n\
         40,,2,-0.1,0.4,0.02,-0.5,0.5\n",
    );
    let reliability = |age: &[&str]| {
        let all = [
            "design",
            "reliability",
            "--reference-file",
            &table,
            "--schedule",
            "0,10",
            "--persons",
            "200",
            "--format",
            "csv",
        ];
        diel(&[&all, age].concat())
    };
    let refused = reliability(&[]).refused();
    assert!(
        refused.contains("choose a stratum with --age-years and --sex"),
        "{refused}"
    );
    let young = records(&reliability(&["--age-years", "30"]).done().stdout);
    // 0.05^2 / (0.05^2 + 2 x 0.25 / 100)
    assert!(
        (number(of(&young, "slope_wake_bed_ln_per_h"), "reliability_1_day") - 1.0 / 3.0).abs()
            < 1e-9
    );
}

#[test]
fn power_is_found_and_a_smallest_study() {
    let asked = [
        "design",
        "power",
        "--preset",
        "adult-clean",
        "--difference-sds",
        "1.2",
        "--studies",
        "200",
        "--format",
        "csv",
    ];
    let run = diel(&[&asked[..], &["--persons-per-group", "15", "--size"]].concat());
    let rows = records(&run.done().stdout);
    assert_eq!(rows.len(), 2);
    let (power, size) = (&rows[0], &rows[1]);
    assert_eq!(
        (power["simulated"].as_str(), size["simulated"].as_str()),
        ("the difference", "no difference")
    );
    assert!(
        (number(power, "power") - number(power, "approximate_power")).abs() < 0.12,
        "{power:?}"
    );
    assert!(
        number(size, "power") < 0.12 && size["approximate_power"].is_empty(),
        "{size:?}"
    );
    assert!((number(power, "difference_ln_per_h") - 0.054).abs() < 1e-12);
    let run = diel(&[&asked[..], &["--power", "0.8", "--ratio", "2"]].concat());
    let rows = records(&run.done().stdout);
    assert!(number(&rows[0], "power") >= 0.8);
    let [first, second, near] = ["first_group", "second_group", "approximate_first_group"]
        .map(|column| number(&rows[0], column));
    assert!(
        second == 2.0 * first && (first - near).abs() <= 4.0,
        "{rows:?}"
    );
}

#[test]
fn bad_designs_are_refused_with_field_value_and_rule() {
    for (arguments, message) in [
        (
            &["reliability", "--target", "1"][..],
            "target: 1 (of 1) is more than 0.99",
        ),
        (
            &["reliability", "--schedule", "5,3"],
            "schedule_h: the times are not strictly increasing",
        ),
        (
            &["reliability", "--preset", "martian"],
            "--preset martian: there is no such population",
        ),
        (
            &["power", "--persons-per-group", "1", "--difference-sds", "1"],
            "persons_per_group: 1 is not from 2 to 10000",
        ),
        (
            &["power", "--persons-per-group", "9", "--difference-sds", "0"],
            "difference: is 0",
        ),
        (
            &[
                "power",
                "--persons-per-group",
                "9",
                "--difference-sds",
                "nan",
            ],
            "difference: NaN is not a finite number",
        ),
        (
            &[
                "power",
                "--persons-per-group",
                "9",
                "--difference-sds",
                "1",
                "--alpha",
                "0",
            ],
            "alpha: 0 (of 1) is less than 0.0001",
        ),
        (
            &[
                "power",
                "--persons-per-group",
                "9",
                "--difference-sds",
                "1",
                "--schedule",
                "0",
            ],
            "schedule_h: a slope needs samples at two times",
        ),
        (
            &[
                "power",
                "--power",
                "0.8",
                "--difference-sds",
                "0.0001",
                "--studies",
                "1",
            ],
            "no study that was looked at, of up to 1000 persons in the first group, reaches a power of 0.8",
        ),
    ] {
        let refused = diel(&[&["design"], arguments].concat()).refused();
        assert!(refused.contains(message), "{refused}");
    }
    for usage in [
        &["reliability", "--days", "0"][..],
        &["reliability", "file.csv", "--preset", "child"],
        &["power", "--difference-sds", "1"],
        &["power", "--persons-per-group", "9"],
    ] {
        assert_eq!(diel(&[&["design"], usage].concat()).status, 2, "{usage:?}");
    }
}
