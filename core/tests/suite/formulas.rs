//! Formulas: what is understood, and which columns they make, against R.

mod columns_of_r;

use diel_core::formula::{Formula, FormulaCause, FormulaError, PrepareError, Prepared};
use diel_core::frame::{Frame, FrameColumn, Labels};
use diel_core::mixed::DesignParts;
use proptest::prelude::*;

/// Eight rows with numbers `y`, `x`, `z` and labels `sample`, `sex`, `g`.
fn frame() -> Frame {
    frame_of(1)
}

/// The same rows several times.
fn frame_of(times: usize) -> Frame {
    let mut frame = Frame::new(8 * times);
    let numbers = |values: [f64; 8]| FrameColumn::numbers(values.repeat(times));
    let labels = |texts: [&str; 8]| {
        let texts = texts.repeat(times).into_iter().map(Some);
        FrameColumn::from(Labels::from_texts(texts))
    };
    let columns = [
        ("y", numbers([1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5])),
        ("x", numbers([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 9.0])),
        ("z", numbers([2.0, 1.0, 4.0, 3.0, 6.0, 5.0, 8.0, 7.0])),
        (
            "sample",
            labels(["S1", "S2", "S1", "S2", "S1", "S2", "S1", "S2"]),
        ),
        ("sex", labels(["b", "a", "c", "a", "b", "a", "c", "a"])),
        ("g", labels(["p", "p", "p", "q", "q", "r", "r", "r"])),
        ("day", numbers([1.0, 1.0, 2.0, 1.0, 2.0, 1.0, 1.0, 2.0])),
        ("only", labels(["k"; 8])),
        ("my x", numbers([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 9.0])),
    ];
    for (name, column) in columns {
        frame.push(name, column).unwrap();
    }
    frame
}

fn prepare(formula: &str) -> Result<Prepared, PrepareError> {
    Formula::parse(formula).unwrap().design(&frame())
}

fn parts(formula: &str) -> DesignParts {
    prepare(formula).unwrap().design.parts().clone()
}

fn refused(formula: &str) -> String {
    prepare(formula).unwrap_err().to_string()
}

fn unread(formula: &str) -> FormulaError {
    Formula::parse(formula).unwrap_err()
}

fn names(columns: &[diel_core::mixed::Column]) -> Vec<&str> {
    columns.iter().map(|column| column.name.as_str()).collect()
}

/// Every random term as `columns | group`.
fn random(formula: &str) -> Vec<String> {
    let prepared = Formula::parse(formula).unwrap().design(&frame_of(2));
    let prepared = prepared.unwrap();
    let parts = prepared.design.parts();
    let terms = parts.random.iter();
    terms
        .map(|term| {
            let columns = names(&term.columns).join(" + ");
            format!("{columns} | {}", parts.groupings[term.grouping].name)
        })
        .collect()
}

#[test]
fn backticks_stay_in_the_names() {
    // R 4.2: colnames(model.matrix(y ~ `my x` + sex:`my x`, d))
    let parts = parts("y ~ `my x` + sex:`my x` + (1 | g)");
    assert_eq!(
        names(&parts.fixed),
        ["(Intercept)", "`my x`", "`my x`:sexb", "`my x`:sexc"]
    );
}

#[test]
fn random_terms_expand_as_in_lme4() {
    assert_eq!(random("y ~ x + (x | g)"), ["(Intercept) + x | g"]);
    assert_eq!(random("y ~ x + (1 + x | g)"), ["(Intercept) + x | g"]);
    assert_eq!(random("y ~ x + (0 + x | g)"), ["x | g"]);
    assert_eq!(random("y ~ x + (x - 1 | g)"), ["x | g"]);
    assert_eq!(
        random("y ~ x + (x + z || g)"),
        ["(Intercept) | g", "x | g", "z | g"]
    );
    assert_eq!(
        random("y ~ (1 | g / day)"),
        ["(Intercept) | g", "(Intercept) | g:day"]
    );
    assert_eq!(
        random("y ~ (1 | g/day/sample)"),
        [
            "(Intercept) | g",
            "(Intercept) | g:day",
            "(Intercept) | g:day:sample"
        ]
    );
    assert_eq!(
        random("y ~ x + (x | g) + (1 | g:day)"),
        ["(Intercept) + x | g", "(Intercept) | g:day"]
    );
    assert_eq!(
        random("y ~ (sample | g)"),
        ["(Intercept) + sampleS2 | g"],
        "factors are coded by contrasts"
    );
    assert_eq!(random("y ~ (0 + sample | g)"), ["sampleS1 + sampleS2 | g"]);
    assert_eq!(
        random("y ~ (1 | factor(day))"),
        ["(Intercept) | factor(day)"]
    );
}

#[test]
fn combinations_of_groups_that_occur_are_levels() {
    let parts = parts("y ~ x + (1 | g) + (0 + x | g) + (1 | g:day)");
    assert_eq!(parts.groupings.len(), 2, "terms on one factor share it");
    assert_eq!(*parts.groupings[0].levels, ["p", "q", "r"]);
    assert_eq!(
        *parts.groupings[1].levels,
        ["p:1", "p:2", "q:1", "q:2", "r:1", "r:2"]
    );
    assert_eq!(*parts.groupings[1].codes, [0, 0, 1, 2, 3, 4, 4, 5]);
}

#[test]
fn equal_columns_are_kept_once() {
    let formula = Formula::parse("y ~ x + (x | g) + (x | g:day)").unwrap();
    let prepared = formula.design(&frame_of(2)).unwrap();
    let parts = prepared.design.parts();
    for term in &parts.random {
        for (fixed, random) in parts.fixed.iter().zip(&term.columns) {
            assert!(std::sync::Arc::ptr_eq(&fixed.values, &random.values));
        }
    }
}

#[test]
fn responses_are_computed_and_offsets_summed() {
    let found = parts("log(y * 2) ~ x + offset(z) + offset(log(x)) + (1 | g)");
    assert_eq!(found.response_name, "log(y * 2)");
    assert_eq!(found.response[0], 3f64.ln());
    assert_eq!(found.offset.unwrap()[1], 1.0 + 2f64.ln());
    assert_eq!(names(&found.fixed), ["(Intercept)", "x"]);
    assert_eq!(parts("-y^2 ~ (1 | g)").response[0], -2.25, "-y^2 is -(y^2)");
    assert_eq!(
        parts("2^y^0.5 ~ (1 | g)").response[0],
        2f64.powf(1.5f64.sqrt())
    );
    let formula = Formula::parse("y ~ x + (1 | g)").unwrap();
    let weighted = formula.weighted_design(&frame(), "z").unwrap();
    assert_eq!(weighted.design.parts().weights.as_ref().unwrap()[2], 4.0);
}

#[test]
fn places_of_errors_are_shown() {
    let error = unread("y ~ x + $z");
    assert_eq!(error.position(), Some(9));
    assert_eq!(
        error.to_string(),
        "character 9: `$` has no meaning in a formula\n  y ~ x + $z\n          ^"
    );
    let cases = [
        ("", "no response"),
        ("~ x", "no response"),
        ("y", "expected `~` after the response, found the end"),
        ("y ~", "expected a term, found the end"),
        ("y ~ x +", "expected a term, found the end"),
        ("y ~ (x", "expected `)` or an operator"),
        ("y ~ x)", "expected an operator or the end, found `)`"),
        ("y ~ x ~ z", "found `~`"),
        ("y ~ lgo(x)", "no function `lgo`; did you mean `log`?"),
        ("y ~ poly(x, 2)", "I(hours^2)"),
        ("y ~ ns(x, 3)", "piecewise"),
        ("y ~ log(x, base = 2)", "an argument without a name"),
        ("y ~ log()", "log takes a value"),
        ("y ~ log(x, 1)", "log takes a value"),
        ("y ~ piecewise(x, 2, 1)", "rising numbers"),
        ("y ~ \"x", "is not closed"),
        ("y ~ `x", "is not closed"),
        ("y ~ 1e999", "is not a number"),
        ("y ~ 2x", "is not a number"),
        ("y ~ x == 1 == 0", "one comparison"),
        ("y ~ .", "name the columns"),
        ("y ~ x * 2", "`2` is not a term"),
        ("y ~ x * 1", "`1` is not a term"),
        ("y ~ 3 + x", "`3` is not a term"),
        ("y ~ \"a\"", "is not a term"),
        ("y ~ x^z", "exponent"),
        ("y ~ x^0.5", "exponent"),
        ("y ~ x | g", "must stand in parentheses and be added"),
        ("y ~ x * (1 | g)", "must stand in parentheses and be added"),
        ("y ~ x - (1 | g)", "must stand in parentheses and be added"),
        (
            "y ~ ((1 | g) + x)",
            "must stand in parentheses and be added",
        ),
        ("y ~ (0 | g)", "nothing that varies"),
        ("y ~ (1 | g + day)", "not a grouping factor"),
        ("y ~ (1 | 1)", "not a grouping factor"),
        ("y ~ (1 | (g / day):x)", "not a grouping factor"),
        ("y ~ x * offset(z)", "must be added"),
        ("y ~ (offset(x) | g)", "must be added"),
        ("y ~ x + y + (1 | g)", "cannot explain itself"),
    ];
    for (formula, part) in cases {
        let message = unread(formula).to_string();
        assert!(message.contains(part), "{formula}: {message}");
    }
}

#[test]
fn texts_without_end_are_refused() {
    let long = format!("y ~ {}", "x + ".repeat(3000));
    assert!(matches!(
        unread(&long).cause(),
        FormulaCause::TooLong { .. }
    ));
    for deep in [
        format!("y ~ {}", "(".repeat(5000)),
        format!("y ~ {}", "-".repeat(5000)),
        format!("y ~ {}", "I(".repeat(3000)),
        format!("y ~ {}x", "x + ".repeat(2000)),
        format!("y ~ {}x", "x^".repeat(2000)),
    ] {
        assert!(matches!(
            unread(&deep).cause(),
            FormulaCause::TooDeep { .. }
        ));
    }
    let names: Vec<String> = (0..150).map(|number| format!("v{number}")).collect();
    let many = format!("y ~ {}", names.join("+"));
    assert!(matches!(
        unread(&many).cause(),
        FormulaCause::TooManyVariables { .. }
    ));
    let product = format!("y ~ {}", names[..20].join("*"));
    assert!(matches!(
        unread(&product).cause(),
        FormulaCause::TooManyTerms { .. }
    ));
    let power = format!("y ~ ({})^1e300", names[..12].join("+"));
    assert!(matches!(
        unread(&power).cause(),
        FormulaCause::TooManyTerms { .. }
    ));
    assert!(Formula::parse("y ~ (a + b + c)^1e300 + (1 | g)").is_ok());
}

#[test]
fn what_does_not_fit_the_table_is_named() {
    let cases = [
        ("y ~ xx + (1 | g)", "no column `xx`; did you mean `x`?"),
        ("y ~ x + (1 | gg)", "no column `gg`; did you mean `g`?"),
        ("y ~ x", "no random term"),
        ("y ~ x + (1 | only)", "one level only"),
        (
            "sex ~ x + (1 | g)",
            "the response `sex` is not a column of numbers",
        ),
        ("log(sex) ~ x + (1 | g)", "`sex` holds labels such as `b`"),
        ("y ~ I(sex + 1) + (1 | g)", "`sex` holds labels such as `b`"),
        (
            "y ~ only + (1 | g)",
            "the factor `only` has one level only, `k`",
        ),
        (
            "y ~ log(x - 3) + (1 | g)",
            "`log(x - 3)`: -2 in row 1 is not more than 0",
        ),
        ("log(y - 4.5) ~ x + (1 | g)", "row 1 is not more than 0"),
        ("sqrt(y - 4) ~ x + (1 | g)", "row 1 is not 0 or more"),
        ("y ~ I(1/(x - 2)) + (1 | g)", "`1/(x - 2)` is inf in row 2"),
        ("y ~ exp(exp(x)) + (1 | g)", "is inf in row 7"),
        ("I(x * 0) ~ x + (1 | g)", "all responses are 0"),
        ("y ~ (sex || g)", "`sex` is a factor"),
        ("y ~ I(x > 3) + (I(x > 3) || g)", "is a factor"),
        (
            "y ~ (sex < 2) + (1 | g)",
            "compares what cannot be compared",
        ),
        (
            "y ~ (x == \"a\") + (1 | g)",
            "compares what cannot be compared",
        ),
        ("y ~ I(x + \"a\") + (1 | g)", "can only be compared with"),
        ("y ~ I(x:z) + (1 | g)", "cannot be computed"),
        ("y ~ I(piecewise(x, 2) + 1) + (1 | g)", "several columns"),
        ("y ~ 0 + (1 | g)", "no fixed effect"),
        (
            "y ~ sex * sample * x + (1 | g)",
            "12 columns for 8 complete rows",
        ),
        ("y ~ (1 | factor(x))", "8 levels for 8 rows"),
    ];
    for (formula, part) in cases {
        let message = refused(formula);
        assert!(message.contains(part), "{formula}: {message}");
    }
    let formula = Formula::parse("y ~ x + (1 | g)").unwrap();
    let weighted = |column: &str| formula.weighted_design(&frame(), column).unwrap_err();
    assert!(weighted("w").to_string().contains("no column `w`"));
    assert!(weighted("sex").to_string().contains("holds labels"));
    assert!(matches!(
        formula.design(&Frame::new(0)),
        Err(PrepareError::Empty)
    ));
}

#[test]
fn columns_are_counted_before_they_are_made() {
    let rows = 3000;
    let mut frame = Frame::new(rows);
    let texts: Vec<String> = (0..rows).map(|row| format!("l{}", row % 1400)).collect();
    let labels = Labels::from_texts(texts.iter().map(|text| Some(text.as_str())));
    let numbers: Vec<f64> = (0..rows).map(|row| row as f64).collect();
    frame.push("f", labels.clone().into()).unwrap();
    frame.push("h", labels.into()).unwrap();
    frame.push("y", FrameColumn::numbers(numbers)).unwrap();
    let design = |text: &str| Formula::parse(text).unwrap().design(&frame);
    assert!(matches!(
        design("y ~ f + (1 | h)"),
        Err(PrepareError::TooManyColumns { columns: 1401, .. })
    ));
    assert!(matches!(
        design("y ~ f * h + (1 | h)"),
        Err(PrepareError::MoreColumnsThanRows { .. })
    ));
}

#[test]
fn columns_that_only_tell_groups_apart_are_known() {
    let formula = Formula::parse("log(y) ~ x + day + (x | g) + (1 | g:day)").unwrap();
    assert_eq!(
        formula.columns().collect::<Vec<_>>(),
        ["day", "g", "x", "y"]
    );
    assert_eq!(formula.grouping_columns().collect::<Vec<_>>(), ["g"]);
}

#[test]
fn printed_as_r_prints() {
    // R 4.2: deparse
    let text = "log(y)~x*I(x^2)+(a-b)/c:d%in%e-1+(sample=='S2')+pmin(x,100000)+(0+`my x`||s/d)+-z";
    let printed = "log(y) ~ x * I(x^2) + (a - b)/c:d %in% e - 1 + (sample == \"S2\") + pmin(x, 1e+05) + \
                   (0 + `my x` || s/d) + -z";
    let formula = Formula::parse(text).unwrap();
    assert_eq!(formula.to_string(), printed);
    assert_eq!(Formula::parse(printed).unwrap(), formula);
}

/// Texts that are often formulas.
fn formula_like() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "x",
        "y",
        "z",
        "g",
        "day",
        "sex",
        "`my x`",
        "1",
        "0",
        "2",
        "0.5",
        "+",
        "-",
        "*",
        "/",
        "^",
        ":",
        "|",
        "||",
        "(",
        ")",
        "~",
        "==",
        "<",
        "%in%",
        "log(",
        "I(",
        "sqrt(",
        "factor(",
        "scale(",
        "piecewise(",
        "offset(",
        ",",
        "\"S2\"",
        "(1 | g)",
        "(x | g)",
        " ",
    ]);
    let pieces = prop::collection::vec(piece, 0..14);
    pieces.prop_map(|pieces| format!("y ~ x + (1 | g){}", pieces.concat()))
}

proptest! {
    #[test]
    fn any_text_is_a_formula_or_an_error(text in ".{0,60}") {
        if let Err(error) = Formula::parse(&text) {
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn what_is_read_is_printed_and_read_again(text in formula_like()) {
        if let Ok(formula) = Formula::parse(&text) {
            let again = Formula::parse(&formula.to_string());
            prop_assert_eq!(again.as_ref(), Ok(&formula));
            if let Ok(prepared) = formula.design(&frame()) {
                let parts = prepared.design.parts();
                prop_assert!(parts.fixed.iter().all(|column| column.values.len() == 8));
                prop_assert!(parts.fixed.len() < 8);
            }
        }
    }
}
