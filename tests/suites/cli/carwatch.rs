//! Real mornings: the features that their authors published, computed from the file as it is.

use std::collections::HashMap;

use crate::command::{Record, number, profiles, real_data};

/// Equal but for rounding.
const RELATIVE: f64 = 1e-9;

fn close(computed: f64, published: f64) -> bool {
    (computed - published).abs() <= RELATIVE * published.abs().max(1.0)
}

#[test]
fn the_published_features_of_213_mornings_are_found_again() {
    let (Some(samples), Some(expected)) = (
        real_data("data/carwatch_car.csv"),
        real_data("data/carwatch_features_expected.csv"),
    ) else {
        return;
    };
    let since_first_sample = [
        "--column",
        "minutes_since_awakening=min_since_s0",
        "--car-window-min",
        "1440",
    ];
    let days: HashMap<(String, String), Record> =
        profiles(samples.to_str().unwrap(), &since_first_sample)
            .into_iter()
            .map(|day| ((day["participant"].clone(), day["day"].clone()), day))
            .collect();
    let (mut compared, mut without_samples) = (0, 0);
    for published in csv::Reader::from_path(expected)
        .unwrap()
        .deserialize::<Record>()
    {
        let published = published.unwrap();
        let Some(day) = days.get(&(published["subject"].clone(), published["day"].clone())) else {
            without_samples += 1;
            continue;
        };
        // Mornings without clock times have no published areas.
        if published["auc_g"].is_empty() {
            assert_eq!(day["car_auc_g_nmol_min_per_l"], "", "{day:?}");
            continue;
        }
        for (column, feature) in [
            ("car_auc_g_nmol_min_per_l", "auc_g"),
            ("car_auc_i_nmol_min_per_l", "auc_i"),
            ("wake_nmol_per_l", "ini_val"),
            ("car_max_increase_nmol_per_l", "max_inc"),
        ] {
            let (ours, theirs) = (number(day, column), number(&published, feature));
            assert!(
                close(ours, theirs),
                "{feature} is {theirs}, computed {ours}: {day:?}"
            );
        }
        compared += 1;
    }
    assert_eq!((compared, without_samples), (213, 2));
}

#[test]
fn nothing_of_the_file_is_lost() {
    let Some(samples) = real_data("data/carwatch_car.csv") else {
        return;
    };
    let samples = samples.to_str().unwrap();
    let count = |days: &[Record]| {
        days.iter()
            .map(|day| number(day, "sample_count"))
            .sum::<f64>()
    };
    let by_minutes = profiles(samples, &[]);
    assert_eq!((by_minutes.len(), count(&by_minutes)), (216, 1080.0));
    let unknown = by_minutes
        .iter()
        .filter(|day| day["findings"].contains("time_unknown"))
        .count();
    assert_eq!(
        unknown, 6,
        "three mornings have no clock times, three no time of awakening"
    );
    // By its own clock and wake times: 15 samples without a clock time and 10 clock times without a date cannot be
    // placed, and are said to be left out. One person noted an awakening an hour after the first sample: those samples
    // belong to the day before, which makes one day more.
    let by_clock = profiles(
        samples,
        &[
            "--time-zone",
            "Europe/Berlin",
            "--column",
            "minutes_since_awakening=",
            "--partial",
        ],
    );
    assert_eq!((by_clock.len(), count(&by_clock)), (212, 1080.0 - 25.0));
}

#[test]
fn clock_times_and_minutes_agree() {
    let Some(samples) = real_data("data/carwatch_car.csv") else {
        return;
    };
    let samples = samples.to_str().unwrap();
    let key = |day: &Record| (day["participant"].clone(), day["sampling_date"].clone());
    let by_clock = profiles(
        samples,
        &[
            "--time-zone",
            "Europe/Berlin",
            "--column",
            "minutes_since_awakening=",
            "--partial",
        ],
    );
    let by_clock: HashMap<_, _> = by_clock.iter().map(|day| (key(day), day)).collect();
    let mut compared = 0;
    for day in profiles(samples, &[])
        .iter()
        .filter(|day| !day["car_auc_g_nmol_min_per_l"].is_empty())
    {
        let Some(other) = by_clock.get(&key(day)) else {
            continue;
        };
        if other["car_auc_g_nmol_min_per_l"].is_empty() {
            continue;
        }
        let column = "car_auc_g_nmol_min_per_l";
        // Minutes are rounded to a hundredth in the file.
        assert!(
            (number(day, column) / number(other, column) - 1.0).abs() < 2e-3,
            "{day:?}\n{other:?}"
        );
        compared += 1;
    }
    assert!(compared > 150, "only {compared} mornings compared");
}
