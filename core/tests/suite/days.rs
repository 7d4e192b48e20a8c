use diel_core::{
    Awakening, BatchVerdict, Condition, Conditions, DaySample, Finding, Moment, Policy, Sample,
    SamplingDay, TimeSource, sampling_days,
};
use jiff::civil::DateTime;
use jiff::tz::Offset;

use crate::{assert_near, exact};

/// A local time and an offset in hours.
fn at(local: &str, offset_hours: i8) -> Moment {
    let local: DateTime = local.parse().unwrap();
    let instant = Offset::constant(offset_hours).to_timestamp(local).unwrap();
    Moment::new(instant.as_microsecond(), i32::from(offset_hours) * 60).unwrap()
}

fn sample(collected: Moment) -> Sample {
    Sample {
        collected,
        level: exact(5.0),
        replicate_cv_percent: None,
        batch: BatchVerdict::NotAssessed,
    }
}

fn woke(at: Moment) -> Awakening {
    Awakening {
        at,
        source: TimeSource::SelfReport,
        conditions: Conditions::EMPTY,
    }
}

fn days(samples: &[Moment], awakenings: &[Awakening]) -> Vec<SamplingDay> {
    let samples: Vec<_> = samples.iter().copied().map(sample).collect();
    sampling_days(&samples, awakenings, &Policy::default())
}

fn date(day: &SamplingDay) -> String {
    day.date.unwrap().to_string()
}

fn hours(day: &SamplingDay) -> Vec<f64> {
    day.samples.iter().map(|sample| sample.hours).collect()
}

fn has(sample: &DaySample, finding: Finding) -> bool {
    sample.findings.contains(finding)
}

#[test]
fn bedtime_after_midnight_belongs_to_the_morning_before() {
    let days = days(
        &[
            at("2026-05-04T07:00", 2),
            at("2026-05-05T00:40", 2),
            at("2026-05-05T07:10", 2),
        ],
        &[
            woke(at("2026-05-04T07:00", 2)),
            woke(at("2026-05-05T07:10", 2)),
        ],
    );
    assert_eq!(
        days.iter().map(date).collect::<Vec<_>>(),
        ["2026-05-04", "2026-05-05"]
    );
    assert_eq!(hours(&days[0]), [0.0, 17.0 + 40.0 / 60.0]);
    assert_eq!(hours(&days[1]), [0.0]);
}

#[test]
fn clocks_that_change_neither_shorten_nor_lengthen_a_day() {
    // Central Europe: 02:00 became 03:00 on 29 March 2026, and 03:00 became 02:00 on 25 October.
    let spring = days(
        &[at("2026-03-29T07:00", 2)],
        &[woke(at("2026-03-28T23:30", 1))],
    );
    assert_eq!(
        (date(&spring[0]).as_str(), hours(&spring[0])),
        ("2026-03-28", vec![6.5])
    );
    let autumn = days(
        &[at("2026-10-25T02:30", 1)],
        &[woke(at("2026-10-24T08:00", 2))],
    );
    assert_eq!(
        (date(&autumn[0]).as_str(), hours(&autumn[0])),
        ("2026-10-24", vec![19.5])
    );
}

#[test]
fn a_flight_to_the_west_makes_a_long_evening() {
    // Berlin 06:00 (+2) to New York 21:00 (-4) is 21 h by instants: beyond the day, and it stays in it, marked.
    let awakening = [woke(at("2026-06-10T06:00", 2))];
    let days = days(
        &[
            at("2026-06-10T06:00", 2),
            at("2026-06-10T18:00", -4),
            at("2026-06-10T21:00", -4),
        ],
        &awakening,
    );
    assert_eq!(days.len(), 1);
    assert_eq!(hours(&days[0]), [0.0, 18.0, 21.0]);
    assert!(!has(&days[0].samples[1], Finding::LongAfterAwakening));
    assert!(has(&days[0].samples[2], Finding::LongAfterAwakening));
}

#[test]
fn a_flight_over_the_date_line_keeps_one_day_for_each_date() {
    // Tokyo 08:00 (+9) on the 2nd, then Honolulu (-10) at 07:00 on the same date, 18 h later by instants.
    let awakenings = [
        woke(at("2026-06-02T08:00", 9)),
        woke(at("2026-06-02T07:00", -10)),
    ];
    let days = days(
        &[at("2026-06-02T08:00", 9), at("2026-06-02T07:00", -10)],
        &awakenings,
    );
    assert_eq!(days.iter().map(date).collect::<Vec<_>>(), ["2026-06-02"]);
    assert_eq!(hours(&days[0]), [0.0, 18.0]);
    assert!(days[0].findings.contains(Finding::SecondAwakening));
}

#[test]
fn a_sample_shortly_before_the_noted_awakening_is_its_first() {
    let awakenings = [
        woke(at("2026-05-04T06:30", 2)),
        woke(at("2026-05-05T07:00", 2)),
    ];
    let days = days(
        &[at("2026-05-05T06:45", 2), at("2026-05-05T06:59", 2)],
        &awakenings,
    );
    assert_eq!(days.len(), 1);
    assert_near(days[0].samples[0].hours, -0.25, 1e-15);
    assert!(
        days[0]
            .samples
            .iter()
            .all(|sample| has(sample, Finding::BeforeAwakening))
    );
}

#[test]
fn a_sample_long_before_awakening_is_kept_and_marked() {
    let days = days(
        &[at("2026-05-05T06:00", 2), at("2026-05-05T07:00", 2)],
        &[woke(at("2026-05-05T07:00", 2))],
    );
    assert_eq!(days.len(), 1);
    assert_eq!(hours(&days[0]), [-1.0, 0.0]);
    assert!(has(&days[0].samples[0], Finding::LongBeforeAwakening));
    assert!(days[0].awakening_recorded);
}

#[test]
fn twenty_hours_end_a_day() {
    let awakening = [woke(at("2026-05-04T06:00", 0))];
    let within = days(&[at("2026-05-05T02:00", 0)], &awakening);
    assert_eq!(
        (date(&within[0]).as_str(), within[0].awakening_recorded),
        ("2026-05-04", true)
    );
    let beyond = days(&[at("2026-05-05T04:00", 0)], &awakening);
    assert_eq!(
        (date(&beyond[0]).as_str(), beyond[0].awakening_recorded),
        ("2026-05-05", false)
    );
}

#[test]
fn without_awakenings_a_day_begins_at_four() {
    let moments = [
        at("2026-05-04T07:00", 2),
        at("2026-05-05T00:40", 2),
        at("2026-05-05T04:00", 2),
    ];
    let days = days(&moments, &[]);
    assert_eq!(
        days.iter().map(date).collect::<Vec<_>>(),
        ["2026-05-04", "2026-05-05"]
    );
    assert_near(days[0].samples[1].hours, 17.0 + 40.0 / 60.0, 1e-12);
    assert!(
        days.iter()
            .all(|day| day.findings.contains(Finding::AwakeningAssumed) && !day.awakening_recorded)
    );
    assert_eq!(days[0].awakening, Some(moments[0]));
}

#[test]
fn two_reports_of_one_awakening() {
    let early = at("2026-05-04T07:00", 2);
    let late = at("2026-05-04T07:40", 2);
    let report = |at, source| Awakening {
        at,
        source,
        conditions: Conditions::EMPTY,
    };
    let begin = |awakenings: &[Awakening]| {
        let day = days(&[at("2026-05-04T08:00", 2)], awakenings).remove(0);
        (
            day.awakening.unwrap(),
            day.findings.contains(Finding::AwakeningConflict),
        )
    };
    let trusted = [
        report(early, TimeSource::SelfReport),
        report(late, TimeSource::Actigraphy),
    ];
    assert_eq!(begin(&trusted), (late, true));
    let equal = [
        report(late, TimeSource::SelfReport),
        report(early, TimeSource::SelfReport),
    ];
    assert_eq!(begin(&equal), (early, true));
    let agreeing = [
        report(early, TimeSource::SelfReport),
        report(at("2026-05-04T07:05", 2), TimeSource::Electronic),
    ];
    assert_eq!(begin(&agreeing), (at("2026-05-04T07:05", 2), false));
}

#[test]
fn a_second_awakening_of_a_date_begins_nothing() {
    let awakenings = [
        woke(at("2026-05-04T14:30", 2)),
        woke(at("2026-05-04T06:30", 2)),
    ];
    let days = days(
        &[at("2026-05-04T06:30", 2), at("2026-05-04T15:00", 2)],
        &awakenings,
    );
    assert_eq!(days.len(), 1);
    assert_eq!(hours(&days[0]), [0.0, 8.5]);
    assert!(days[0].findings.contains(Finding::SecondAwakening));
    assert!(!days[0].findings.contains(Finding::AwakeningConflict));
}

#[test]
fn conditions_of_all_reports_of_a_day_hold() {
    let report = |time: &str, condition| Awakening {
        conditions: Conditions::from_iter([condition]),
        ..woke(at(time, 0))
    };
    let awakenings = [
        report("2026-05-04T07:00", Condition::AcuteIllness),
        report("2026-05-04T12:00", Condition::Travel),
        report("2026-05-06T07:00", Condition::Pregnancy),
    ];
    let days = days(&[at("2026-05-04T07:00", 0)], &awakenings);
    assert_eq!(days.len(), 1, "an awakening without samples makes no day");
    let expected = Conditions::from_iter([Condition::AcuteIllness, Condition::Travel]);
    assert_eq!(days[0].conditions, expected);
}

#[test]
fn equal_times_are_both_kept() {
    let time = at("2026-05-04T07:30", 0);
    let days = days(
        &[time, at("2026-05-04T07:00", 0), time],
        &[woke(at("2026-05-04T07:00", 0))],
    );
    let marked: Vec<_> = days[0]
        .samples
        .iter()
        .map(|sample| has(sample, Finding::DuplicateTime))
        .collect();
    assert_eq!(marked, [false, true, true]);
    assert_eq!(
        days[0]
            .samples
            .iter()
            .map(|sample| sample.index)
            .collect::<Vec<_>>(),
        [1, 0, 2]
    );
}
