//! What holds for any input.

use diel_core::{
    AgeYears, Awakening, BatchVerdict, Condition, Conditions, Level, MissingReason, Moment,
    NmolPerL, Person, Policy, Sample, TimeSource, analyse, sampling_days,
};
use proptest::prelude::*;

const HOUR: i64 = 3_600_000_000;
/// 2026-05-04T00:00Z.
const BEGIN: i64 = 1_777_852_800_000_000;

fn level() -> impl Strategy<Value = Level> {
    let nmol = |value| NmolPerL::new(value).unwrap();
    prop_oneof![
        6 => (0.0..80.0_f64).prop_map(move |value| Level::Exact(nmol(value))),
        1 => Just(Level::Exact(nmol(0.0))),
        1 => (0.01..5.0_f64).prop_map(move |limit| Level::Below(nmol(limit))),
        1 => (1.0..100.0_f64).prop_map(move |limit| Level::Above(nmol(limit))),
        1 => prop::sample::select(MissingReason::ALL.to_vec()).prop_map(Level::Missing),
    ]
}

/// Instants over five days, on a coarse grid so that ties occur, at changing offsets.
fn moment() -> impl Strategy<Value = Moment> {
    (0..480_i64, -4..4_i32).prop_map(|(quarter, offset)| {
        Moment::new(BEGIN + quarter * HOUR / 4, offset * 180).unwrap()
    })
}

fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let cv = prop::option::of(0.0..30.0_f64);
    let batch = prop::sample::select(BatchVerdict::ALL.to_vec());
    let sample = (moment(), level(), cv, batch).prop_map(|(collected, level, cv, batch)| Sample {
        collected,
        level,
        replicate_cv_percent: cv,
        batch,
    });
    prop::collection::vec(sample, 0..30)
}

fn awakenings() -> impl Strategy<Value = Vec<Awakening>> {
    let source = prop::sample::select(vec![
        TimeSource::SelfReport,
        TimeSource::Electronic,
        TimeSource::Actigraphy,
    ]);
    let conditions = prop_oneof![
        9 => Just(Conditions::EMPTY),
        1 => prop::sample::select(Condition::ALL.to_vec()).prop_map(|one| Conditions::from_iter([one])),
    ];
    let awakening = (moment(), source, conditions).prop_map(|(at, source, conditions)| Awakening {
        at,
        source,
        conditions,
    });
    prop::collection::vec(awakening, 0..8)
}

fn person() -> impl Strategy<Value = Person> {
    prop::option::of(0.0..90.0_f64).prop_map(|age| Person {
        age: age.and_then(|age| AgeYears::new(age).ok()),
        ..Person::default()
    })
}

fn shifted(at: Moment) -> Moment {
    // Eight weeks and no hour: the same local clock times on other dates.
    Moment::new(at.microseconds() + 56 * 24 * HOUR, at.utc_offset_minutes()).unwrap()
}

proptest! {
    #[test]
    fn every_sample_lands_in_exactly_one_day_of_its_own_date(samples in samples(), awakenings in awakenings()) {
        let days = sampling_days(&samples, &awakenings, &Policy::default());
        let mut found: Vec<usize> = days.iter().flat_map(|day| &day.samples).map(|sample| sample.index).collect();
        found.sort_unstable();
        prop_assert_eq!(found, (0..samples.len()).collect::<Vec<_>>());
        prop_assert!(days.windows(2).all(|pair| pair[0].date < pair[1].date));
        for day in &days {
            prop_assert!(!day.samples.is_empty());
            prop_assert!(day.samples.windows(2).all(|pair| pair[0].hours <= pair[1].hours));
            if day.awakening_recorded {
                prop_assert_eq!(day.date, day.awakening.map(Moment::local_date));
            }
        }
    }

    #[test]
    fn the_order_of_the_input_does_not_matter(
        samples in samples(),
        awakenings in awakenings(),
        person in person(),
        seed in any::<usize>(),
    ) {
        let turned = |count: usize| if count == 0 { 0 } else { seed % count };
        let mut other_samples = samples.clone();
        other_samples.reverse();
        other_samples.rotate_left(turned(samples.len()));
        let mut other_awakenings = awakenings.clone();
        other_awakenings.reverse();
        other_awakenings.rotate_left(turned(awakenings.len()));
        let one = analyse(&person, &samples, &awakenings, &Policy::default());
        let other = analyse(&person, &other_samples, &other_awakenings, &Policy::default());
        prop_assert_eq!(one.rhythm, other.rhythm);
        for (one, other) in one.profiles.iter().zip(&other.profiles) {
            prop_assert_eq!(one.features, other.features);
            prop_assert_eq!(one.findings, other.findings);
            prop_assert_eq!(one.day.awakening, other.day.awakening);
        }
    }

    #[test]
    fn other_dates_give_the_same_numbers(samples in samples(), awakenings in awakenings(), person in person()) {
        let later: Vec<_> =
            samples.iter().map(|sample| Sample { collected: shifted(sample.collected), ..*sample }).collect();
        let later_awakenings: Vec<_> =
            awakenings.iter().map(|one| Awakening { at: shifted(one.at), ..*one }).collect();
        let one = analyse(&person, &samples, &awakenings, &Policy::default());
        let other = analyse(&person, &later, &later_awakenings, &Policy::default());
        prop_assert_eq!(one.rhythm.posterior, other.rhythm.posterior);
        prop_assert_eq!(one.rhythm.verdict, other.rhythm.verdict);
        prop_assert_eq!(one.rhythm.reasons, other.rhythm.reasons);
        let features = |analysis: &diel_core::Analysis| {
            analysis.profiles.iter().map(|profile| profile.features).collect::<Vec<_>>()
        };
        prop_assert_eq!(features(&one), features(&other));
    }

    #[test]
    fn every_number_is_a_number(samples in samples(), awakenings in awakenings(), person in person()) {
        let analysis = analyse(&person, &samples, &awakenings, &Policy::default());
        for profile in &analysis.profiles {
            for (name, feature) in profile.features.iter() {
                prop_assert!(feature.is_ok_and(f64::is_finite) || feature.is_err(), "{name}");
            }
        }
        let rhythm = analysis.rhythm;
        prop_assert!(rhythm.threshold_ln_per_h.is_finite());
        prop_assert!(rhythm.sample_count + rhythm.left_out_sample_count <= samples.len() as u32);
        let used = analysis.profiles.iter().flat_map(|profile| &profile.day.samples);
        prop_assert_eq!(used.filter(|sample| sample.used_in_slope).count(), rhythm.sample_count as usize);
        if let Some(estimate) = rhythm.estimate {
            prop_assert!(estimate.slope_ln_per_h.is_finite() && estimate.se.is_none_or(f64::is_finite));
        }
        if let Some(posterior) = rhythm.posterior {
            prop_assert!((0.0..=1.0).contains(&posterior.probability_flat));
            prop_assert!((0.0..=1.0).contains(&posterior.reliability));
            prop_assert!((0.0..=100.0).contains(&posterior.reference_percentile));
            prop_assert!(posterior.sd > 0.0 && posterior.sd <= rhythm.reference.slope_sd() * (1.0 + 1e-12));
            prop_assert!(posterior.lower < posterior.slope_ln_per_h && posterior.slope_ln_per_h < posterior.upper);
        }
    }
}
