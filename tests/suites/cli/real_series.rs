//! Other real series: every value goes in, and none is lost on the way.

use crate::command::{Record, diel, number, profiles, real_data, records};

fn sample_count(days: &[Record]) -> f64 {
    days.iter().map(|day| number(day, "sample_count")).sum()
}

#[test]
fn the_ultradian_sessions() {
    let Some(file) = real_data("data/ultradian_md.csv") else {
        return;
    };
    let file = file.to_str().unwrap();
    // Every 20 minutes for a day, counted from the start of a session; the label of the calendar day splits a night.
    let days = profiles(
        file,
        &[
            "--column",
            "minutes_since_awakening=min_since_start",
            "--column",
            "day=session",
        ],
    );
    let sessions: std::collections::HashSet<_> =
        days.iter().map(|day| day["day"].clone()).collect();
    assert_eq!(
        (sessions.len(), days.len()),
        (190, 190),
        "one of the 189 people was there twice"
    );
    assert_eq!(sample_count(&days), 13_702.0);
    let missing = days
        .iter()
        .filter(|day| day["findings"].contains("missing_no_sample"))
        .count();
    assert!(missing > 0, "empty values are remembered as missing");
}

#[test]
fn the_serum_series_of_normal_depressed_and_cushing_people() {
    let Some(file) = real_data("data/horm_cort.csv") else {
        return;
    };
    let file = file.to_str().unwrap();
    let arguments = ["--column", "hours_since_awakening=time"];
    let days = profiles(file, &arguments);
    assert_eq!((days.len(), sample_count(&days)), (36, 425.0));
    // 22.5 ug/dL = 225 ug/L / 362.46 g/mol x 1000.
    let run = diel(&[&["analyze", file, "--format", "csv"], arguments.as_slice()].concat()).done();
    assert_eq!(records(&run.stdout).len(), 36);
    // Taken for instants, the hours are refused with the way out.
    let message = diel(&["analyze", file]).refused();
    assert!(
        message.contains("425 of 425 rows")
            && message.contains("--column hours_since_awakening=HEADER"),
        "{message}"
    );
}
