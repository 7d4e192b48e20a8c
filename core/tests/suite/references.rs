//! References: checked values, strata, tables by hours, frozen fits, and what a policy makes of them.

use std::sync::Arc;

use diel_core::mixed::{
    Criterion, FixedEffect, GroupCount, MixedFit, OptimizerSummary, RandomEffect, Residual,
};
use diel_core::{
    AgeYears, FreezeError, Freezing, HoursTableError, Level, LevelAtHours, NmolPerL, Person,
    Policy, PolicyTerms, PopulationModel, Reason, Reference, ReferenceTerms, References, Rhythm,
    SamplingDay, Sex, Strata, StrataError, Verdict, analyse_days, strata_of_hours,
};
use ndarray::{Array2, array};
use proptest::prelude::*;

fn terms(from: f64, to: Option<f64>, sex: Option<Sex>) -> ReferenceTerms {
    ReferenceTerms {
        id: "studies/norms/references/adults@1".to_owned(),
        min_age_years: from,
        max_age_years: to,
        sex,
        ..Reference::find("adult-clean@1").unwrap().terms().clone()
    }
}

fn person(age: Option<f64>, sex: Sex) -> Person {
    Person {
        age: age.map(|years| AgeYears::new(years).unwrap()),
        sex,
        ..Person::default()
    }
}

/// Three days of 12 exp(-0.1 h) nmol/L.
fn judged(person: &Person, terms: &PolicyTerms, references: &References) -> Rhythm {
    let day = || {
        let level = |hours: f64| Level::Exact(NmolPerL::new(12.0 * (-0.1 * hours).exp()).unwrap());
        SamplingDay::from_hours(
            None,
            [0.0, 4.0, 9.0, 15.0].map(|hours| (hours, level(hours), None)),
        )
    };
    let policy = Policy::with_references(terms, references).unwrap();
    analyse_days(person, vec![day(), day(), day()], &policy).rhythm
}

fn named(name: &str) -> PolicyTerms {
    PolicyTerms {
        reference: Some(name.to_owned()),
        ..PolicyTerms::default()
    }
}

#[test]
fn every_number_is_checked_and_named() {
    let broken = |change: &dyn Fn(&mut ReferenceTerms)| {
        let mut terms = terms(18.0, Some(60.0), None);
        change(&mut terms);
        Reference::new(terms).unwrap_err().to_string()
    };
    assert_eq!(
        broken(&|terms| terms.model.slope_sd = 0.0),
        "slope_sd: 0 is not more than 0"
    );
    assert_eq!(
        broken(&|terms| terms.model.intercept_ln = f64::NAN),
        "intercept_ln: NaN is not a finite number"
    );
    assert!(broken(&|terms| terms.model.correlation = 1.01).starts_with("correlation: 1.01"));
    assert_eq!(
        broken(&|terms| terms.model.residual_sd = -0.5),
        "residual_sd: -0.5 ln units is negative"
    );
    assert_eq!(
        broken(&|terms| terms.max_age_years = Some(18.0)),
        "max_age_years: 18 is not more than min_age_years, 18"
    );
    assert_eq!(
        broken(&|terms| terms.id.clear()),
        "id: is empty; a reference has a name and a version"
    );
}

#[test]
fn strata_that_share_persons_are_refused() {
    let overlap = |one, other| Strata::new(vec![one, other]).unwrap_err();
    for other in [
        terms(39.9, None, None),
        terms(10.0, Some(18.1), Some(Sex::Male)),
        terms(0.0, None, Some(Sex::Female)),
    ] {
        assert_eq!(
            overlap(terms(18.0, Some(40.0), None), other),
            StrataError::Overlap {
                first: 0,
                second: 1
            }
        );
    }
    let female = terms(18.0, Some(40.0), Some(Sex::Female));
    let male = terms(18.0, Some(40.0), Some(Sex::Male));
    assert!(Strata::new(vec![female, male]).unwrap().gaps().is_empty());
    assert_eq!(Strata::new(vec![]), Err(StrataError::None));
}

#[test]
fn a_person_in_no_stratum_is_not_judged() {
    let strata = Strata::new(vec![
        terms(18.0, Some(40.0), Some(Sex::Female)),
        terms(50.0, Some(60.0), Some(Sex::Female)),
    ])
    .unwrap();
    let gaps: Vec<String> = strata.gaps().iter().map(ToString::to_string).collect();
    assert_eq!(gaps, ["female, 40 to 50 years"]);
    let references = References::default().with(Arc::new(strata));
    let name = named("studies/norms/references/adults@1");
    for (age, sex, reason) in [
        (Some(45.0), Sex::Female, Reason::AgeOutsideReference),
        (Some(60.0), Sex::Female, Reason::AgeOutsideReference),
        (None, Sex::Female, Reason::AgeOutsideReference),
        (Some(30.0), Sex::Male, Reason::SexOutsideReference),
        (Some(30.0), Sex::Unspecified, Reason::SexOutsideReference),
    ] {
        let rhythm = judged(&person(age, sex), &name, &references);
        assert_eq!(
            (rhythm.verdict, rhythm.posterior.is_none()),
            (Verdict::InsufficientData, true)
        );
        assert!(rhythm.reasons.contains(reason), "{}", rhythm.reasons);
    }
    let inside = judged(&person(Some(30.0), Sex::Female), &name, &references);
    assert_eq!(inside.verdict, Verdict::NotFlat);
    assert_eq!(inside.reference.id(), "studies/norms/references/adults@1");
}

#[test]
fn the_same_numbers_under_another_name_judge_the_same_but_have_another_digest() {
    let adult = person(Some(30.0), Sex::Unspecified);
    let builtin = judged(&adult, &named("adult-clean@1"), &References::default());
    let references = References::default().with(Arc::new(
        Strata::new(vec![terms(18.0, None, None)]).unwrap(),
    ));
    let given = judged(
        &adult,
        &named("studies/norms/references/adults@1"),
        &references,
    );
    assert_eq!(given.posterior, builtin.posterior);
    assert_ne!(given.digest, builtin.digest);
}

/// The fit of a study of so many persons, as the engine answers it.
fn fit(persons: usize) -> MixedFit {
    let effect = |name: &str, estimate: f64| FixedEffect {
        name: name.to_owned(),
        estimate,
        se: 0.1,
        df: 90.0,
        t: 10.0 * estimate,
        p: 0.01,
        lower: estimate - 0.2,
        upper: estimate + 0.2,
    };
    MixedFit {
        criterion: Criterion::Reml,
        residual: Residual::Normal,
        n_censored: 0,
        objective: 1000.0,
        n_observations: 9 * persons,
        groups: vec![GroupCount {
            name: "participant".to_owned(),
            levels: persons,
        }],
        singular: false,
        residual_sd: 0.45,
        fixed: vec![
            effect("(Intercept)", 2.2),
            effect("hours", -0.12),
            effect("car", 0.3),
        ],
        fixed_covariance: Array2::eye(3),
        dropped: Vec::new(),
        random: vec![RandomEffect {
            group: "participant".to_owned(),
            terms: vec!["(Intercept)".to_owned(), "hours".to_owned()],
            sd: vec![0.4, 0.03],
            correlation: array![[1.0, -0.4], [-0.4, 1.0]],
        }],
        optimizer: OptimizerSummary {
            evaluations: 12,
            iterations: 9,
            converged: true,
            message: "converged".to_owned(),
            start: vec![1.0, 0.0, 1.0],
            theta: vec![0.9, -0.03, 0.06],
            gradient: 1e-8,
            decrement: 1e-12,
            tolerance: 1e-10,
        },
    }
}

fn freezing(persons_with_days: u32) -> Freezing {
    Freezing {
        id: "studies/s/references/own@1".to_owned(),
        population: "adults of the study".to_owned(),
        assay: "CLIA".to_owned(),
        min_age_years: 0.0,
        max_age_years: None,
        sex: None,
        fit: "studies/s/fits/1".to_owned(),
        formula: "log(cortisol) ~ hours + car + (hours | participant)".to_owned(),
        persons_with_days,
        days: 3,
        input_digest: [7; 32],
        software: "diel test".to_owned(),
    }
}

#[test]
fn a_fit_becomes_a_reference_with_its_numbers_and_its_origin() {
    let reference = Reference::from_fit(&fit(120), freezing(110)).unwrap();
    assert_eq!(
        reference.terms().model,
        PopulationModel {
            intercept_ln: 2.2,
            slope_ln_per_h: -0.12,
            car_ln: 0.3,
            intercept_sd: 0.4,
            slope_sd: 0.03,
            correlation: -0.4,
            residual_sd: 0.45,
        }
    );
    let basis = reference.terms().basis.as_ref().unwrap();
    assert_eq!(
        (basis.persons, basis.persons_with_days, basis.samples),
        (120, 110, 1080)
    );
    assert!(!reference.provisional());
}

#[test]
fn fits_of_other_models_are_no_references() {
    let refused = |change: &dyn Fn(&mut MixedFit)| {
        let mut fit = fit(120);
        change(&mut fit);
        Reference::from_fit(&fit, freezing(110)).unwrap_err()
    };
    assert_eq!(
        refused(&|fit| fit.random[0].sd[1] = 0.0),
        FreezeError::NoSlopeVariance
    );
    assert!(matches!(
        refused(&|fit| fit.fixed[2].name = "sexmale".to_owned()),
        FreezeError::FixedEffect { name } if name == "sexmale"
    ));
    assert!(matches!(
        refused(&|fit| fit.dropped.push("weekend".to_owned())),
        FreezeError::FixedEffect { name } if name == "weekend"
    ));
    assert_eq!(
        refused(&|fit| drop(fit.fixed.remove(1))),
        FreezeError::Missing { name: "hours" }
    );
    assert!(matches!(
        refused(&|fit| fit.random.push(fit.random[0].clone())),
        FreezeError::RandomTerms { .. }
    ));
    assert!(matches!(
        refused(&|fit| fit.random[0].group = "participant:day".to_owned()),
        FreezeError::RandomTerms { found } if found == "((Intercept) + hours | participant:day)"
    ));
    assert_eq!(
        refused(&|fit| fit.residual = Residual::StudentT { df: 4.0 }),
        FreezeError::HeavyTails
    );
    assert!(matches!(
        refused(&|fit| fit.optimizer.converged = false),
        FreezeError::NotConverged { .. }
    ));
    let raw = Freezing {
        formula: "cortisol ~ hours + (hours | participant)".to_owned(),
        ..freezing(110)
    };
    assert!(matches!(
        Reference::from_fit(&fit(120), raw),
        Err(FreezeError::Response { found }) if found == "cortisol"
    ));
}

#[test]
fn a_study_is_judged_by_age_until_its_own_reference_rests_on_enough_persons() {
    let adult = person(Some(30.0), Sex::Unspecified);
    let own = |persons| {
        let reference = Reference::from_fit(&fit(200), freezing(persons)).unwrap();
        References::default().with_own(Arc::new(Strata::of(Arc::new(reference))))
    };
    let used = |terms: &PolicyTerms, references: &References| {
        judged(&adult, terms, references).reference.id().to_owned()
    };
    let terms = named("own");
    assert_eq!(used(&terms, &References::default()), "adult-noisy@1");
    assert_eq!(used(&terms, &own(99)), "adult-noisy@1");
    assert_eq!(used(&terms, &own(100)), "studies/s/references/own@1");
    let fewer = PolicyTerms {
        min_reference_persons: Some(50),
        ..terms.clone()
    };
    assert_eq!(used(&fewer, &own(50)), "studies/s/references/own@1");
    let none = PolicyTerms {
        min_reference_persons: Some(0),
        ..terms
    };
    let error = Policy::new(&none).unwrap_err();
    assert_eq!(error.violations()[0].field, "min_reference_persons");
}

#[test]
fn a_name_that_nobody_gave_is_refused_and_its_form_is_not() {
    let terms = named("studies/other/references/adults@3");
    assert!(Policy::new(&terms).is_err());
    let checked = Policy::check_terms(&terms).unwrap();
    assert_eq!(checked.reference, terms.reference);
    assert_eq!(checked.min_days, Some(3));
    assert!(Policy::check_terms(&named("martian")).is_err());
}

const RESIDUAL_SD: f64 = 0.5;

fn at(model: &PopulationModel, hours: f64) -> LevelAtHours {
    let covariance = model.correlation * model.intercept_sd * model.slope_sd;
    let variance = model.intercept_sd.powi(2)
        + 2.0 * covariance * hours
        + (model.slope_sd * hours).powi(2)
        + model.residual_sd.powi(2);
    LevelAtHours {
        min_age_years: 18.0,
        max_age_years: Some(60.0),
        sex: None,
        hours,
        mean_ln: model.intercept_ln + model.slope_ln_per_h * hours,
        sd_ln: variance.sqrt(),
    }
}

#[test]
fn tables_by_hours_that_no_spread_of_lines_has_are_refused() {
    let model = Reference::find("adult-clean@1").unwrap().terms().model;
    let rows = [0.0, 4.0, 9.0, 15.0].map(|hours| at(&model, hours));
    assert!(strata_of_hours(&rows, RESIDUAL_SD).is_ok());
    let two = strata_of_hours(&rows[..2], RESIDUAL_SD).unwrap_err();
    assert_eq!(two, HoursTableError::TooFewTimes { row: 1, found: 2 });
    let mut narrow = rows;
    narrow[2].sd_ln = 0.4;
    assert!(matches!(
        strata_of_hours(&narrow, RESIDUAL_SD),
        Err(HoursTableError::LessThanResidual { row: 3, .. })
    ));
    // Spread that is the largest in the middle: s1^2 would be negative.
    let mut bulging = rows;
    for (row, sd) in bulging.iter_mut().zip([0.6, 0.9, 0.9, 0.6]) {
        row.sd_ln = sd;
    }
    assert!(matches!(
        strata_of_hours(&bulging, RESIDUAL_SD),
        Err(HoursTableError::NoSuchSpread {
            parameter: "s1^2",
            ..
        })
    ));
}

#[test]
fn levels_of_the_first_hour_are_the_awakening_response() {
    let model = Reference::find("adult-clean@1").unwrap().terms().model;
    let mut rows = [0.0, 0.5, 4.0, 9.0, 15.0].map(|hours| at(&model, hours));
    rows[1].mean_ln += 0.4;
    let strata = strata_of_hours(&rows, RESIDUAL_SD).unwrap();
    assert_eq!(strata.len(), 1);
    assert!((strata[0].1.car_ln - 0.4).abs() < 1e-12);
    assert!((strata[0].1.slope_ln_per_h + 0.105).abs() < 1e-12);
}

proptest! {
    /// What a model implies at any four or more times leads back to it.
    #[test]
    fn levels_of_a_model_give_the_model(
        intercept_sd in 0.05..1.0_f64,
        slope_sd in 0.01..0.1_f64,
        correlation in -0.9..0.9_f64,
        slope in -0.2..0.05_f64,
        step in 2.0..5.0_f64,
    ) {
        let model = PopulationModel {
            intercept_ln: 2.0,
            slope_ln_per_h: slope,
            car_ln: 0.0,
            intercept_sd,
            slope_sd,
            correlation,
            residual_sd: RESIDUAL_SD,
        };
        let rows = [0.0, 1.0, 2.0, 3.0].map(|number| at(&model, 1.5 + number * step));
        let found = strata_of_hours(&rows, RESIDUAL_SD).unwrap()[0].1;
        for (one, other) in [
            (found.intercept_ln, model.intercept_ln),
            (found.slope_ln_per_h, model.slope_ln_per_h),
            (found.intercept_sd, model.intercept_sd),
            (found.slope_sd, model.slope_sd),
            (found.correlation, model.correlation),
        ] {
            prop_assert!((one - other).abs() < 1e-8, "{one} {other}");
        }
    }
}
