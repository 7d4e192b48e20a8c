//! Power of a study of two groups.

use std::ops::ControlFlow;
use std::sync::Arc;

use diel_core::design::{Difference, Power, PowerPlan, PowerStudy, Stopped, Target};
use diel_core::formula::Formula;
use diel_core::frame::{CohortMember, cohort_frame};
use diel_core::mixed::{FitSettings, fit};
use diel_core::simulate::{Cohort, Plan};
use diel_core::{NmolPerL, Person, Policy, Profile, Reference, analyse_days};

use crate::assert_near;

fn go_on(_: u32) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn power(plan: PowerPlan, per_group: u32) -> Power {
    PowerStudy::new(plan)
        .unwrap()
        .power(per_group, &mut go_on)
        .unwrap()
}

#[test]
fn a_simulated_study_is_fitted_as_a_real_one() {
    let plan = PowerPlan {
        difference: Difference::LnPerHour(0.04),
        studies: 1,
        missing: 0.1,
        seed: 5,
        ..PowerPlan::default()
    };
    let found = power(plan.clone(), 12);
    let first = Arc::clone(&plan.reference);
    let mut terms = first.terms().clone();
    terms.model.slope_ln_per_h += 0.04;
    let second = Arc::new(Reference::new(terms).unwrap());
    let policy = Policy::default();
    let mut profiles: Vec<(String, &str, Vec<Profile>)> = Vec::new();
    for position in 0..24 {
        let (reference, group) = if position < 12 {
            (&first, "A")
        } else {
            (&second, "B")
        };
        let cohort = Cohort::new(Plan {
            preset: Arc::clone(reference),
            missing: 0.1,
            seed: 5,
            ..Plan::default()
        });
        let days = cohort.unwrap().person(position).days;
        let days = days.iter().map(|day| day.to_sampling_day()).collect();
        let days = analyse_days(&Person::default(), days, &policy).profiles;
        profiles.push((format!("P{position:02}"), group, days));
    }
    let members = profiles.iter().map(|(code, group, days)| {
        let member = CohortMember {
            participant: code,
            person: Person::default(),
            group: Some(group),
            sex: None,
        };
        (member, days.as_slice())
    });
    let frame = cohort_frame(members, &policy);
    let formula =
        Formula::parse("log(cortisol) ~ hours * group + car + (hours | participant)").unwrap();
    let design = formula.design(&frame).unwrap().design;
    let fitted = fit(&design, &FitSettings::default()).unwrap();
    let effect = fitted
        .fixed
        .iter()
        .find(|effect| effect.name == "hours:groupB")
        .unwrap();
    assert_near(found.mean_estimate_ln_per_h, effect.estimate, 1e-9);
    assert_near(found.mean_se_ln_per_h, effect.se, 1e-9);
    assert_eq!(found.power, f64::from(u8::from(effect.p < 0.05)));
}

#[test]
fn simulation_and_approximation_agree_where_nothing_is_missing() {
    for (preset, sds, per_group) in [("adult-noisy", 0.8, 30), ("adult-clean", 0.6, 40)] {
        let study = PowerStudy::new(PowerPlan {
            reference: Arc::clone(Reference::find(preset).unwrap()),
            difference: Difference::Sds(sds),
            studies: 1_000,
            ..PowerPlan::default()
        })
        .unwrap();
        let found = study.power(per_group, &mut go_on).unwrap();
        let expected = study.approximate_power(per_group).unwrap();
        assert_near(found.power, expected, 3.0 * found.standard_error + 0.01);
        let truth = study.difference_ln_per_h();
        let error = found.mean_se_ln_per_h / f64::from(found.studies).sqrt();
        assert_near(found.mean_estimate_ln_per_h, truth, 4.0 * error);
        assert_eq!(found.not_fitted, 0);
    }
}

#[test]
fn the_answer_depends_neither_on_threads_nor_on_who_watches() {
    let study = PowerStudy::new(PowerPlan {
        studies: 150,
        missing: 0.2,
        ..PowerPlan::default()
    })
    .unwrap();
    let with_threads = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| study.power(10, &mut go_on).unwrap())
    };
    let mut seen = Vec::new();
    let watched = study
        .power(10, &mut |done| {
            seen.push(done);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(seen, [64, 128, 150]);
    assert_eq!(watched, with_threads(1));
    assert_eq!(watched, with_threads(3));
}

#[test]
fn a_watcher_stops_it() {
    let study = PowerStudy::new(PowerPlan {
        studies: 100_000,
        ..PowerPlan::default()
    })
    .unwrap();
    let mut looks = 0;
    let stopped = study.power(10, &mut |_| {
        looks += 1;
        ControlFlow::Break(())
    });
    assert_eq!((stopped, looks), (Err(Stopped::ByWatcher), 1));
}

#[test]
fn the_smallest_study_reaches_the_target_and_a_smaller_one_does_not() {
    let study = PowerStudy::new(PowerPlan {
        reference: Arc::clone(Reference::find("adult-clean").unwrap()),
        difference: Difference::Sds(1.2),
        studies: 300,
        ratio: 1.5,
        ..PowerPlan::default()
    })
    .unwrap();
    let target = Target::new(0.8).unwrap();
    let smallest = study.smallest(target, 1_000, &mut go_on).unwrap();
    let found = smallest.power.unwrap();
    let [first, second] = found.persons;
    assert_eq!(f64::from(second), (1.5 * f64::from(first)).round());
    assert!(found.power >= 0.8);
    assert!(study.power(first - 1, &mut go_on).unwrap().power < 0.8);
    let approximate = smallest.approximate_persons.unwrap();
    assert!(first.abs_diff(approximate) <= 3, "{first} {approximate}");
    assert!(study.approximate_power(approximate).unwrap() >= 0.8);
    assert!(study.approximate_power(approximate - 1).unwrap() < 0.8);
}

#[test]
fn what_cannot_be_found_has_no_smallest_study() {
    let study = PowerStudy::new(PowerPlan {
        difference: Difference::LnPerHour(1e-6),
        studies: 1,
        days: 1,
        schedule_h: vec![0.0, 4.0, 12.0],
        ..PowerPlan::default()
    })
    .unwrap();
    let smallest = study
        .smallest(Target::default(), 1_000, &mut go_on)
        .unwrap();
    assert_eq!((smallest.power, smallest.approximate_persons), (None, None));
}

#[test]
fn samples_below_a_limit_cost_power() {
    let plan = PowerPlan {
        difference: Difference::Sds(1.0),
        studies: 40,
        days: 2,
        ..PowerPlan::default()
    };
    let censored = PowerPlan {
        limit_of_detection: Some(NmolPerL::new(1.5).unwrap()),
        ..plan.clone()
    };
    let (whole, censored) = (power(plan, 15), power(censored, 15));
    assert_eq!(censored.not_fitted, 0);
    assert!(censored.mean_se_ln_per_h > whole.mean_se_ln_per_h);
}

#[test]
fn bad_plans_are_refused_with_their_field() {
    let good = PowerPlan {
        studies: 2,
        ..PowerPlan::default()
    };
    let steep = Difference::LnPerHour;
    for (bad, message) in [
        (
            PowerPlan {
                difference: steep(0.0),
                ..good.clone()
            },
            "difference: is 0, and then there is nothing to find; ask for the size to see how often a test finds what is not there",
        ),
        (
            PowerPlan {
                difference: steep(f64::NAN),
                ..good.clone()
            },
            "difference: NaN is not a finite number",
        ),
        (
            PowerPlan {
                difference: Difference::Sds(-11.0),
                ..good.clone()
            },
            "difference: -11 standard deviations of the true slope is less than -10, the least accepted for a difference of slopes",
        ),
        (
            PowerPlan {
                alpha: 0.0,
                ..good.clone()
            },
            "alpha: 0 (of 1) is less than 0.0001, the least accepted for a significance level",
        ),
        (
            PowerPlan {
                alpha: f64::NAN,
                ..good.clone()
            },
            "alpha: NaN is not a finite number",
        ),
        (
            PowerPlan {
                ratio: 0.0,
                ..good.clone()
            },
            "ratio: 0 persons of the second group for each of the first is less than 0.1, the least accepted for a ratio of group sizes",
        ),
        (
            PowerPlan {
                studies: 0,
                ..good.clone()
            },
            "studies: 0 is not from 1 to 100000",
        ),
        (
            PowerPlan {
                days: 0,
                ..good.clone()
            },
            "days: 0 is not from 1 to 366",
        ),
        (
            PowerPlan {
                missing: 1.5,
                ..good.clone()
            },
            "missing: 1.5 (of 1) is more than 1, the most accepted for a share",
        ),
        (
            PowerPlan {
                schedule_h: vec![0.0],
                ..good.clone()
            },
            "schedule_h: a slope needs samples at two times outside the awakening response; there is 1",
        ),
        (
            PowerPlan {
                schedule_h: vec![0.25, 0.5],
                ..good.clone()
            },
            "schedule_h: a slope needs samples at two times outside the awakening response; there are 0",
        ),
        (
            PowerPlan {
                schedule_h: vec![0.0, 14.0],
                days: 1,
                ..good.clone()
            },
            "days: 2 samples a person do not tell a person's line from the residual; 3 or more are needed",
        ),
    ] {
        assert_eq!(PowerStudy::new(bad).unwrap_err().to_string(), message);
    }
    let study = PowerStudy::new(PowerPlan {
        studies: 100_000,
        ..good.clone()
    })
    .unwrap();
    for (per_group, message) in [
        (1, "persons_per_group: 1 is not from 2 to 10000"),
        (10_001, "persons_per_group: 10001 is not from 2 to 10000"),
    ] {
        assert_eq!(
            study.power(per_group, &mut go_on).unwrap_err().to_string(),
            message
        );
    }
    let huge = PowerPlan {
        ratio: 10.0,
        ..study.plan().clone()
    };
    let refused = PowerStudy::new(huge)
        .unwrap()
        .power(10_000, &mut go_on)
        .unwrap_err();
    assert!(
        refused
            .to_string()
            .starts_with("studies: 100000 studies of 110000 persons are more than 4294967295"),
        "{refused}"
    );
}

#[test]
fn everything_missing_is_a_study_that_finds_nothing() {
    let found = power(
        PowerPlan {
            missing: 1.0,
            studies: 3,
            ..PowerPlan::default()
        },
        5,
    );
    assert_eq!(
        (found.power, found.not_fitted, found.coverage),
        (0.0, 3, 0.0)
    );
    assert!(found.mean_estimate_ln_per_h.is_finite());
    // Two against two can be fitted, and finds what it finds.
    let tiny = power(
        PowerPlan {
            studies: 20,
            ..PowerPlan::default()
        },
        2,
    );
    assert!(tiny.power.is_finite() && tiny.mean_se_ln_per_h.is_finite());
}
