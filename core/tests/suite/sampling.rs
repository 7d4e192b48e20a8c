//! Planned against actual times, by hand.

use diel_core::sampling::{
    Due, DuplicateKind, PlannedSample, ProtocolError, SamplingProtocol, Timing, Tolerance, Tube,
    UnknownTiming, compliance, duplicates, tube_days,
};
use diel_core::{Awakening, Conditions, Moment, Policy, TimeSource};
use jiff::civil::DateTime;
use jiff::tz::Offset;

fn at(local: &str, offset_hours: i8) -> Moment {
    let local: DateTime = local.parse().unwrap();
    let instant = Offset::constant(offset_hours).to_timestamp(local).unwrap();
    Moment::new(instant.as_microsecond(), i32::from(offset_hours) * 60).unwrap()
}

fn tube<'a>(label: &'a str, local: &str, source: TimeSource) -> Tube<'a> {
    Tube {
        label,
        collected: at(local, 1),
        source,
    }
}

fn woke(local: &str, source: TimeSource) -> Awakening {
    Awakening {
        at: at(local, 1),
        source,
        conditions: Conditions::EMPTY,
    }
}

fn planned(label: &str, due: Due, tolerance: Option<(f64, f64)>) -> PlannedSample {
    PlannedSample {
        label: label.to_owned(),
        due,
        tolerance: tolerance.map(|(early_min, late_min)| Tolerance {
            early_min,
            late_min,
        }),
    }
}

fn protocol() -> SamplingProtocol {
    SamplingProtocol::new(
        vec![
            planned("S1", Due::AfterAwakening(0.0), None),
            planned("S2", Due::AfterAwakening(30.0), None),
            planned("S3", Due::AfterAwakening(45.0), Some((2.0, 15.0))),
            planned("S4", Due::ClockTime(16.0 * 60.0), Some((30.0, 30.0))),
            planned("S5", Due::Bedtime, None),
        ],
        Some(2),
    )
    .unwrap()
}

#[test]
fn each_sample_is_within_outside_or_not_known() {
    use TimeSource::{Electronic, SelfReport, Unspecified};
    let tubes = [
        // 5 min late to the second: still within.
        tube("S1", "2026-03-02T07:05:00", Electronic),
        // 30 min planned, 36 taken.
        tube("S2", "2026-03-02T07:36:00", Electronic),
        // 43 of 45, 2 early allowed.
        tube("S3", "2026-03-02T07:43:00", SelfReport),
        tube("S4", "2026-03-02T16:29:00", Unspecified),
        tube("S5", "2026-03-03T00:40:00", Electronic),
        tube("extra", "2026-03-02T12:00:00", Electronic),
    ];
    let days = tube_days(
        &tubes,
        &[woke("2026-03-02T07:00:00", Electronic)],
        &Policy::default(),
    );
    assert_eq!(days.len(), 1, "bedtime after midnight belongs to the day");
    let day = compliance(&protocol(), &days[0], &tubes);
    let found: Vec<_> = day
        .samples
        .iter()
        .map(|sample| {
            let minutes = sample.deviation.map(|deviation| deviation.minutes);
            (sample.tube, sample.timing, minutes, sample.is_electronic)
        })
        .collect();
    assert_eq!(
        found,
        [
            (Some(0), Timing::Within, Some(5.0), true),
            (Some(1), Timing::Outside, Some(6.0), true),
            (Some(2), Timing::Within, Some(-2.0), false),
            (
                Some(3),
                Timing::NotKnown(UnknownTiming::SourceMissing),
                Some(29.0),
                false
            ),
            (
                Some(4),
                Timing::NotKnown(UnknownTiming::BedtimeUnknown),
                None,
                true
            ),
            (Some(5), Timing::NotPlanned, None, false),
        ]
    );
    let due = day.samples[1].deviation.unwrap().due;
    assert_eq!(due.to_string(), "2026-03-02T07:30:00");
    let counts = day.counts;
    assert_eq!(
        (
            counts.planned,
            counts.taken,
            counts.within,
            counts.outside,
            counts.not_known
        ),
        (5, 5, 2, 1, 2)
    );
    assert_eq!((counts.electronic, counts.not_planned), (3, 1));
    assert_eq!(counts.share_within(), Some(2.0 / 3.0));
    assert_eq!(counts.share_electronic(), Some(0.6));
    assert_eq!(counts.and(counts).taken, 10);
}

#[test]
fn without_a_known_awakening_nothing_is_known_of_what_counts_from_it() {
    use TimeSource::{Electronic, Unspecified};
    let tubes = [
        tube("S1", "2026-03-02T07:00:00", Electronic),
        tube("S4", "2026-03-02T16:31:00", Electronic),
    ];
    let day = |awakenings: &[Awakening]| {
        let days = tube_days(&tubes, awakenings, &Policy::default());
        compliance(&protocol(), &days[0], &tubes)
    };
    let assumed = day(&[]);
    assert_eq!(
        assumed.samples[0].timing,
        Timing::NotKnown(UnknownTiming::AwakeningMissing)
    );
    assert_eq!(assumed.samples[0].deviation, None);
    assert_eq!(assumed.samples[1].timing, Timing::NotTaken);
    // By the clock it is known nevertheless: 31 min late of 30.
    assert_eq!(assumed.samples[3].timing, Timing::Outside);
    let unsourced = day(&[woke("2026-03-02T06:58:00", Unspecified)]);
    assert_eq!(
        unsourced.samples[0].timing,
        Timing::NotKnown(UnknownTiming::AwakeningSourceMissing)
    );
    assert_eq!(unsourced.samples[0].deviation.unwrap().minutes, 2.0);
    assert_eq!(unsourced.counts.share_within(), Some(0.0));
    let none = SamplingProtocol::new(vec![planned("S9", Due::Bedtime, None)], None).unwrap();
    let days = tube_days(&tubes, &[], &Policy::default());
    let nothing = compliance(&none, &days[0], &tubes);
    assert_eq!(nothing.counts.share_within(), None);
    assert_eq!(nothing.counts.share_electronic(), None);
}

#[test]
fn a_clock_time_is_that_of_the_place_and_small_hours_are_of_the_next_date() {
    let protocol = SamplingProtocol::new(
        vec![
            planned("noon", Due::ClockTime(720.0), Some((10.0, 10.0))),
            planned("late", Due::ClockTime(30.0), Some((60.0, 60.0))),
        ],
        None,
    )
    .unwrap();
    // The clocks go forward at 02:00 of the 29th: noon of the 29th is at +02:00.
    let tubes = [
        Tube {
            label: "noon",
            collected: at("2026-03-29T12:08:00", 2),
            source: TimeSource::SelfReport,
        },
        Tube {
            label: "late",
            collected: at("2026-03-30T00:10:00", 2),
            source: TimeSource::SelfReport,
        },
    ];
    let woke = Awakening {
        at: at("2026-03-29T08:00:00", 2),
        source: TimeSource::SelfReport,
        conditions: Conditions::EMPTY,
    };
    let days = tube_days(&tubes, &[woke], &Policy::default());
    let day = compliance(&protocol, &days[0], &tubes);
    let minutes: Vec<_> = day
        .samples
        .iter()
        .map(|sample| (sample.timing, sample.deviation.unwrap().minutes))
        .collect();
    assert_eq!(minutes, [(Timing::Within, 8.0), (Timing::Within, -20.0)]);
}

#[test]
fn a_label_on_two_tubes_counts_once_and_is_found() {
    let tubes = [
        tube("S1", "2026-03-02T07:01:00", TimeSource::Electronic),
        tube("S1", "2026-03-02T07:40:00", TimeSource::Electronic),
        tube("S2", "2026-03-02T07:40:00", TimeSource::Electronic),
        tube("", "2026-03-02T09:00:00", TimeSource::Electronic),
        tube("", "2026-03-02T10:00:00", TimeSource::Electronic),
        tube("S1", "2026-03-03T07:00:00", TimeSource::Electronic),
    ];
    let awakenings = [
        woke("2026-03-02T07:00:00", TimeSource::Electronic),
        woke("2026-03-03T07:00:00", TimeSource::Electronic),
    ];
    let days = tube_days(&tubes, &awakenings, &Policy::default());
    let day = compliance(&protocol(), &days[0], &tubes);
    assert_eq!((day.counts.taken, day.counts.within), (2, 1));
    assert_eq!(day.counts.not_planned, 3);
    let found: Vec<_> = duplicates(&days, &tubes)
        .into_iter()
        .map(|duplicate| (duplicate.kind, duplicate.tubes))
        .collect();
    assert_eq!(
        found,
        [
            (DuplicateKind::SameTime, vec![1, 2]),
            (DuplicateKind::SameLabel, vec![0, 1]),
        ]
    );
}

#[test]
fn a_protocol_that_breaks_rules_is_refused_with_all_of_them() {
    let errors = SamplingProtocol::new(
        vec![
            planned("S1", Due::AfterAwakening(-1.0), None),
            planned("S1", Due::AfterAwakening(90.0), None),
            planned("", Due::ClockTime(1440.0), Some((5.0, -1.0))),
            planned("S3", Due::Bedtime, Some((5.0, 5.0))),
            planned(
                "S4",
                Due::AfterAwakening(f64::NAN),
                Some((f64::INFINITY, 1.0)),
            ),
        ],
        Some(0),
    )
    .unwrap_err();
    let of = |at: Option<usize>| errors.iter().filter(|error| error.sample() == at).count();
    assert_eq!(
        [None, Some(0), Some(1), Some(2), Some(3), Some(4)].map(of),
        [1, 1, 2, 3, 1, 2]
    );
    assert!(errors.contains(&ProtocolError::Days { days: 0 }));
    assert!(errors.contains(&ProtocolError::ToleranceMissing { sample: 1 }));
    let empty = SamplingProtocol::new(Vec::new(), None).unwrap_err();
    assert_eq!(
        empty[0].to_string(),
        "0 samples; 1 to 50 are planned for a day"
    );
}
