//! Persons summed up apart, and fitted: lme4's answers, the answers of a fit of all rows, and the same digits in any order.

use diel_core::formula::{BeyondLimits, Formula, MergeableModel, PrepareError};
use diel_core::frame::{Concentrations, Frame, FrameColumn, Labels};
use diel_core::mixed::Observed::{Below, Exactly};
use diel_core::mixed::{
    CrossProducts, CrossProductsError, DesignError, FitSettings, MixedFit, Residual,
    SummedFitError, fit,
};
use proptest::prelude::*;

use super::tables::{numbers, present, table};
use crate::assert_near;

const DAYS: &str = "log(cortisol) ~ hours + car + (hours | participant) + (1 | participant:day)";

/// A sample: day, hours since awakening, whether in the awakening response, nmol/L.
type Sample = (u32, f64, f64, f64);

fn frame(code: &str, samples: &[Sample]) -> Frame {
    let days: Vec<String> = samples.iter().map(|(day, ..)| day.to_string()).collect();
    let cortisol: Concentrations = samples.iter().map(|row| (row.3, Exactly)).collect();
    let mut frame = Frame::new(samples.len());
    let columns: [(&str, FrameColumn); 5] = [
        (
            "participant",
            Labels::from_texts(samples.iter().map(|_| Some(code))).into(),
        ),
        (
            "day",
            Labels::from_texts(days.iter().map(|day| Some(day.as_str()))).into(),
        ),
        (
            "hours",
            FrameColumn::numbers(samples.iter().map(|row| row.1).collect::<Vec<_>>()),
        ),
        (
            "car",
            FrameColumn::numbers(samples.iter().map(|row| row.2).collect::<Vec<_>>()),
        ),
        ("cortisol", cortisol.into()),
    ];
    for (name, column) in columns {
        frame.push(name, column).expect("a column");
    }
    frame
}

/// Persons whose levels and slopes differ, days that differ a little, from a generator worked by hand.
fn cohort(persons: u32) -> Vec<(String, Vec<Sample>)> {
    let mut state = 1_u64;
    let mut noise = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(state >> 33).expect("31 bits")) / f64::from(1_u32 << 31) - 0.5
    };
    (0..persons)
        .map(|person| {
            let (level, slope) = (0.8 * noise(), 0.06 * noise());
            let mut samples = Vec::new();
            for day in 0..3 {
                let of_day = 0.4 * noise();
                for (planned, car) in [(0.0, 0.0), (0.5, 1.0), (4.0, 0.0), (9.0, 0.0), (15.0, 0.0)]
                {
                    let hours: f64 = planned + 0.1 * (noise() + 0.5);
                    let ln = 2.5 + level + of_day + (slope - 0.12) * hours + 0.4 * car + noise();
                    samples.push((day, hours, car, ln.exp()));
                }
            }
            (format!("P-{person:03}"), samples)
        })
        .collect()
}

fn model(formula: &str) -> MergeableModel {
    MergeableModel::new(Formula::parse(formula).expect("a formula")).expect("a model")
}

fn summed(model: &MergeableModel, persons: &[(String, Vec<Sample>)]) -> MixedFit {
    let sums: Vec<(String, CrossProducts)> = persons
        .iter()
        .map(|(code, samples)| {
            let person = frame(code, samples);
            let sums = model.sums(&person, BeyondLimits::Refuse).expect("sums");
            (code.clone(), sums.sums)
        })
        .collect();
    let each = sums.iter().map(|(code, sums)| (code.as_str(), sums));
    model.fit(each, &FitSettings::default()).expect("a fit")
}

fn all_rows(formula: &str, persons: &[(String, Vec<Sample>)]) -> MixedFit {
    let rows: Vec<(&str, &Sample)> = persons
        .iter()
        .flat_map(|(code, samples)| samples.iter().map(move |sample| (code.as_str(), sample)))
        .collect();
    let samples: Vec<Sample> = rows.iter().map(|(_, sample)| **sample).collect();
    let of_one = frame("", &samples);
    let mut whole = Frame::new(rows.len());
    let codes = Labels::from_texts(rows.iter().map(|(code, _)| Some(*code)));
    whole.push("participant", codes.into()).expect("a column");
    for name in ["day", "hours", "car", "cortisol"] {
        let column = of_one.column(name).expect("a column").clone();
        whole.push(name, column).expect("a column");
    }
    let prepared = Formula::parse(formula).expect("a formula").design(&whole);
    fit(&prepared.expect("a design").design, &FitSettings::default()).expect("a fit")
}

/// Estimates agree in what a fit prints: a tenth of a millionth, standard deviations ten times that.
fn assert_same_model(sums: &MixedFit, rows: &MixedFit) {
    assert!(sums.optimizer.converged && rows.optimizer.converged);
    assert_eq!(sums.n_observations, rows.n_observations);
    assert_eq!(sums.groups, rows.groups);
    assert_near(sums.objective, rows.objective, 1e-8 * rows.objective.abs());
    assert_near(sums.residual_sd, rows.residual_sd, 1e-7);
    assert_eq!(sums.fixed.len(), rows.fixed.len());
    for (ours, theirs) in sums.fixed.iter().zip(&rows.fixed) {
        assert_eq!(ours.name, theirs.name);
        assert_near(ours.estimate, theirs.estimate, 1e-7);
        assert_near(ours.se, theirs.se, 1e-7);
        assert_near(ours.df, theirs.df, 1e-4 * theirs.df);
    }
    for (ours, theirs) in sums.random.iter().zip(&rows.random) {
        assert_eq!((&ours.group, &ours.terms), (&theirs.group, &theirs.terms));
        for (ours, theirs) in ours.sd.iter().zip(&theirs.sd) {
            assert_near(*ours, *theirs, 1e-6);
        }
    }
}

#[test]
fn sums_are_fitted_as_their_rows_are() {
    let persons = cohort(40);
    for formula in [
        DAYS,
        "log(cortisol) ~ hours * car + (1 | participant)",
        "log(cortisol) ~ 0 + hours + (1 + hours || participant)",
        "log(cortisol) ~ piecewise(hours, 0.5, 4) + (1 | participant:day)",
        "cortisol ~ hours + offset(2 * car) + (hours > 3) + (hours | participant)",
    ] {
        assert_same_model(
            &summed(&model(formula), &persons),
            &all_rows(formula, &persons),
        );
    }
}

#[test]
fn sleepstudy_is_lme4s() {
    if !present() {
        return;
    }
    let table = table("lme4_sleepstudy.csv");
    let (reaction, days) = (numbers(&table["Reaction"]), numbers(&table["Days"]));
    let mut persons: Vec<(String, Vec<Sample>)> = Vec::new();
    for (row, code) in table["Subject"].iter().enumerate() {
        if persons.last().is_none_or(|(last, _)| last != code) {
            persons.push((code.clone(), Vec::new()));
        }
        let (_, samples) = persons.last_mut().expect("a person");
        samples.push((0, days[row], 0.0, reaction[row]));
    }
    let fit = summed(&model("cortisol ~ hours + (hours | participant)"), &persons);
    // lme4's fit polished to the optimum, and lmerTest's df.
    assert_near(fit.objective, 1_743.628_272, 1e-6);
    let expected = [
        (251.405_105, 6.824_557, 17.0),
        (10.467_286, 1.545_789, 17.0),
    ];
    for (effect, (estimate, se, df)) in fit.fixed.iter().zip(expected) {
        assert_near(effect.estimate, estimate, 1e-6);
        assert_near(effect.se, se, 1e-6);
        assert_near(effect.df, df, 5e-3);
    }
    assert_near(fit.random[0].sd[0], 24.740_451, 1e-5);
    assert_near(fit.random[0].sd[1], 5.922_133, 1e-5);
    assert_near(fit.random[0].correlation[(0, 1)], 0.065_551_3, 1e-6);
    assert_near(fit.residual_sd, 25.591_816, 1e-5);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The order of a person's samples and days changes no digit of the sums.
    #[test]
    fn sums_do_not_depend_on_the_order_of_rows(order in Just((0..15_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let persons = cohort(2);
        let (code, samples) = &persons[1];
        let shuffled: Vec<Sample> = order.iter().map(|row| samples[*row]).collect();
        for formula in [DAYS, "log(cortisol) ~ hours + (hours | participant)"] {
            let model = model(formula);
            let of = |samples: &[Sample]| model.sums(&frame(code, samples), BeyondLimits::Refuse).expect("sums");
            prop_assert_eq!(of(&shuffled), of(samples));
        }
    }

    /// Sums about the means keep their digits far from zero: what is lost to the size of a column is lost in the rows.
    #[test]
    fn squares_do_not_depend_on_where_a_column_lies(shift in -1e6..1e6_f64) {
        let values: Vec<f64> = (0..9).map(|row| f64::from(row) + shift).collect();
        let mut sums = CrossProducts::new(1);
        sums.push(&[&values], &(0..9).collect::<Vec<_>>());
        // The squares of -4 to 4.
        prop_assert!((sums.products()[0] - 60.0).abs() < 1e-8);
    }
}

#[test]
fn what_only_all_rows_tell_is_refused() {
    let refused = |formula: &str| {
        MergeableModel::new(Formula::parse(formula).expect("a formula")).expect_err("no model")
    };
    for formula in [
        "log(cortisol) ~ I(scale(hours)) + (1 | participant)",
        "log(cortisol) ~ hours + sex + (1 | participant)",
        "log(cortisol) ~ factor(age_years) + (1 | participant)",
        "log(cortisol) ~ hours + (sex | participant)",
    ] {
        assert!(
            matches!(refused(formula), PrepareError::NotByRow { .. }),
            "{formula}"
        );
    }
    for formula in [
        "log(cortisol) ~ hours + (1 | group)",
        "log(cortisol) ~ hours + (1 | day)",
        "log(cortisol) ~ hours + (1 | participant) + (1 | participant:weekend)",
    ] {
        let error = refused(formula);
        assert!(
            matches!(error, PrepareError::NotWithinPerson { .. }),
            "{formula}: {error}"
        );
    }
    let unmixed = refused("log(cortisol) ~ hours");
    assert_eq!(unmixed, PrepareError::Design(DesignError::NoRandomTerm));
    assert!(
        MergeableModel::new(
            Formula::parse(r#"log(cortisol) ~ (sex == "female") + (1 | participant)"#)
                .expect("a formula")
        )
        .is_ok()
    );
}

#[test]
fn limits_are_refused_or_left_out_and_counted() {
    let mut person = frame("P-1", &cohort(1)[0].1);
    let mut values: Vec<_> = cohort(1)[0].1.iter().map(|row| (row.3, Exactly)).collect();
    values[3] = (0.5, Below);
    values[7] = (0.5, Below);
    let of_limits: Concentrations = values.into_iter().collect();
    let mut with_limits = Frame::new(15);
    for name in ["participant", "day", "hours", "car"] {
        let column = person.column(name).expect("a column").clone();
        with_limits.push(name, column).expect("a column");
    }
    with_limits
        .push("cortisol", of_limits.into())
        .expect("a column");
    person = with_limits;
    let model = model(DAYS);
    let refused = model
        .sums(&person, BeyondLimits::Refuse)
        .expect_err("a limit");
    let limit = 0.5_f64.ln();
    assert_eq!(
        refused,
        PrepareError::NotSummed {
            part: "log(cortisol)".to_owned(),
            row: 4,
            limit
        }
    );
    let sums = model.sums(&person, BeyondLimits::LeaveOut).expect("sums");
    assert_eq!((sums.beyond_limits, sums.sums.rows()), (2, 13));
    assert_eq!(sums.sums.groups(), 3);
}

#[test]
fn sums_that_make_no_fit() {
    let persons = cohort(6);
    let of = |formula: &str| {
        let model = model(formula);
        let each = persons.iter().map(|(code, samples)| {
            let person = frame(code, samples);
            (
                code.clone(),
                model
                    .sums(&person, BeyondLimits::Refuse)
                    .expect("sums")
                    .sums,
            )
        });
        (model.clone(), each.collect::<Vec<_>>())
    };
    let fit = |(model, sums): &(MergeableModel, Vec<(String, CrossProducts)>), settings| {
        model.fit(
            sums.iter().map(|(code, sums)| (code.as_str(), sums)),
            &settings,
        )
    };
    let doubled = of("log(cortisol) ~ hours + I(2 * hours) + (1 | participant)");
    assert_eq!(
        fit(&doubled, FitSettings::default()),
        Err(SummedFitError::Dependent)
    );
    let exact = of("hours ~ I(hours * 2) + (1 | participant)");
    assert_eq!(
        fit(&exact, FitSettings::default()),
        Err(SummedFitError::LittleLeft)
    );
    let days = of(DAYS);
    let heavy = FitSettings {
        residual: Residual::StudentT { df: 4.0 },
        ..FitSettings::default()
    };
    assert_eq!(fit(&days, heavy), Err(SummedFitError::Residual));
    let one = (days.0.clone(), days.1[..1].to_vec());
    let one_level = SummedFitError::Design(DesignError::OneLevel {
        group: "participant".to_owned(),
    });
    assert_eq!(fit(&one, FitSettings::default()), Err(one_level));
    let whole = (
        model("log(cortisol) ~ hours + car + (hours | participant)"),
        days.1.clone(),
    );
    assert_eq!(
        fit(&whole, FitSettings::default()),
        Err(SummedFitError::Groups {
            person: 0,
            groups: 3
        })
    );
    let nobody = (days.0, Vec::new());
    assert_eq!(
        fit(&nobody, FitSettings::default()),
        Err(SummedFitError::Design(DesignError::NoRows))
    );
}

#[test]
fn parts_that_are_no_sums_are_refused() {
    let of = |counts: &[u32], means: &[f64], products: &[f64]| {
        CrossProducts::from_parts(2, counts.to_vec(), means.to_vec(), products.to_vec())
    };
    assert!(of(&[3], &[1.0, 5.0], &[0.0, 0.0, 26.0]).is_ok());
    for (found, text) in [
        (
            of(&[3], &[1.0], &[0.0; 3]),
            "means has 1 numbers; 1 groups of 2 columns have 2",
        ),
        (
            of(&[0], &[1.0; 2], &[0.0; 3]),
            "the count of group 0 is 0; a group has rows",
        ),
        (
            of(&[3], &[1.0; 2], &[0.0, f64::NAN, 1.0]),
            "products 1 is NaN, which is not a finite number",
        ),
        (
            of(&[3], &[1.0; 2], &[0.0, 0.0, -1.0]),
            "products 2 is -1, which is not a sum of squares, 0 or more",
        ),
    ] {
        let error: CrossProductsError = found.expect_err("no sums");
        assert_eq!(error.to_string(), text);
    }
}
