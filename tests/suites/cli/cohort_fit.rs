//! `diel cohort fit`: numbers that lme4 gives, read from a file by the binary.

use std::collections::HashMap;

use serde_json::Value;

use crate::command::{Scratch, diel, number, real_data, records};

/// The answer to a formula on a file.
fn fit(file: &str, formula: &str, arguments: &[&str]) -> Value {
    let command = [
        "cohort",
        "fit",
        file,
        "--formula",
        formula,
        "--format",
        "json",
    ];
    let run = diel(&[&command, arguments].concat()).done();
    serde_json::from_str(&run.stdout).unwrap()
}

#[track_caller]
fn assert_close(found: &Value, expected: &Value, relative: f64, what: &str) {
    let (found, expected) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
    assert!(
        (found - expected).abs() <= relative * expected.abs(),
        "{what}: {found} is not {expected}"
    );
}

/// What lme4 calls a group here.
fn group_of_lme4(name: &str) -> &str {
    match name {
        "cask:batch" => "batch:cask",
        "sday" => "subject:day",
        name => name.split('.').next().unwrap_or(name),
    }
}

/// Holds an answer against lme4's, polished to the optimum. Fixed effects are compared in their order.
#[track_caller]
fn assert_is_lme4(answer: &Value, reference: &Value, case: &str) {
    let (found, exact) = (
        answer["objective"].as_f64().unwrap(),
        reference["criterion"].as_f64().unwrap(),
    );
    assert!(
        found <= exact + 1e-7,
        "{case}: criterion {found}, lme4 {exact}"
    );
    assert!(
        found > exact - 1e-5,
        "{case}: criterion {found}, lme4 {exact}"
    );
    assert_eq!(answer["n_observations"], reference["n"], "{case}");
    for (name, levels) in reference["ngrps"].as_object().unwrap() {
        assert_eq!(
            answer["groups"][group_of_lme4(name)],
            *levels,
            "{case}: {name}"
        );
    }
    let fixed = answer["fixed"].as_array().unwrap();
    let expected = reference["fixef"].as_object().unwrap();
    assert_eq!(fixed.len(), expected.len(), "{case}");
    for (position, effect) in fixed.iter().enumerate() {
        let name = effect["name"].as_str().unwrap();
        let lme4 = expected
            .get(name_of_lme4(name))
            .unwrap_or_else(|| panic!("{case}: {name}"));
        assert_close(&effect["estimate"], lme4, 1e-6, &format!("{case}: {name}"));
        let variance = reference["vcov_fixef"][position][position]
            .as_f64()
            .unwrap();
        let se = Value::from(variance.sqrt());
        assert_close(&effect["se"], &se, 1e-5, &format!("{case}: se of {name}"));
    }
    let mut sds = HashMap::new();
    for term in answer["random"].as_array().unwrap() {
        let group = term["group"].as_str().unwrap();
        for (name, sd) in term["terms"]
            .as_array()
            .unwrap()
            .iter()
            .zip(term["sd"].as_array().unwrap())
        {
            sds.insert((group, name_of_lme4(name.as_str().unwrap())), sd);
        }
    }
    let mut compared = 0;
    for part in reference["vc"].as_array().unwrap() {
        let (group, sd) = (part["grp"].as_str().unwrap(), &part["sdcor"]);
        if group == "Residual" {
            assert_close(
                &answer["residual_sd"],
                sd,
                1e-5,
                &format!("{case}: residual"),
            );
        } else if part["var2"].is_null() {
            let term = part["var1"].as_str().unwrap();
            let found = sds[&(group_of_lme4(group), term)];
            assert_close(found, sd, 1e-5, &format!("{case}: sd of {term} in {group}"));
            compared += 1;
        }
    }
    assert_eq!(compared, sds.len(), "{case}");
}

/// Columns that the reference has under a shorter name.
fn name_of_lme4(name: &str) -> &str {
    match name {
        "I(minutes_since_waking/60)" => "hours",
        "I(sample == \"S2\")TRUE" => "car",
        name => name,
    }
}

fn reference(name: &str) -> Option<Value> {
    let path = real_data(&format!("reference/{name}"))?;
    let text = std::fs::read_to_string(path).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

fn path_of(name: &str) -> String {
    let path = real_data(&format!("reference/{name}")).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn textbook_models_are_those_of_lme4() {
    let Some(reference) = reference("lme4_reference.json") else {
        return;
    };
    let fits = reference["fits"].as_array().unwrap();
    assert_eq!(fits.len(), 16);
    for case in fits {
        let file = path_of(&format!("lme4_{}.csv", case["data"].as_str().unwrap()));
        let formula = case["formula"].as_str().unwrap();
        let is_ml = case["method"] == "ML";
        let answer = fit(&file, formula, if is_ml { &["--ml"] } else { &[] });
        assert_eq!(answer["criterion"], case["method"]);
        assert_eq!(answer["optimizer"]["converged"], true, "{formula}");
        assert_is_lme4(&answer, &case["exact"], formula);
    }
}

#[test]
fn a_cohort_is_that_of_lme4_by_columns_of_the_file_and_by_derived_ones() {
    let Some(reference) = reference("lme4_cohort_S.json") else {
        return;
    };
    let file = path_of("lme4_cohort_S.csv");
    let models = [
        ("2", "(hours | subject)"),
        ("3", "(hours | subject) + (1 | subject:day)"),
        ("3s", "(hours | subject) + (hours | subject:day)"),
    ];
    for (name, random) in models {
        for method in ["REML", "ML"] {
            let arguments: &[&str] = if method == "ML" { &["--ml"] } else { &[] };
            let exact = &reference[format!("{name}_{method}")]["exact"];
            let by_name = format!("log(cortisol_nmol_l) ~ hours + car + {random}");
            let answer = fit(&file, &by_name, arguments);
            assert_is_lme4(&answer, exact, &by_name);
            let spelt = format!("log(cortisol_nmol_l) ~ hours + I(sample == \"S2\") + {random}")
                .replace("hours", "I(minutes_since_waking/60)");
            assert_is_lme4(&fit(&file, &spelt, arguments), exact, &spelt);
        }
    }
}

#[test]
fn derived_concentrations_are_those_that_slopes_rest_on() {
    if reference("lme4_cohort_S.json").is_none() {
        return;
    }
    let formula = "log(cortisol) ~ hours + car + (hours | participant) + (1 | participant:day)";
    let answer = fit(&path_of("lme4_cohort_S.csv"), formula, &[]);
    // Seventeen samples above 60 nmol/L are implausible. lme4 1.1.31, bobyqa to 1e-10, without them.
    assert_eq!(answer["rows_left_out"], 17);
    let objective = answer["objective"].as_f64().unwrap();
    assert!(
        (objective - 3_858.425_395_369_44).abs() < 1e-5,
        "{objective}"
    );
}

#[test]
fn conditional_modes_are_those_of_lme4() {
    if reference("lme4_cohort_S.json").is_none() {
        return;
    }
    let scratch = Scratch::new();
    let modes = scratch.path("modes.csv");
    let formula = "log(cortisol_nmol_l) ~ hours + car + (hours | subject) + (1 | subject:day)";
    fit(&path_of("lme4_cohort_S.csv"), formula, &["--modes", &modes]);
    let modes = records(&std::fs::read_to_string(&modes).unwrap());
    assert_eq!(modes.len(), 200 * 2 + 600);
    let of: HashMap<(String, String), (f64, f64)> = modes
        .iter()
        .map(|row| {
            let key = (row["level"].clone(), row["term"].clone());
            (key, (number(row, "mode"), number(row, "sd")))
        })
        .collect();
    let lme4 = |name: &str| {
        let text = std::fs::read_to_string(path_of(name)).unwrap();
        records(&text)
    };
    let mut compared = 0;
    let mut compare = |level: &str, term: &str, mode: f64, variance: f64| {
        let (found, sd) = of[&(level.to_owned(), term.to_owned())];
        assert!(
            (found - mode).abs() < 1e-4,
            "{level} {term}: {found}, {mode}"
        );
        assert!(
            (sd / variance.sqrt() - 1.0).abs() < 1e-3,
            "{level} {term}: {sd}"
        );
        compared += 1;
    };
    for row in lme4("lme4_cohort_S_3_REML_blup_subject.csv") {
        let level = &row["group"];
        for (term, column) in [("(Intercept)", "b_intercept"), ("hours", "b_hours")] {
            let variance = number(&row, &format!("condvar_{column}"));
            compare(level, term, number(&row, column), variance);
        }
    }
    for row in lme4("lme4_cohort_S_3_REML_blup_sday.csv") {
        let level = row["group"].replace(' ', ":");
        let variance = number(&row, "condvar_b_intercept");
        compare(&level, "(Intercept)", number(&row, "b_intercept"), variance);
    }
    assert_eq!(compared, 1000);
}

/// Scores of six workers on three machines: Milliken & Johnson 1984, as `Machines` of R's nlme has them.
const MACHINES: [(char, u32, [f64; 3]); 18] = [
    ('A', 1, [52.0, 52.8, 53.1]),
    ('A', 2, [51.8, 52.8, 53.1]),
    ('A', 3, [60.0, 60.2, 58.4]),
    ('A', 4, [51.1, 52.3, 50.3]),
    ('A', 5, [50.9, 51.8, 51.4]),
    ('A', 6, [46.4, 44.8, 49.2]),
    ('B', 1, [62.1, 62.6, 64.0]),
    ('B', 2, [59.7, 60.0, 59.0]),
    ('B', 3, [68.6, 65.8, 69.7]),
    ('B', 4, [63.2, 62.8, 62.2]),
    ('B', 5, [64.8, 65.0, 65.4]),
    ('B', 6, [43.7, 44.2, 43.0]),
    ('C', 1, [67.5, 67.2, 66.9]),
    ('C', 2, [61.5, 61.7, 62.3]),
    ('C', 3, [70.8, 70.6, 71.0]),
    ('C', 4, [64.1, 66.2, 64.0]),
    ('C', 5, [72.1, 72.0, 71.1]),
    ('C', 6, [62.0, 61.4, 60.5]),
];

#[test]
fn random_effects_of_a_factor_are_those_of_lme4() {
    let mut rows = String::from("score,Worker,Machine\n");
    for (machine, worker, scores) in MACHINES {
        for score in scores {
            rows.push_str(&format!("{score},{worker},{machine}\n"));
        }
    }
    let scratch = Scratch::new();
    let file = scratch.write("machines.csv", rows);
    // lme4 1.1.31, bobyqa to 1e-10: REMLcrit(m), VarCorr(m).
    let cases: [(&str, f64, &[f64]); 3] = [
        (
            "score ~ Machine + (Machine | Worker)",
            208.311_218_316,
            &[4.079_280_1, 5.877_643_8, 3.689_854_2],
        ),
        (
            "score ~ 0 + Machine + (0 + Machine | Worker)",
            208.311_218_316,
            &[4.079_278_8, 8.625_285_1, 4.389_477_4],
        ),
        (
            "score ~ Machine + (1 | Worker/Machine)",
            215.687_568_008,
            &[4.781_051_3, 3.729_538_3],
        ),
    ];
    for (formula, objective, sds) in cases {
        let answer = fit(&file, formula, &[]);
        let found = answer["objective"].as_f64().unwrap();
        assert!((found - objective).abs() < 1e-7, "{formula}: {found}");
        let terms = answer["random"].as_array().unwrap().iter();
        let found = terms.flat_map(|term| term["sd"].as_array().unwrap());
        for (found, sd) in found.zip(sds) {
            assert_close(found, &Value::from(*sd), 1e-5, formula);
        }
    }
}

#[test]
fn a_simulated_cohort_is_found_again_from_its_instants() {
    let scratch = Scratch::new();
    let file = scratch.path("cohort.csv");
    let plan = [
        "simulate",
        "--persons",
        "200",
        "--seed",
        "7",
        "--out",
        &file,
    ];
    let limit = ["--limit-of-detection", "1.5"];
    diel(&[&plan[..], &limit[..]].concat()).done();
    let formula = "log(cortisol) ~ hours + car + (hours | participant) + (1 | participant:day)";
    let answer = fit(&file, formula, &[]);
    assert_eq!(answer["groups"]["participant:day"], 600);
    assert!(answer["n_censored"].as_u64().unwrap() > 100);
    // The built-in reference adult-noisy, from which `simulate` draws: -0.0965 ln units an hour.
    let slope = &answer["fixed"][1];
    let (estimate, se) = (
        slope["estimate"].as_f64().unwrap(),
        slope["se"].as_f64().unwrap(),
    );
    assert!((estimate + 0.0965).abs() < 3.0 * se && se < 0.01, "{slope}");
}

/// Three rows each of six groups: y, x, and a label.
pub(crate) const SMALL: &str = "g,x,y,f,w\n\
    007,0,1.0,a,1\n007,1,2.1,b,2\n007,2,2.9,a,1\n\
    8,0,2.0,b,1\n8,1,2.6,a,1\n8,2,4.2,b,2\n\
    \"9\",0,0.4,a,1\n9,1,1.9,b,1\n9,2,2.2,a,1\n\
    10,0,3.0,b,2\n10,1,3.7,a,1\n10,2,5.2,b,1\n\
    11,0,1.7,a,1\n11,1,,b,1\n11,2,3.1,a,1\n\
    12,0,2.2,b,1\n12,1,3.3,a,NA\n12,2,4.1,b,2\n";

#[test]
fn the_answer_has_its_fields() {
    let scratch = Scratch::new();
    let file = scratch.write("small.csv", SMALL);
    let modes = scratch.path("modes.csv");
    let answer = fit(&file, "y~x*f+(1|g)", &["--weights", "w", "--modes", &modes]);
    assert_eq!(answer["formula"], "y ~ x * f + (1 | g)");
    assert_eq!(answer["n_observations"], 16);
    assert_eq!(answer["rows_left_out"], 2);
    assert_eq!(answer["missing"], serde_json::json!({"w": 1, "y": 1}));
    assert_eq!(answer["groups"], serde_json::json!({"g": 6}));
    assert_eq!(answer["weights"], "w");
    // lme4 1.1.31, bobyqa to 1e-10: REMLcrit(lmer(y ~ x * f + (1 | g), d, weights = w)).
    let objective = answer["objective"].as_f64().unwrap();
    assert!((objective - 18.431_432_849).abs() < 1e-7, "{objective}");
    let names: Vec<&str> = answer["fixed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|effect| effect["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["(Intercept)", "x", "fb", "x:fb"]);
    for field in ["estimate", "se", "df", "t", "p", "lower", "upper"] {
        assert!(answer["fixed"][1][field].is_f64(), "{field}");
    }
    let (objective, likelihood) = (&answer["objective"], &answer["log_likelihood"]);
    assert_eq!(
        objective.as_f64().unwrap(),
        -2.0 * likelihood.as_f64().unwrap()
    );
    assert!(answer["singular"].is_boolean() && answer["seconds"].is_f64());
    assert_eq!(
        answer["random"][0]["correlation"],
        serde_json::json!([[1.0]])
    );
    assert_eq!(answer["input_blake3"].as_str().unwrap().len(), 64);
    let modes = records(&std::fs::read_to_string(&modes).unwrap());
    let levels: Vec<&str> = modes.iter().map(|row| row["level"].as_str()).collect();
    assert_eq!(
        levels,
        ["007", "8", "9", "10", "11", "12"],
        "codes stay as they are written"
    );
}

/// Ten persons, twelve samples each, on lines that fall by 0.1 ln units an hour, with what is below 4 given as a limit.
#[test]
fn limits_are_modelled_and_not_taken_for_values() {
    let mut rows = String::from("participant,hours,cortisol\n");
    for person in 0..10_u32 {
        for sample in 0..12_u32 {
            let hours = f64::from(sample) * 1.25;
            // Without chance: deviations that repeat, of mean 0 in each person.
            let noise = [0.2, -0.1, -0.2, 0.1][(sample + person) as usize % 4];
            let level = (2.4 + 0.05 * f64::from(person) - 0.1 * hours + noise).exp();
            let cell = if level < 4.0 {
                "< 4".to_owned()
            } else {
                level.to_string()
            };
            rows.push_str(&format!("{person},{hours},{cell}\n"));
        }
    }
    let scratch = Scratch::new();
    let formula = "log(cortisol) ~ hours + (1 | participant)";
    let answer = fit(&scratch.write("limits.csv", &rows), formula, &[]);
    let values = rows.replace("< 4", "4");
    let substituted = fit(&scratch.write("values.csv", values), formula, &[]);
    let slope = |answer: &Value| answer["fixed"][1]["estimate"].as_f64().unwrap();
    let limits = rows.matches("< 4").count();
    assert!(limits > 5, "{limits}");
    assert_eq!(answer["n_censored"], limits);
    assert_eq!(answer["criterion"], "ML");
    assert!((slope(&answer) + 0.1).abs() < 0.005, "{}", slope(&answer));
    assert!(
        slope(&substituted) > slope(&answer) + 0.003,
        "{}",
        slope(&substituted)
    );
}

#[test]
fn rows_and_profiles_stand_beside_the_answer() {
    let Some(_) = reference("lme4_reference.json") else {
        return;
    };
    let scratch = Scratch::new();
    let rows = scratch.path("rows.csv");
    let answer = fit(
        &path_of("lme4_sleepstudy.csv"),
        "Reaction ~ Days + (Days | Subject)",
        &["--profile", "--rows", &rows],
    );
    // R 4.2.2, lme4 1.1-31: confint of the ML fit.
    let profile = answer["profile"].as_array().unwrap();
    assert_eq!(profile[0]["parameter"], "sd_(Intercept)|Subject");
    assert!((profile[0]["lower"].as_f64().unwrap() - 14.381_434).abs() < 1e-3);
    assert!((profile[4]["upper"].as_f64().unwrap() - 13.575_919).abs() < 1e-3);
    let icc = answer["intraclass_correlations"]["Subject"]
        .as_f64()
        .unwrap();
    assert!((icc - 0.483_09).abs() < 1e-5, "{icc}");
    // 1743.6283 + 2 x 6.
    assert!((answer["aic"].as_f64().unwrap() - 1_755.628_272).abs() < 1e-6);
    let rows = records(&std::fs::read_to_string(&rows).unwrap());
    assert_eq!(rows.len(), 180);
    // 251.4051 + 2.258566 + 0 days; the response is 249.56.
    let fitted: f64 = rows[0]["fitted"].parse().unwrap();
    assert!((fitted - 253.663_671).abs() < 1e-4, "{fitted}");
    let residual: f64 = rows[0]["residual"].parse().unwrap();
    assert!((residual - (249.56 - fitted)).abs() < 1e-9);
    assert!(rows.iter().all(|row| row["weight"] == "1"));
}

#[test]
fn an_outlier_pulls_less_under_heavy_tails() {
    let scratch = Scratch::new();
    let file = scratch.write("outlier.csv", SMALL.replace("12,2,4.1", "12,2,24.1"));
    let slope = |arguments: &[&str]| {
        let answer = fit(&file, "y ~ x + (1 | g)", arguments);
        answer["fixed"][1]["estimate"].as_f64().unwrap()
    };
    let heavy = slope(&["--ml", "--residual", "student-t"]);
    // Without the outlier the slope is 1.0 to two digits.
    assert!((heavy - 1.0).abs() < 0.2, "{heavy}");
    assert!(slope(&["--ml"]) > 1.5, "{}", slope(&["--ml"]));
}

#[test]
fn people_get_tables_and_sentences() {
    let scratch = Scratch::new();
    let file = scratch.write("small.csv", SMALL);
    let arguments = ["cohort", "fit", &file, "--format", "table", "--formula"];
    let run = diel(&[&arguments[..], &["y ~ x + I(2 * x) + (1 | g)"]].concat()).done();
    for part in [
        "17 observations, 6 g; by restricted maximum likelihood (REML)",
        "Share of the variance: g ",
        "1 rows are left out because a value is missing: 1 in y.",
        "Left out as combinations of other columns: I(2 * x).",
    ] {
        assert!(
            run.stdout.contains(part),
            "{part} is not in\n{}",
            run.stdout
        );
    }
    // Two groups whose means are equal: no variance between them.
    let flat = scratch.write("flat.csv", "g,y\na,1\na,2\na,3\nb,1\nb,2\nb,3\n");
    let arguments = ["cohort", "fit", &flat, "--format", "table", "--formula"];
    let run = diel(&[&arguments[..], &["y ~ 1 + (1 | g)"]].concat()).done();
    assert!(run.stdout.contains("The fit is singular"), "{}", run.stdout);
}

#[test]
fn standard_input_is_a_file_too() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut child = Command::new(crate::command::binary())
        .args(["cohort", "fit", "-", "--formula", "y ~ x + (1 | g)"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(SMALL.as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        answer["n_observations"], 17,
        "JSON unless a terminal reads it"
    );
}
