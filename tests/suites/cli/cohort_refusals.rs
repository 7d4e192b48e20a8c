//! `diel cohort fit`: what is refused, and in which words.

use crate::command::{Scratch, diel};

const ROWS: &str = "g,h,x,y,z,label,one\n\
    a,1,0,1.0,1,k,c\na,1,1,2.0,2,l,c\na,2,2,3.5,0,k,c\n\
    b,1,0,2.0,5,l,c\nb,2,1,2.9,4,k,c\nb,2,2,4.2,-1,l,c\n";

fn refusal(content: &str, formula: &str, arguments: &[&str]) -> String {
    let scratch = Scratch::new();
    let file = scratch.write("rows.csv", content);
    let command = ["cohort", "fit", &file, "--formula", formula];
    diel(&[&command, arguments].concat()).refused()
}

#[test]
fn what_cannot_be_fitted_is_said() {
    let cases = [
        ("y ~ carr + (1 | g)", "did you mean `car`?"),
        ("y ~ xx + (1 | g)", "no column `xx`; did you mean `x`?"),
        ("y ~ x + (1 | gg)", "no column `gg`; did you mean `g`?"),
        ("y ~ x", "no random term"),
        ("y ~ x + (1 | one)", "one level only"),
        (
            "label ~ x + (1 | g)",
            "the response `label` is not a column of numbers",
        ),
        ("y ~ log(label) + (1 | g)", "holds labels such as `k`"),
        ("log(z) ~ x + (1 | g)", "0 in row 3 is not more than 0"),
        ("I(0 * y) ~ x + (1 | g)", "all responses are 0"),
        (
            "y ~ x * label * h * z + (1 | g)",
            "16 columns for 6 complete rows",
        ),
        ("y ~ one + (1 | g)", "the factor `one` has one level only"),
        ("y ~ (1 | g) + (1 | h)", "only nested groups can be fitted"),
        ("y ~ x + hours + (1 | g)", "cannot be derived"),
        (
            "y ~ x + (x + z + h | g)",
            "the random term of g has 8 effects, 4 at each of 2 levels, for 6 rows",
        ),
        (
            "I(1e70 * y) ~ x + (1 | g)",
            "a number must lie between -1e60 and 1e60",
        ),
    ];
    for (formula, part) in cases {
        let message = refusal(ROWS, formula, &[]);
        assert!(message.contains(part), "{formula}: {message}");
    }
    let message = refusal(ROWS, "y ~ x + (1 | g)", &["--weights", "z"]);
    assert!(
        message.contains("the weight `z` is 0 in row 3"),
        "{message}"
    );
    let message = refusal(ROWS, "y ~ x + (1 | g)", &["--weights", "ww"]);
    assert!(message.contains("no column `ww`"), "{message}");
}

#[test]
fn files_that_are_no_tables_are_refused() {
    let formula = "y ~ x + (1 | g)";
    let cases = [
        ("", "the file is empty"),
        ("g,x,y\n", "the table has no rows"),
        (
            "g,x,y\na,1,1\na,2\n",
            "line 3 has 2 fields where the header has 3",
        ),
        ("g,x,y,x\na,1,1,1\n", "the header has `x` twice"),
        ("g,x,y\na,1,NA\n,2,3\n", "none of the 2 rows has a value"),
        ("g,x,y\na,1,1\nb,2,-Inf\nb,2,1\n", "`y` is -inf in row 2"),
        (
            "g,x,y\na,1,1\nb,2,many\nb,2,1\na,2,3\n",
            "the response `y` is not a column of numbers; the first value that is none is `many`",
        ),
        (
            "g,x,y\na,1,1\n",
            "the fixed effects make 2 columns for 1 complete rows",
        ),
        (
            "g,x,y\na,1,<1\na,2,<2\nb,1,<1\nb,2,<3\n",
            "every response is beyond a limit",
        ),
        (
            "g,x,y\na,<1,1\na,2,2\nb,1,1\nb,2,3\n",
            "`x`: row 1 is known only as beyond the limit 1",
        ),
    ];
    for (content, part) in cases {
        let message = refusal(content, formula, &[]);
        assert!(message.contains(part), "{content:?}: {message}");
    }
}

#[test]
fn collinear_columns_and_perfect_fits_are_stated() {
    let scratch = Scratch::new();
    let file = scratch.write("rows.csv", ROWS);
    let formula = "y ~ x + I(x + 1) + (1 | g)";
    let run = diel(&["cohort", "fit", &file, "--formula", formula]).done();
    assert!(
        run.stdout.contains("\"dropped\": [\n    \"I(x + 1)\"\n  ]"),
        "{}",
        run.stdout
    );
    // No residual at all: refused, whatever the fit stumbles on first.
    let message = refusal(ROWS, "I(2 * x + 1) ~ x + (1 | g)", &[]);
    assert!(message.starts_with("error: "), "{message}");
}

#[test]
fn a_bad_formula_is_wrong_usage_and_shows_the_place() {
    let scratch = Scratch::new();
    let file = scratch.write("rows.csv", ROWS);
    let run = diel(&["cohort", "fit", &file, "--formula", "y ~ x + $"]);
    assert_eq!(run.status, 2, "{}", run.stderr);
    assert!(run.stderr.contains("character 9"), "{}", run.stderr);
    let run = diel(&["cohort", "fit", &file]);
    assert_eq!(run.status, 2, "{}", run.stderr);
    // What is long is not repeated.
    let long = format!("y ~ x{} + (1 | g)", " + x".repeat(2500));
    let deep = format!("y ~ {}x{} + (1 | g)", "(".repeat(4000), ")".repeat(4000));
    for (formula, part) in [
        (
            &long,
            "--formula: the formula has more than 10000 characters",
        ),
        (&deep, "more than 50 deep in each other"),
    ] {
        let run = diel(&["cohort", "fit", &file, "--formula", formula]);
        assert_eq!(run.status, 2, "{}", run.stderr);
        assert!(
            run.stderr.contains(part) && run.stderr.len() < 300,
            "{}",
            run.stderr
        );
    }
    let formula = "y ~ x + (1 | g)";
    let onto_itself = [
        "cohort",
        "fit",
        &file,
        "--formula",
        formula,
        "--modes",
        &file,
    ];
    let run = diel(&onto_itself);
    assert_eq!(run.status, 2, "{}", run.stderr);
    assert!(run.stderr.contains("overwrite"), "{}", run.stderr);
}

#[test]
fn limits_and_heavy_tails_are_not_fitted_together() {
    let censored = ROWS.replace("a,1,0,1.0", "a,1,0,<1.0");
    let arguments = ["--residual", "student-t"];
    let message = refusal(&censored, "y ~ x + (1 | g)", &arguments);
    assert!(message.contains("cannot be fitted together"), "{message}");
    let arguments = ["--residual", "student-t", "--df", "1"];
    let message = refusal(ROWS, "y ~ x + (1 | g)", &arguments);
    assert!(message.contains("df: 1 is not"), "{message}");
}

#[test]
fn derived_columns_need_good_rows() {
    let samples = "participant,day,minutes_since_awakening,cortisol_nmol_l\n\
        A,1,0,10\nA,1,30,14\nA,1,540,4\nA,2,0,9\nA,2,540,3\nB,1,0,8\nB,1,30,x\nB,1,540,5\nB,2,0,7\nB,2,540,3.5\n";
    let formula = "log(cortisol) ~ hours + car + (1 | participant)";
    let message = refusal(samples, formula, &[]);
    assert!(
        message.contains("1 of 10 rows refused") && message.contains("--partial"),
        "{message}"
    );
    let scratch = Scratch::new();
    let file = scratch.write("samples.csv", samples);
    let run = diel(&["cohort", "fit", &file, "--formula", formula, "--partial"]).done();
    let answer: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(answer["n_observations"], 9);
    assert_eq!(answer["rows_left_out"], 1);
}
