//! Intervals and tests beside lme4's.

use diel_core::mixed::{
    ComparisonError, Criterion, Design, FitError, FitSettings, MixedFit, RandomTerm, Residual, fit,
    likelihood_ratio, profile_intervals,
};

use super::tables::{column, design, grouping, intercept, numbers, present, table};
use crate::assert_near;

fn sleepstudy(fixed: usize, correlated: bool) -> Design {
    let table = table("lme4_sleepstudy.csv");
    let response = numbers(&table["Reaction"]);
    let (one, days) = (
        intercept(response.len()),
        column("Days", &numbers(&table["Days"])),
    );
    let random = if correlated {
        vec![(0, vec![one.clone(), days.clone()])]
    } else {
        vec![(0, vec![one.clone()]), (0, vec![days.clone()])]
    };
    let columns = [one, days].into_iter().take(fixed).collect();
    design(
        response,
        columns,
        vec![grouping("Subject", &table["Subject"])],
        random,
    )
}

fn fitted(design: &Design, criterion: Criterion) -> MixedFit {
    let settings = FitSettings {
        criterion,
        ..FitSettings::default()
    };
    fit(design, &settings).expect("a fit")
}

fn assert_profile(design: &Design, expected: &[(&str, f64, f64)]) {
    let intervals = profile_intervals(design, &fitted(design, Criterion::Ml)).expect("profiles");
    assert_eq!(intervals.len(), expected.len());
    for (interval, (parameter, lower, upper)) in intervals.iter().zip(expected) {
        assert_eq!(interval.parameter, *parameter);
        // lme4 interpolates its profiles by splines; it keeps about four digits of an end.
        for (found, expected) in [(interval.lower, lower), (interval.upper, upper)] {
            let found = found.unwrap_or_else(|| panic!("{parameter} has no end"));
            assert_near(found, *expected, 2e-4 * expected.abs().max(1e-3));
        }
    }
}

#[test]
fn profiles_equal_lme4s() {
    if !present() {
        return;
    }
    // R 4.2.2, lme4 1.1-31: confint(lmer(..., REML = FALSE), oldNames = FALSE).
    assert_profile(
        &sleepstudy(2, true),
        &[
            ("sd_(Intercept)|Subject", 14.381_434_354, 37.716_012_146),
            ("sd_Days|Subject", 3.801_164_738, 8.753_366_735),
            ("sigma", 22.898_266_215, 28.857_997_323),
            ("(Intercept)", 237.680_695_469, 265.129_514_692),
            ("Days", 7.358_653_295, 13.575_918_741),
        ],
    );
    assert_profile(
        &sleepstudy(2, false),
        &[
            ("sd_(Intercept)|Subject", 15.258_646_166, 37.786_463_942),
            ("sd_Days|Subject", 3.964_074_373, 8.769_160_430),
            ("sigma", 22.880_554_680, 28.787_597_556),
            ("(Intercept)", 237.572_148_000, 265.238_061_768),
            ("Days", 7.334_066_827, 13.600_505_109),
        ],
    );
}

#[test]
fn a_variance_that_may_be_zero_has_an_interval_from_zero() {
    if !present() {
        return;
    }
    let table = table("lme4_Pastes.csv");
    let response = numbers(&table["strength"]);
    let cask: Vec<String> = table["batch"]
        .iter()
        .zip(&table["cask"])
        .map(|(batch, cask)| format!("{cask}:{batch}"))
        .collect();
    let one = intercept(response.len());
    let pastes = design(
        response,
        vec![one.clone()],
        vec![
            grouping("cask:batch", &cask),
            grouping("batch", &table["batch"]),
        ],
        vec![(0, vec![one.clone()]), (1, vec![one])],
    );
    // R 4.2.2, lme4 1.1-31: confint(lmer(strength ~ 1 + (1 | batch/cask), REML = FALSE), oldNames = FALSE).
    assert_profile(
        &pastes,
        &[
            ("sd_(Intercept)|cask:batch", 2.157_933_738, 4.053_588_799),
            ("sd_(Intercept)|batch", 0.0, 2.946_591_263),
            ("sigma", 0.652_023_356, 1.085_448_090),
            ("(Intercept)", 58.663_650_379, 61.443_016_369),
        ],
    );
}

#[test]
fn likelihood_ratios_equal_lme4s() {
    if !present() {
        return;
    }
    let large = fitted(&sleepstudy(2, true), Criterion::Ml);
    // R 4.2.2: anova(m2, m), anova(m0, m), AIC(m), BIC(m).
    let of_correlation =
        likelihood_ratio(&fitted(&sleepstudy(2, false), Criterion::Ml), &large).expect("nested");
    assert_near(of_correlation.chi_squared, 0.063_91, 5e-6);
    assert_near(of_correlation.p, 0.800_42, 5e-6);
    let of_days =
        likelihood_ratio(&large, &fitted(&sleepstudy(1, true), Criterion::Ml)).expect("nested");
    assert_eq!(of_days.df, 1);
    assert_near(of_days.chi_squared, 23.536_54, 5e-6);
    assert_near(of_days.p, 1.2256e-6, 5e-11);
    assert_near(large.aic(), 1_763.939_344_49, 1e-6);
    assert_near(large.bic(), 1_783.097_085_59, 1e-6);
}

#[test]
fn fits_that_cannot_be_compared_say_why() {
    if !present() {
        return;
    }
    let large = fitted(&sleepstudy(2, true), Criterion::Reml);
    let other = fitted(&sleepstudy(1, true), Criterion::Reml);
    assert_eq!(
        likelihood_ratio(&large, &other),
        Err(ComparisonError::RestrictedLikelihoods)
    );
    let ml = fitted(&sleepstudy(2, true), Criterion::Ml);
    assert_eq!(
        likelihood_ratio(&large, &ml),
        Err(ComparisonError::OtherCriterion)
    );
    assert_eq!(
        likelihood_ratio(&ml, &ml),
        Err(ComparisonError::NotNested(6))
    );
    let heavy = FitSettings {
        residual: Residual::StudentT { df: 5.0 },
        ..FitSettings::default()
    };
    let heavy = fit(&sleepstudy(2, true), &heavy).expect("a fit");
    assert_eq!(heavy.criterion, Criterion::Ml);
    assert_eq!(
        likelihood_ratio(&heavy, &ml),
        Err(ComparisonError::OtherResidual)
    );
    assert_eq!(
        profile_intervals(&sleepstudy(2, true), &heavy),
        Err(FitError::NoProfile)
    );
}

#[test]
fn curves_and_correlations_follow_from_the_parameters() {
    if !present() {
        return;
    }
    let found = fitted(&sleepstudy(2, true), Criterion::Reml);
    let at = found.predict(&[("Days", 4.0)]);
    // 251.4051 + 4 x 10.46729; variance from lme4's vcov: 46.57457 + 16 x 2.389463 - 8 x 1.451096.
    assert_near(at.mean, 293.274_248_7, 1e-6);
    assert_near(
        at.se,
        (46.574_571_9_f64 + 16.0 * 2.389_463_31 - 8.0 * 1.451_095_71).sqrt(),
        1e-5,
    );
    // 612.0899 + 16 x 35.07166 + 8 x 9.604333.
    assert_near(
        at.between_sd,
        (612.089_94_f64 + 16.0 * 35.071_66 + 8.0 * 9.604_333).sqrt(),
        1e-3,
    );
    let [(group, icc)] = found
        .intraclass_correlations()
        .try_into()
        .expect("one factor");
    assert_eq!(group, "Subject");
    // 612.0899 / (612.0899 + 654.9410).
    assert_near(icc, 0.483_09, 1e-5);
}

/// Persons who do not differ: the variance between them is zero, and that is an answer.
#[test]
fn a_variance_of_zero_is_an_answer() {
    // Ten persons with the same four numbers each.
    let response: Vec<f64> = (0..40)
        .map(|row| f64::from([3, -1, 0, 2][row % 4]))
        .collect();
    let cells: Vec<String> = (0..40).map(|row| format!("P{}", row / 4)).collect();
    let one = intercept(40);
    let found = fitted(
        &design(
            response,
            vec![one.clone()],
            vec![grouping("person", &cells)],
            vec![(0, vec![one])],
        ),
        Criterion::Reml,
    );
    assert!(found.singular && found.optimizer.converged);
    assert_eq!(found.random[0].sd, [0.0]);
    // The mean and its standard error are those of forty independent numbers: mean 1, variance 2.5 x 40/39.
    assert_near(found.fixed[0].estimate, 1.0, 1e-12);
    assert_near(found.fixed[0].se, (2.5_f64 / 39.0).sqrt(), 1e-9);
    assert_near(found.residual_sd, (2.5_f64 * 40.0 / 39.0).sqrt(), 1e-9);
}

#[test]
fn combinations_of_columns_are_dropped_by_name() {
    if !present() {
        return;
    }
    let design = sleepstudy(2, true);
    let mut parts = design.parts().clone();
    let days = parts.fixed[1].values.clone();
    let twice: Vec<f64> = days.iter().map(|days| 3.0 - 2.0 * days).collect();
    parts.fixed.insert(1, column("again", &twice));
    let with = fitted(&Design::new(parts).expect("a design"), Criterion::Reml);
    assert_eq!(with.dropped, ["Days"]);
    let without = fitted(&design, Criterion::Reml);
    assert_near(
        with.fixed[1].estimate,
        -0.5 * without.fixed[1].estimate,
        1e-9,
    );
    // REML knows the scale of a column: log|X'X| changes by 2 log 2.
    assert_near(with.objective, without.objective + 2.0 * 2_f64.ln(), 1e-7);
}

#[test]
fn groups_that_cross_are_refused_by_name() {
    let cells = |by: usize| {
        (0..24)
            .map(|row| format!("L{}", (row / by) % 4))
            .collect::<Vec<_>>()
    };
    let response: Vec<f64> = (0..24).map(|row| f64::from(row * row % 17)).collect();
    let one = intercept(24);
    let crossed = design(
        response,
        vec![one.clone()],
        vec![grouping("person", &cells(6)), grouping("plate", &cells(1))],
        vec![(0, vec![one.clone()]), (1, vec![one])],
    );
    let error = fit(&crossed, &FitSettings::default()).expect_err("crossed groups");
    assert_eq!(
        error.to_string(),
        "grouping factors person and plate cross; only nested groups can be fitted"
    );
}

#[test]
fn a_response_without_remainder_and_too_few_rows_are_refused() {
    let cells: Vec<String> = (0..12).map(|row| format!("P{}", row / 4)).collect();
    let hours: Vec<f64> = (0..12).map(|row| f64::from(row % 4)).collect();
    let straight = hours.iter().map(|hours| 2.0 - 0.5 * hours).collect();
    let (one, hours) = (intercept(12), column("hours", &hours));
    let exact = design(
        straight,
        vec![one.clone(), hours],
        vec![grouping("person", &cells)],
        vec![(0, vec![one.clone()])],
    );
    assert_eq!(
        fit(&exact, &FitSettings::default()),
        Err(FitError::NoResidual)
    );
    let mut parts = exact.parts().clone();
    parts.response = (0..12).map(|row| f64::from(row * row % 7)).collect();
    parts.fixed = (0..12)
        .map(|index| {
            column(
                &format!("x{index}"),
                &(0..12)
                    .map(|row| f64::from(u8::from(row == index)))
                    .collect::<Vec<_>>(),
            )
        })
        .collect();
    let wide = Design::new(parts).expect("a design");
    assert_eq!(
        fit(&wide, &FitSettings::default()),
        Err(FitError::TooFewRows {
            columns: 12,
            rows: 12
        })
    );
}

#[test]
fn digits_do_not_depend_on_threads_and_order_of_groups() {
    if !present() {
        return;
    }
    let design = sleepstudy(2, true);
    let found = fitted(&design, Criterion::Reml);
    let mut parts = design.parts().clone();
    parts.random = vec![RandomTerm {
        grouping: 0,
        columns: parts.random[0].columns.clone(),
    }];
    for _ in 0..3 {
        let again = fitted(
            &Design::new(parts.clone()).expect("a design"),
            Criterion::Reml,
        );
        assert_eq!(again, found);
    }
}
