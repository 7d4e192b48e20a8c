use diel_core::{
    Absence, AgeYears, Condition, Conditions, Feature, Features, Finding, Level, MissingReason,
    Person, Policy, PolicyTerms, Profile, SamplingDay, profile,
};

use crate::{above, assert_near, below, day_of, exact};

/// A made-up day whose features were worked out by hand and in R 4.2.2.
const HOURS: [f64; 8] = [0.0, 0.5, 0.75, 1.0, 3.0, 8.0, 12.0, 16.0];
const NMOL_PER_L: [f64; 8] = [10.0, 15.0, 14.0, 12.0, 7.0, 4.0, 2.5, 1.5];

fn known_day() -> Vec<(f64, Level)> {
    HOURS.into_iter().zip(NMOL_PER_L.map(exact)).collect()
}

fn profile_of(samples: &[(f64, Level)]) -> Profile {
    profile(day_of(samples), &Person::default(), &Policy::default())
}

#[test]
fn the_known_day() {
    let profile = profile_of(&known_day());
    let features = profile.features;
    let near = |feature: Feature, expected| assert_near(feature.unwrap(), expected, 1e-10);
    near(features.wake_nmol_per_l, 10.0);
    near(features.peak_nmol_per_l, 15.0);
    near(features.bed_nmol_per_l, 1.5);
    near(features.slope_wake_bed_ln_per_h, -0.118_569_999_055);
    near(features.slope_peak_bed_ln_per_h, -0.148_553_876_967);
    near(features.slope_regression_ln_per_h, -0.117_595_015_452);
    near(features.slope_wake_bed_nmol_per_l_per_h, -8.5 / 16.0);
    near(features.car_auc_g_nmol_min_per_l, 787.5);
    near(features.car_auc_i_nmol_min_per_l, 187.5);
    near(features.car_mean_increase_nmol_per_l, 11.0 / 3.0);
    near(features.car_max_increase_nmol_per_l, 5.0);
    near(features.day_auc_g_nmol_h_per_l, 80.625);
    near(features.dynamic_range_ln, 10f64.ln());
    near(features.evening_morning_ratio, 0.15);
    assert!(profile.valid);
    assert!(profile.findings.is_empty());
}

#[test]
fn without_an_awakening_response_the_regression_takes_all() {
    let policy = Policy::new(&PolicyTerms {
        car_window_min: Some(0.0),
        ..PolicyTerms::default()
    })
    .unwrap();
    let profile = profile(day_of(&known_day()), &Person::default(), &policy);
    assert_near(
        profile.features.slope_regression_ln_per_h.unwrap(),
        -0.137_435_741_27,
        1e-10,
    );
}

#[test]
fn names_and_features_go_together() {
    let features = profile_of(&known_day()).features;
    assert_eq!(features.iter().count(), Features::NAMES.len());
    let range = features
        .iter()
        .find(|(name, _)| *name == "dynamic_range_ln")
        .unwrap()
        .1;
    assert_eq!(range, features.dynamic_range_ln);
}

#[test]
fn order_comes_from_time() {
    let mut shuffled = known_day();
    shuffled.reverse();
    shuffled.swap(1, 5);
    assert_eq!(
        profile_of(&shuffled).features,
        profile_of(&known_day()).features
    );
}

#[test]
fn nothing_is_substituted_for_a_censored_evening() {
    let mut samples = known_day();
    samples[7].1 = below(0.33);
    let Profile {
        features,
        valid,
        findings,
        ..
    } = profile_of(&samples);
    for absent in [
        features.bed_nmol_per_l,
        features.slope_wake_bed_ln_per_h,
        features.slope_peak_bed_ln_per_h,
        features.slope_regression_ln_per_h,
        features.slope_regression_se,
        features.evening_morning_ratio,
        features.dynamic_range_ln,
        features.day_auc_g_nmol_h_per_l,
    ] {
        assert_eq!(absent, Err(Absence::BelowLimit));
    }
    assert_eq!(features.wake_nmol_per_l, Ok(10.0));
    assert_near(features.car_auc_g_nmol_min_per_l.unwrap(), 787.5, 1e-10);
    assert!(valid);
    assert!(findings.contains(Finding::BelowLimit));
}

#[test]
fn a_censored_morning_may_hide_the_peak() {
    let peak = |level| {
        let mut samples = known_day();
        samples[1].1 = level;
        let features = profile_of(&samples).features;
        (features.peak_nmol_per_l, features.car_auc_g_nmol_min_per_l)
    };
    assert_eq!(
        peak(above(82.8)),
        (Err(Absence::AboveLimit), Err(Absence::AboveLimit))
    );
    // Below 0.33 it is not the peak, below 20 it may be.
    assert_eq!(peak(below(0.33)), (Ok(14.0), Err(Absence::BelowLimit)));
    assert_eq!(
        peak(below(20.0)),
        (Err(Absence::BelowLimit), Err(Absence::BelowLimit))
    );
}

#[test]
fn zero_counts_on_the_raw_scale_only() {
    let profile = profile_of(&[(0.0, exact(10.0)), (8.0, exact(2.0)), (16.0, exact(0.0))]);
    assert!(profile.findings.contains(Finding::ZeroConcentration));
    assert_near(
        profile.features.day_auc_g_nmol_h_per_l.unwrap(),
        48.0 + 8.0,
        1e-12,
    );
    assert_eq!(profile.features.bed_nmol_per_l, Ok(2.0));
    assert_near(profile.features.dynamic_range_ln.unwrap(), 5f64.ln(), 1e-12);
}

#[test]
fn a_missing_sample_leaves_the_response_to_the_others() {
    let mut samples = known_day();
    samples[2].1 = Level::Missing(MissingReason::InsufficientVolume);
    let profile = profile_of(&samples);
    assert!(profile.findings.contains(Finding::CarIncomplete));
    assert!(
        profile
            .findings
            .contains(Finding::MissingInsufficientVolume)
    );
    // 30 (10 + 15) / 2 + 30 (15 + 12) / 2
    assert_near(
        profile.features.car_auc_g_nmol_min_per_l.unwrap(),
        780.0,
        1e-10,
    );
}

#[test]
fn an_implausible_value_is_marked_and_stays_in_the_days_features() {
    let mut samples = known_day();
    samples[5].1 = exact(60.5);
    let profile = profile_of(&samples);
    assert!(
        profile.day.samples[5]
            .findings
            .contains(Finding::Implausible)
    );
    // The known day's area with 60.5 instead of 4 at 8 h: (60.5 - 4) x (12 - 3) / 2 more.
    assert_near(
        profile.features.day_auc_g_nmol_h_per_l.unwrap(),
        80.625 + 56.5 * 4.5,
        1e-10,
    );
    samples[5].1 = exact(60.0);
    assert!(!profile_of(&samples).findings.contains(Finding::Implausible));
}

#[test]
fn no_awakening_response_under_four() {
    let age = |years| Person {
        age: AgeYears::new(years).ok(),
        ..Person::default()
    };
    let response = |years| {
        let profile = profile(day_of(&known_day()), &age(years), &Policy::default());
        (
            profile.features.car_auc_i_nmol_min_per_l,
            profile.findings.contains(Finding::CarNotEstablished),
        )
    };
    assert_eq!(response(3.99), (Err(Absence::Under4Years), true));
    assert_eq!(response(4.0), (Ok(187.5), false));
}

#[test]
fn the_response_needs_its_beginning_and_two_samples() {
    let car = |samples: &[(f64, Level)]| profile_of(samples).features.car_auc_g_nmol_min_per_l;
    assert_eq!(
        car(&[(0.5, exact(15.0)), (1.0, exact(12.0))]),
        Err(Absence::NoWakeSample)
    );
    assert_eq!(
        car(&[(0.0, exact(15.0)), (3.0, exact(12.0))]),
        Err(Absence::TooFewSamples)
    );
    // Ten minutes before the noted awakening to an hour after it: 70 min x 11.
    assert_near(
        car(&[(-10.0 / 60.0, exact(10.0)), (1.0, exact(12.0))]).unwrap(),
        770.0,
        1e-9,
    );
}

#[test]
fn a_late_wake_sample_is_told() {
    let found = |minutes: f64| {
        let mut samples = known_day();
        samples[0].0 = minutes / 60.0;
        let findings = profile_of(&samples).findings;
        (
            findings.contains(Finding::LateWakeSample),
            findings.contains(Finding::NoWakeSample),
        )
    };
    assert_eq!(found(5.0), (false, false));
    assert_eq!(found(6.0), (true, false));
    assert_eq!(found(15.0), (true, false));
    assert_eq!(found(16.0), (false, true));
}

#[test]
fn the_slope_leaves_out_the_response_and_keeps_the_latent_period() {
    let slope = |extra_h: f64| {
        let samples = [
            (0.0, exact(8.0)),
            (extra_h, exact(20.0)),
            (8.0, exact(4.0)),
            (16.0, exact(2.0)),
        ];
        profile_of(&samples)
            .features
            .slope_regression_ln_per_h
            .unwrap()
    };
    let without = -(2f64.ln()) / 8.0;
    assert_near(slope(0.5), without, 1e-12);
    assert_near(slope(1.0), without, 1e-12);
    assert!((slope(0.15) - without).abs() > 0.01);
    assert!((slope(1.01) - without).abs() > 0.01);
}

#[test]
fn two_samples_make_a_slope_without_error() {
    let features = profile_of(&[(0.0, exact(10.0)), (14.0, exact(2.0))]).features;
    assert_near(
        features.slope_regression_ln_per_h.unwrap(),
        (0.2f64).ln() / 14.0,
        1e-12,
    );
    assert_eq!(features.slope_regression_se, Err(Absence::TwoSamples));
}

#[test]
fn what_makes_a_day_invalid_is_told() {
    let judge = |samples: &[(f64, Level)]| {
        let profile = profile_of(samples);
        (profile.valid, profile.findings)
    };
    let (valid, findings) = judge(&[(9.0, exact(2.0))]);
    assert!(
        !valid
            && findings.contains(Finding::FewSamples)
            && findings.contains(Finding::NoWakeSample)
    );
    let (valid, findings) = judge(&[(8.0, exact(4.0)), (13.9, exact(2.0))]);
    assert!(!valid && findings.contains(Finding::ShortSpan));
    let (valid, findings) = judge(&[(0.0, exact(9.0)), (7.9, exact(2.0))]);
    assert!(!valid && findings.contains(Finding::NoEveningSample));
    let (valid, findings) = judge(&[]);
    assert!(!valid && findings.contains(Finding::FewSamples));
    assert!(
        judge(&[(0.0, below(0.5)), (8.0, below(0.5))]).0,
        "censored samples count"
    );
}

#[test]
fn a_condition_of_the_day_keeps_it_from_counting() {
    let day = SamplingDay {
        conditions: Conditions::from_iter([Condition::NightShift]),
        ..day_of(&known_day())
    };
    let profile = profile(day, &Person::default(), &Policy::default());
    assert!(!profile.valid);
    assert!(profile.findings.contains(Finding::ExcludedNightShift));
    assert!(
        profile.features.slope_wake_bed_ln_per_h.is_ok(),
        "it is shown all the same"
    );
}

#[test]
fn replicates_that_disagree_are_told_and_used() {
    let samples = [
        (0.0, exact(10.0), Some(15.0)),
        (9.0, exact(2.0), Some(15.1)),
    ];
    let profile = profile(
        SamplingDay::from_hours(None, samples),
        &Person::default(),
        &Policy::default(),
    );
    let marked: Vec<_> = profile
        .day
        .samples
        .iter()
        .map(|s| s.findings.contains(Finding::HighReplicateCv))
        .collect();
    assert_eq!(marked, [false, true]);
    assert!(profile.valid);
}

#[test]
fn unknown_times_are_kept_and_not_used() {
    let mut samples = known_day();
    samples.push((f64::NAN, exact(30.0)));
    let profile = profile_of(&samples);
    assert_eq!(profile.features, profile_of(&known_day()).features);
    assert_eq!(profile.day.samples.len(), 9);
    assert!(profile.findings.contains(Finding::TimeUnknown));
}
