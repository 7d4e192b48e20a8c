//! `diel cohort fit`: predicted curves and the comparison with another model, beside R's.

use serde_json::Value;

use crate::cohort_fit::SMALL;
use crate::command::{Scratch, diel, number, records};

#[track_caller]
fn assert_near(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() < 1e-7 * expected.abs().max(1.0),
        "{found} is not {expected}"
    );
}

#[test]
fn a_curve_is_the_prediction_of_r() {
    let scratch = Scratch::new();
    let file = scratch.write("small.csv", SMALL);
    let out = scratch.path("curve.csv");
    // `scale` takes mean and standard deviation of the 18 rows, on the curve too.
    let formula = "y ~ scale(x) * f + I(x^2) + (1 | g)";
    let model = ["cohort", "fit", &file, "--formula", formula];
    let curve = [
        "--curve", &out, "--along", "x", "--at", "f=b", "--points", "3",
    ];
    let run = diel(&[&model[..], &curve[..]].concat()).done();
    assert!(
        run.stderr.contains("the curve holds f at b"),
        "{}",
        run.stderr
    );
    let points = records(&std::fs::read_to_string(&out).unwrap());
    assert_eq!(points.len(), 3);
    // R 4.2.2, lme4 1.1-31, polished: X b, sqrt(diag(X vcov X')), VarCorr.
    let expected = [
        (0.0, 1.780_010_284_56, 0.357_782_459_634),
        (1.0, 2.896_045_794_80, 0.360_344_196_347),
        (2.0, 3.880_010_284_56, 0.357_782_459_634),
    ];
    for (point, (x, mean, se)) in points.iter().zip(expected) {
        assert_eq!((point["along"].as_str(), number(point, "value")), ("x", x));
        assert_near(number(point, "mean"), mean);
        assert_near(number(point, "se"), se);
        let between = 0.821_760_147_163_f64;
        assert_near(number(point, "between_sd"), between);
        assert_near(number(point, "upper"), mean + 1.959_963_984_540_054 * se);
        let spread = between.hypot(se);
        assert_near(
            number(point, "group_lower"),
            mean - 1.959_963_984_540_054 * spread,
        );
    }
}

#[test]
fn what_is_no_curve_is_refused() {
    let scratch = Scratch::new();
    let file = scratch.write("small.csv", SMALL);
    let out = scratch.path("curve.csv");
    let formula = "log(y) ~ log(x + 1) * f + (1 | g)";
    let model = [
        "cohort",
        "fit",
        &file,
        "--formula",
        formula,
        "--curve",
        &out,
    ];
    let cases: [(&[&str], &str); 5] = [
        (
            &["--along", "y"],
            "no term of the right-hand side is made of `y`; they are made of f, x",
        ),
        (&["--along", "z"], "no column `z`"),
        (
            &["--along", "f"],
            "`f` holds labels such as `a` where a number is needed",
        ),
        (
            &["--along", "x", "--at", "f=c"],
            "`f` has no value on the curve",
        ),
        (
            &["--along", "x", "--at", "x2=1"],
            "no column `x2`; did you mean `x`?",
        ),
    ];
    for (arguments, part) in cases {
        let message = diel(&[&model[..], arguments].concat()).refused();
        assert!(message.contains(part), "{arguments:?}: {message}");
    }
    for wrong in [&["--along", "x", "--at", "f"][..], &[]] {
        let run = diel(&[&model[..], wrong].concat());
        assert_eq!(run.status, 2, "{}", run.stderr);
    }
}

#[test]
fn models_are_compared_as_by_anova() {
    let scratch = Scratch::new();
    let file = scratch.write("small.csv", SMALL);
    let against = |formula: &str, other: &str| {
        diel(&[
            "cohort",
            "fit",
            &file,
            "--formula",
            formula,
            "--against",
            other,
        ])
    };
    let (large, small) = ("y ~ x * f + (1 | g)", "y ~ x + (1 | g)");
    // R 4.2.2, lme4 1.1-31: anova(lmer(y ~ x * f + (1 | g)), lmer(y ~ x + (1 | g))). In either order.
    for (formula, other) in [(large, small), (small, large)] {
        let run = against(formula, other).done();
        let answer: Value = serde_json::from_str(&run.stdout).unwrap();
        // The answer itself stays what was asked for.
        assert_eq!(answer["criterion"], "REML");
        let test = &answer["against"];
        assert_eq!(test["formula"], other);
        assert_eq!(test["df"], 2);
        assert_near(test["chi_squared"].as_f64().unwrap(), 9.522_513_551_8);
        assert_near(test["p"].as_f64().unwrap(), 0.008_554_851_108);
    }
    // `w` misses a value where `y` has one: other rows.
    let message = against(large, "y ~ w + (1 | g)").refused();
    assert!(message.contains("other rows"), "{message}");
    let message = against(large, large).refused();
    assert!(message.contains("6 parameters"), "{message}");
}
