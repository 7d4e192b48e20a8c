//! Reliability as the days of a cohort show it.

use std::sync::Arc;

use diel_core::design::{CohortDays, ObservedReliability, Shortage, Target};
use diel_core::simulate::{Cohort, Plan};
use diel_core::{Absence, Features, Person, Policy, Reference, analyse_days};

use crate::assert_near;

/// A day on which nothing but the wake sample is known.
fn day(wake_nmol_per_l: f64) -> Features {
    let absent = Err(Absence::TooFewSamples);
    Features {
        wake_nmol_per_l: Ok(wake_nmol_per_l),
        peak_nmol_per_l: absent,
        bed_nmol_per_l: absent,
        slope_wake_bed_ln_per_h: absent,
        slope_peak_bed_ln_per_h: absent,
        slope_regression_ln_per_h: absent,
        slope_regression_se: absent,
        slope_wake_bed_nmol_per_l_per_h: absent,
        car_auc_g_nmol_min_per_l: absent,
        car_auc_i_nmol_min_per_l: absent,
        car_mean_increase_nmol_per_l: absent,
        car_max_increase_nmol_per_l: absent,
        day_auc_g_nmol_h_per_l: absent,
        dynamic_range_ln: absent,
        evening_morning_ratio: absent,
        mesor: absent,
        amplitude: absent,
        peak_clock_time: absent,
        cosinor_p: absent,
    }
}

fn shown(persons: &[&[f64]]) -> ObservedReliability {
    let mut days = CohortDays::default();
    for values in persons {
        let of_person: Vec<Features> = values.iter().map(|value| day(*value)).collect();
        days.add(&of_person);
    }
    let all = days.reliabilities(Target::default());
    assert!(
        all[1..]
            .iter()
            .all(|of| of.intraclass == Err(Shortage::NoDays))
    );
    all.into_iter().next().unwrap()
}

#[track_caller]
fn assert_shown(persons: &[&[f64]], mean: f64, sds: [f64; 2], one_day: f64, interval: [f64; 2]) {
    let found = shown(persons).intraclass.unwrap();
    assert_near(found.mean, mean, 1e-6);
    assert_near(found.between_sd, sds[0], 1e-5);
    assert_near(found.within_sd, sds[1], 1e-5);
    assert_near(found.one_day, one_day, 1e-5);
    assert_near(found.lower, interval[0], 1e-8);
    assert_near(found.upper, interval[1], 1e-8);
}

#[test]
fn components_are_lme4s_and_intervals_walds() {
    // R 4.2.2, lme4 1.1-31: lmer(y ~ 1 + (1 | g)); the intervals by uniroot on pf() of Wald's ratio.
    // Shrout PE, Fleiss JL 1979, Psychological Bulletin 86:420-428, table 2: ICC(1,1) = 0.17.
    assert_shown(
        &[
            &[9.0, 2.0, 5.0, 8.0],
            &[6.0, 1.0, 3.0, 2.0],
            &[8.0, 4.0, 6.0, 8.0],
            &[7.0, 1.0, 2.0, 6.0],
            &[10.0, 5.0, 6.0, 9.0],
            &[6.0, 2.0, 4.0, 7.0],
        ],
        5.291_666_666_67,
        [1.115_546_702_61, 2.502_776_236_14],
        0.165_741_768_561,
        [0.0, 0.722_560_062_328],
    );
    assert_shown(
        &[
            &[8.1, 9.4, 7.2],
            &[5.5, 6.1],
            &[11.0, 10.2, 12.9, 9.7],
            &[4.4],
            &[7.9, 7.1, 6.8],
            &[3.9, 5.2, 4.8],
            &[9.9],
        ],
        7.329_812_514_06,
        [2.423_534_553_83, 1.005_272_412_24],
        0.853_201_762_755,
        [0.514_792_754_660, 0.971_720_344_211],
    );
    assert_shown(
        &[&[1.0, 5.0], &[2.0, 6.0], &[1.5, 5.2], &[2.2, 5.9]],
        3.6,
        [0.0, 2.113_223_671_48],
        0.0,
        [0.0, 0.031_343_217_461_6],
    );
}

#[test]
fn days_needed_follow_from_the_correlation_and_its_ends() {
    let found = shown(&[
        &[8.1, 9.4, 7.2],
        &[5.5, 6.1],
        &[11.0, 10.2, 12.9, 9.7],
        &[4.4],
        &[7.9, 7.1, 6.8],
    ]);
    assert_eq!(
        (found.persons, found.persons_with_repeats, found.days),
        (5, 4, 13)
    );
    let intraclass = found.intraclass.unwrap();
    let by_hand = |r: f64| (4.0 * (1.0 - r) / r).ceil();
    for (days, one_day) in [
        (intraclass.days_needed, intraclass.one_day),
        (intraclass.days_needed_at_best, intraclass.upper),
        (intraclass.days_needed_at_worst, intraclass.lower),
    ] {
        assert_eq!(days.map(f64::from), Some(by_hand(one_day).max(1.0)));
    }
    let nothing = shown(&[&[1.0, 5.0], &[2.0, 6.0], &[1.5, 5.2], &[2.2, 5.9]])
        .intraclass
        .unwrap();
    assert_eq!(
        (nothing.days_needed, nothing.days_needed_at_worst),
        (None, None)
    );
    assert_near(
        intraclass.of_mean(4)[0],
        4.0 * intraclass.one_day / (1.0 + 3.0 * intraclass.one_day),
        1e-12,
    );
}

#[test]
fn too_little_is_said_to_be_too_little() {
    for (persons, shortage) in [
        (&[][..], Shortage::NoDays),
        (&[&[1.0, 2.0][..]], Shortage::OnePerson),
        (&[&[1.0][..], &[2.0], &[3.0]], Shortage::NoRepeatedDays),
        (&[&[1.0, 1.0][..], &[1.0, 1.0]], Shortage::NoVariance),
        (
            &[&[1.0, 1.0][..], &[2.0, 2.0], &[4.0]],
            Shortage::NoVarianceWithin,
        ),
    ] {
        assert_eq!(shown(persons).intraclass, Err(shortage), "{persons:?}");
    }
    // A day on which the number is not finite has none.
    assert_eq!(
        shown(&[&[f64::NAN, 1.0], &[2.0]]).intraclass,
        Err(Shortage::NoRepeatedDays)
    );
}

fn slopes(seed: u64, persons: u32) -> Vec<Vec<Features>> {
    let plan = Plan {
        persons,
        days: 4,
        seed,
        ..Plan::default()
    };
    let policy = Policy::default();
    let of_person = |(position, person): (usize, diel_core::simulate::SimulatedPerson)| {
        // One to four days, as persons give up.
        let days = person
            .days
            .iter()
            .take(1 + position % 4)
            .map(|day| day.to_sampling_day())
            .collect();
        let profiles = analyse_days(&Person::default(), days, &policy).profiles;
        profiles
            .into_iter()
            .map(|profile| profile.features)
            .collect()
    };
    Cohort::new(plan)
        .unwrap()
        .persons()
        .enumerate()
        .map(of_person)
        .collect()
}

#[test]
fn the_order_of_persons_and_days_changes_no_bit() {
    let persons = slopes(3, 30);
    let mut forwards = CohortDays::default();
    persons.iter().for_each(|days| forwards.add(days));
    let mut backwards = CohortDays::default();
    persons
        .iter()
        .rev()
        .for_each(|days| backwards.add(days.iter().rev()));
    assert_eq!(
        forwards.reliabilities(Target::default()),
        backwards.reliabilities(Target::default())
    );
}

#[test]
fn intervals_of_unequal_numbers_of_days_cover() {
    const COHORTS: u32 = 1_000;
    let adult = Arc::clone(Reference::find("adult-noisy").unwrap());
    // Sum of squares 126 of the times 0, 4, 9, 15 outside the awakening response.
    let truth =
        adult.slope_sd().powi(2) / (adult.slope_sd().powi(2) + adult.residual_sd().powi(2) / 126.0);
    let mut covered = 0;
    for seed in 0..u64::from(COHORTS) {
        let mut days = CohortDays::default();
        slopes(seed, 40)
            .iter()
            .for_each(|of_person| days.add(of_person));
        let all = days.reliabilities(Target::default());
        let slope = all
            .iter()
            .find(|of| of.metric == "slope_regression_ln_per_h")
            .unwrap();
        let found = slope.intraclass.as_ref().unwrap();
        covered += u32::from(found.lower <= truth && truth <= found.upper);
    }
    // 95 % has a standard error of 0.7 % over a thousand.
    let share = f64::from(covered) / f64::from(COHORTS);
    assert!((0.93..=0.97).contains(&share), "{share}");
}
