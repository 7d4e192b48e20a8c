//! Days, nights and clocks.

use crate::command::{analyze, number, profiles_of, records};

const BERLIN: &[&str] = &["--time-zone", "Europe/Berlin"];

#[test]
fn a_bedtime_after_midnight_belongs_to_the_day_before() {
    let file = "subject,date,time,wake_time,cortisol_nmol_l\n\
        A,2026-03-02,07:00,07:00,12\nA,2026-03-02,12:00,07:00,6\nA,2026-03-02,00:40,07:00,1.5\n\
        A,2026-03-03,07:00,07:00,12\nA,2026-03-03,23:00,07:00,1.5\n";
    let days = profiles_of(file, BERLIN);
    assert_eq!(days.len(), 2);
    assert_eq!(
        (
            days[0]["sampling_date"].as_str(),
            days[0]["sample_count"].as_str()
        ),
        ("2026-03-02", "3")
    );
    // ln(1.5 / 12) over 17 h 40 min.
    let expected = (1.5_f64 / 12.0).ln() / (17.0 + 40.0 / 60.0);
    assert!((number(&days[0], "slope_wake_bed_ln_per_h") - expected).abs() < 1e-12);
}

#[test]
fn the_day_on_which_the_clocks_jump_has_its_true_length() {
    // From 00:30 (+01:00) to 08:30 (+02:00) on the clock are 7 hours.
    let file = "subject,time,awakening_at,cortisol_nmol_l\n\
        A,2026-03-29 00:30,2026-03-29 00:30,12\nA,2026-03-29 08:30,2026-03-29 00:30,3\n";
    let days = profiles_of(file, &[BERLIN, &["--evening-after-h", "6"]].concat());
    let expected = (3.0_f64 / 12.0).ln() / 7.0;
    assert!((number(&days[0], "slope_wake_bed_ln_per_h") - expected).abs() < 1e-12);
}

#[test]
fn a_time_that_the_clocks_skipped_or_repeated_is_refused_with_both_readings() {
    let message = analyze("id,time,cortisol_nmol_l\nA,2026-03-29 02:30,5\n", BERLIN).refused();
    assert!(message.contains("skipped in Europe/Berlin"), "{message}");
    assert!(
        message.contains("2026-03-29T03:30:00+02:00 or 2026-03-29T01:30:00+01:00"),
        "{message}"
    );
    let message = analyze("id,time,cortisol_nmol_l\nA,2026-10-25 02:30,5\n", BERLIN).refused();
    assert!(
        message.contains("showed twice in Europe/Berlin"),
        "{message}"
    );
    assert_eq!(
        analyze(
            "id,time,cortisol_nmol_l\nA,2026-10-25T02:30+01:00,5\n",
            BERLIN
        )
        .status,
        0
    );
}

#[test]
fn labels_order_nothing() {
    // S1, S10, S2: by label the area would be 45, by time it is 40.
    let file = "subject,sample,minutes_since_waking,cortisol_nmol_l\n\
        A,S10,20,1\nA,S1,0,1\nA,S2,10,3\n";
    let days = profiles_of(file, &[]);
    assert!((number(&days[0], "car_auc_g_nmol_min_per_l") - 40.0).abs() < 1e-12);
}

#[test]
fn minutes_win_over_clocks_and_local_times_then_need_no_zone() {
    let file = "subject,time,minutes_since_waking,cortisol_nmol_l\n\
        A,2026-03-02 07:10,0,12\nA,2026-03-03 00:40,1060,1.5\n";
    let run = analyze(file, &["--profiles", "-"]).done();
    assert!(
        run.stderr.contains("used for their date alone"),
        "{}",
        run.stderr
    );
    let days = records(&run.stdout);
    assert_eq!(
        (days.len(), days[0]["sampling_date"].as_str()),
        (1, "2026-03-02")
    );
    let expected = (1.5_f64 / 12.0).ln() / (1060.0 / 60.0);
    assert!((number(&days[0], "slope_wake_bed_ln_per_h") - expected).abs() < 1e-12);
}

#[test]
fn a_date_beside_minutes_is_the_day_s_or_the_sample_s_own() {
    let of_the_day = "subject,date,time,minutes_since_waking,cortisol_nmol_l\n\
        A,2026-03-02,07:00,0,12\nA,2026-03-02,00:40,1060,1.5\n";
    let run = analyze(of_the_day, &["--profiles", "-", "--time-zone", "UTC"]).done();
    assert!(
        run.stderr
            .contains("1 samples are read as taken after midnight"),
        "{}",
        run.stderr
    );
    let own = "subject,collected_at,minutes_since_waking,cortisol_nmol_l\n\
        A,2026-03-02T07:00Z,0,12\nA,2026-03-03T00:40Z,1060,1.5\n";
    assert_eq!(run.stdout, analyze(own, &["--profiles", "-"]).done().stdout);
    assert_eq!(records(&run.stdout).len(), 1);
}

#[test]
fn what_is_no_date_is_the_label_of_its_day_where_hours_are_given() {
    let file = "subject,date,minutes_since_waking,cortisol_nmol_l\nA,Monday,0,9\nA,Monday,900,2\nA,Tuesday,0,8\n";
    let days: Vec<_> = profiles_of(file, &[])
        .into_iter()
        .map(|day| (day["day"].clone(), day["sample_count"].clone()))
        .collect();
    assert_eq!(
        days,
        [("Monday", "2"), ("Tuesday", "1")].map(|(day, count)| (day.to_owned(), count.to_owned()))
    );
}

#[test]
fn days_stand_by_number_and_participants_by_first_appearance() {
    let file = "subject,day,minutes_since_waking,cortisol_nmol_l\n\
        B,10,0,9\nB,10,900,2\nA,1,0,9\nA,1,900,2\nB,2,0,9\nB,2,900,2\n";
    let days: Vec<_> = profiles_of(file, &[])
        .into_iter()
        .map(|day| (day["participant"].clone(), day["day"].clone()))
        .collect();
    let expected = [("B", "2"), ("B", "10"), ("A", "1")]
        .map(|(person, day)| (person.to_owned(), day.to_owned()));
    assert_eq!(days, expected);
}

#[test]
fn the_order_of_rows_changes_nothing() {
    let rows = [
        "A,2026-03-02T07:00Z,12",
        "A,2026-03-02T07:30Z,16",
        "A,2026-03-02T21:00Z,2",
        "A,2026-03-03T07:00Z,9",
        "A,2026-03-03T20:00Z,3",
    ];
    let answer = |rows: Vec<&str>| {
        let file = format!("id,time,cortisol_nmol_l\n{}\n", rows.join("\n"));
        let profiles = analyze(&file, &["--profiles", "-"]).done().stdout;
        profiles + &analyze(&file, &["--rhythms", "-"]).done().stdout
    };
    let forwards = answer(rows.to_vec());
    assert_eq!(forwards, answer(rows.into_iter().rev().collect()));
    assert_eq!(forwards.lines().count(), 5, "{forwards}");
}
