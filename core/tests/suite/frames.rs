//! Tables: missing and censored values on their way into a design, and tables of analysed persons.

use diel_core::formula::{Formula, MissingValues, PrepareError, Prepared};
use diel_core::frame::{
    CohortFrameBuilder, CohortMember, Concentrations, Frame, FrameColumn, FrameError, Labels,
    cohort_frame,
};
use diel_core::mixed::Observed::{Above, Below, Exactly};
use diel_core::{
    AgeYears, Condition, Conditions, Level, MissingReason, Person, Policy, Profile, SamplingDay,
    profile,
};

use super::{above, below, exact};

const NONE: f64 = f64::NAN;

fn frame(columns: Vec<(&str, FrameColumn)>) -> Frame {
    let mut frame = Frame::new(columns[0].1.rows());
    for (name, column) in columns {
        frame.push(name, column).unwrap();
    }
    frame
}

fn groups(texts: &[&str]) -> FrameColumn {
    Labels::from_texts(texts.iter().map(|text| (!text.is_empty()).then_some(*text))).into()
}

fn design(formula: &str, frame: &Frame) -> Result<Prepared, PrepareError> {
    Formula::parse(formula).unwrap().design(frame)
}

/// Six samples of three persons, one below and one above a limit.
fn censored() -> Frame {
    let cortisol: Concentrations = [
        (8.0, Exactly),
        (0.5, Below),
        (9.0, Exactly),
        (2.0, Exactly),
        (82.0, Above),
        (1.0, Exactly),
    ]
    .into_iter()
    .collect();
    frame(vec![
        ("cortisol", cortisol.into()),
        (
            "hours",
            FrameColumn::numbers(vec![0.0, 9.0, 0.0, 9.0, 0.0, 9.0]),
        ),
        ("subject", groups(&["a", "a", "b", "b", "c", "c"])),
    ])
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    let mut frame = Frame::new(2);
    frame
        .push("a", FrameColumn::numbers(vec![1.0, NONE]))
        .unwrap();
    assert!(matches!(
        frame.push("a", FrameColumn::numbers(vec![1.0, 2.0])),
        Err(FrameError::Twice { .. })
    ));
    assert!(matches!(
        frame.push("b", FrameColumn::numbers(vec![1.0])),
        Err(FrameError::Rows {
            found: 1,
            expected: 2,
            ..
        })
    ));
    assert!(matches!(
        frame.push("c", FrameColumn::numbers(vec![1.0, f64::NEG_INFINITY])),
        Err(FrameError::Infinite { row: 2, .. })
    ));
    assert_eq!(frame.names().collect::<Vec<_>>(), ["a"]);
}

#[test]
fn rows_with_missing_values_are_left_out_and_counted() {
    let frame = frame(vec![
        (
            "y",
            FrameColumn::numbers(vec![1.0, 2.0, NONE, 4.0, 5.0, 7.0, 9.0]),
        ),
        (
            "x",
            FrameColumn::numbers(vec![NONE, 1.0, NONE, 2.0, 3.0, 5.0, 4.0]),
        ),
        ("unused", FrameColumn::numbers(vec![NONE; 7])),
        ("g", groups(&["a", "a", "b", "", "b", "b", "a"])),
        ("f", groups(&["z", "u", "u", "u", "v", "v", "u"])),
    ]);
    let prepared = design("y ~ x + f + (1 | g)", &frame).unwrap();
    let missing = |column: &str, rows| MissingValues {
        column: column.to_owned(),
        rows,
    };
    assert_eq!(prepared.rows_left_out, 3);
    assert_eq!(
        prepared.missing,
        [missing("g", 1), missing("x", 2), missing("y", 1)]
    );
    assert_eq!(prepared.rows, Some(vec![2, 5, 6, 7]));
    let parts = prepared.design.parts();
    assert_eq!(parts.response, [2.0, 5.0, 7.0, 9.0]);
    assert_eq!(
        parts.fixed[2].name, "fv",
        "the level z is in no complete row"
    );
    assert_eq!(*parts.fixed[2].values, [0.0, 1.0, 1.0, 0.0]);
    assert_eq!(*parts.groupings[0].codes, [0, 1, 1, 0]);
}

#[test]
fn scale_uses_all_values_that_are_there_as_r_does() {
    let frame = frame(vec![
        ("y", FrameColumn::numbers(vec![1.0, 2.0, 4.0, NONE])),
        ("x", FrameColumn::numbers(vec![1.0, 2.0, 3.0, 10.0])),
        ("g", groups(&["a", "a", "b", "b"])),
    ]);
    let prepared = design("y ~ scale(x) + (1 | g)", &frame).unwrap();
    // R 4.2: scale(c(1, 2, 3, 10))[1:3], and model.matrix after na.omit has these rows.
    let expected = [
        -0.734_846_922_834_953,
        -0.489_897_948_556_636,
        -0.244_948_974_278_318,
    ];
    for (found, expected) in prepared.design.parts().fixed[1].values.iter().zip(expected) {
        super::assert_near(*found, expected, 1e-14);
    }
}

#[test]
fn a_row_without_any_variable_is_no_row() {
    let frame = frame(vec![
        ("y", FrameColumn::numbers(vec![1.0, NONE])),
        ("g", groups(&["", "b"])),
    ]);
    let message = design("y ~ (1 | g)", &frame).unwrap_err().to_string();
    assert!(
        message.contains("none of the 2 rows") && message.contains("1 in `g`, 1 in `y`"),
        "{message}"
    );
}

#[test]
fn a_value_out_of_the_domain_in_a_row_that_is_left_out_is_no_error() {
    let frame = frame(vec![
        ("y", FrameColumn::numbers(vec![0.0, 2.0, 4.0, 5.0])),
        ("x", FrameColumn::numbers(vec![NONE, 2.0, 3.0, 10.0])),
        ("g", groups(&["a", "a", "b", "b"])),
    ]);
    let prepared = design("log(y) ~ x + (1 | g)", &frame).unwrap();
    assert_eq!(prepared.design.parts().response[0], 2f64.ln());
    let message = design("log(y) ~ (1 | g)", &frame).unwrap_err().to_string();
    assert!(message.contains("`log(y)`: 0 in row 1"), "{message}");
}

#[test]
fn a_censored_response_stays_censored() {
    let observed = [Exactly, Below, Exactly, Exactly, Above, Exactly];
    for (response, limit) in [
        ("log(cortisol)", 0.5f64.ln()),
        ("log10(cortisol)", 0.5f64.log10()),
        ("log2(cortisol)", -1.0),
        ("log(cortisol, 2)", -1.0),
        ("sqrt(cortisol)", 0.5f64.sqrt()),
        ("cortisol", 0.5),
        ("log(I(2 * cortisol) / 4)", 0.25f64.ln()),
    ] {
        let formula = format!("{response} ~ hours + (1 | subject)");
        let prepared = design(&formula, &censored()).unwrap();
        let parts = prepared.design.parts();
        assert_eq!(
            parts.observed.as_deref(),
            Some(observed.as_slice()),
            "{response}"
        );
        super::assert_near(parts.response[1], limit, 1e-15);
    }
}

#[test]
fn elsewhere_a_censored_value_is_refused() {
    for formula in [
        "cortisol + 1 ~ hours + (1 | subject)",
        "-cortisol ~ hours + (1 | subject)",
        "log(cortisol, 0.5) ~ hours + (1 | subject)",
        "exp(cortisol) ~ hours + (1 | subject)",
        "1/cortisol ~ hours + (1 | subject)",
        "hours ~ cortisol + (1 | subject)",
        "hours ~ log(cortisol) + (1 | subject)",
        "hours ~ (cortisol > 1) + (1 | subject)",
        "hours ~ 1 + (cortisol | subject)",
        "hours ~ factor(cortisol) + (1 | subject)",
    ] {
        let message = design(formula, &censored()).unwrap_err().to_string();
        assert!(
            message.contains("row 2 is known only as beyond the limit"),
            "{formula}: {message}"
        );
    }
}

#[test]
fn concentrations_without_limits_are_numbers() {
    let values = [2.0, 4.0, 8.0, 3.0].map(|value| (value, Exactly));
    let frame = frame(vec![
        ("c", values.into_iter().collect::<Concentrations>().into()),
        ("g", groups(&["a", "a", "b", "b"])),
    ]);
    let prepared = design("c + 1 ~ (1 | g)", &frame).unwrap();
    assert_eq!(prepared.design.parts().observed, None);
    let mut all_below = Frame::new(4);
    let limits = [(0.5, Below); 4];
    let column: Concentrations = limits.into_iter().collect();
    all_below.push("c", column.into()).unwrap();
    all_below.push("g", groups(&["a", "a", "b", "b"])).unwrap();
    let message = design("log(c) ~ (1 | g)", &all_below)
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("every response is beyond a limit"),
        "{message}"
    );
}

fn day(samples: &[(f64, Level)], person: &Person) -> Profile {
    profile(super::day_of(samples), person, &Policy::default())
}

#[test]
fn a_table_of_persons_has_a_row_a_usable_sample() {
    let mut conditions = Conditions::EMPTY;
    conditions.insert(Condition::Pregnancy);
    let person = Person {
        age: Some(AgeYears::new(31.0).unwrap()),
        conditions,
        ..Person::default()
    };
    let first = day(
        &[
            (0.0, exact(9.0)),
            (10.0 / 60.0, exact(11.0)),
            (0.5, exact(14.0)),
            (1.0, exact(12.0)),
            (4.0, exact(0.0)),
            (5.0, exact(75.0)),
            (6.0, Level::Missing(MissingReason::NoSample)),
            (9.0, below(0.5)),
            (10.0, above(40.0)),
        ],
        &person,
    );
    let saturday = jiff::civil::date(2026, 11, 21);
    let second = SamplingDay::from_hours(Some(saturday), [(0.0, exact(8.0), None)]);
    let second = profile(second, &person, &Policy::default());
    let member = CohortMember {
        participant: "P1",
        person,
        group: Some("control"),
        sex: None,
    };
    let frame = cohort_frame([(member, [first, second].as_slice())], &Policy::default());
    // Left out: 0 nmol/L, 75 nmol/L (implausible), the missing one.
    assert_eq!(frame.rows(), 7);
    let numbers = |name: &str| match frame.column(name).unwrap() {
        FrameColumn::Numbers(values) => values.to_vec(),
        other => panic!("{other:?}"),
    };
    let labels = |name: &str| match frame.column(name).unwrap() {
        FrameColumn::Labels(labels) => labels.clone(),
        other => panic!("{other:?}"),
    };
    // A sample at 10 min is within the latent period; one at 60 min is the last of the response.
    assert_eq!(numbers("car"), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
    assert_eq!(numbers("hours")[4..], [9.0, 10.0, 0.0]);
    assert_eq!(numbers("pregnancy"), [1.0; 7]);
    assert_eq!(numbers("travel"), [0.0; 7]);
    assert_eq!(numbers("age_years"), [31.0; 7]);
    assert_eq!(
        numbers("valid_day"),
        [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0],
        "the second day has one sample"
    );
    assert_eq!(numbers("weekend")[6], 1.0);
    assert!(numbers("weekend")[0].is_nan(), "a day without a date");
    assert_eq!(labels("day").levels(), ["1", "2026-11-21"]);
    assert_eq!(labels("participant").levels(), ["P1"]);
    assert_eq!(labels("group").levels(), ["control"]);
    assert_eq!(frame.column("sex").unwrap().missing(), 7);
    let Some(FrameColumn::Concentrations(cortisol)) = frame.column("cortisol") else {
        panic!("cortisol is measured");
    };
    assert_eq!(
        **cortisol.observed(),
        [Exactly, Exactly, Exactly, Exactly, Below, Above, Exactly]
    );
    assert_eq!(**cortisol.values(), [9.0, 11.0, 14.0, 12.0, 0.5, 40.0, 8.0]);
}

#[test]
fn rows_find_their_way_back_to_their_samples() {
    let person = Person::default();
    let samples = [(9.0, exact(2.0)), (0.0, exact(9.0)), (12.0, exact(75.0))];
    let days = [day(&samples, &person)];
    let member = CohortMember {
        participant: "P1",
        person,
        group: None,
        sex: None,
    };
    let mut builder = CohortFrameBuilder::with_unusable();
    let labelled = days.iter().map(|day| (Some("Mon"), day));
    builder.add(&member, labelled, &Policy::default());
    let (frame, positions) = builder.finish_with_positions();
    assert_eq!(
        positions,
        [1, 0, 2],
        "by time, and the first sample was given last"
    );
    let scattered = frame.scattered(4, &positions);
    let Some(FrameColumn::Numbers(hours)) = scattered.column("hours") else {
        panic!("hours are numbers");
    };
    assert_eq!(hours[..3], [9.0, 0.0, 12.0]);
    assert_eq!(scattered.column("day").unwrap().missing(), 1);
    let cortisol = scattered.column("cortisol").unwrap();
    assert_eq!(cortisol.missing(), 2, "75 nmol/L is implausible");
}
