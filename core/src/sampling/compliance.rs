//! Planned against actual times. Three answers for a sample that was taken: within its tolerance, outside, not known.

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime};

use super::protocol::{Due, PlannedSample, SamplingProtocol};
use super::{Tube, TubeDay};
use crate::coded::coded;
use crate::{Moment, TimeSource};

/// What is due before this hour by the clock belongs to the evening before.
const DAY_BEGINS_AT_MIN: f64 = 4.0 * 60.0;

coded! {
    /// Why it is not known whether a sample was taken in time.
    UnknownTiming, "timing" {
        SourceMissing = "time_source_missing": "Nothing says how the collection time is known.",
        AwakeningMissing = "awakening_missing": "The sample is due after awakening, and no awakening is recorded.",
        AwakeningSourceMissing = "awakening_source_missing": "The sample is due after awakening, and nothing says how the awakening is known.",
        BedtimeUnknown = "bedtime_unknown": "The sample is due at bedtime, and the time of going to bed is not recorded.",
    }
}

/// How a sample stands to the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// Within its tolerance.
    Within,
    /// Outside.
    Outside,
    /// Taken, and nobody knows.
    NotKnown(UnknownTiming),
    /// No tube of the day has the label.
    NotTaken,
    /// Taken, and not planned.
    NotPlanned,
}

/// How far a sample is off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deviation {
    /// When it was due, on the clock of the place.
    pub due: DateTime,
    /// Minutes from then to the collection, negative when it was early.
    pub minutes: f64,
}

/// A sample of the plan, or a tube that is not planned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleCompliance {
    /// The position of its tube.
    pub tube: Option<usize>,
    /// The position of its sample in the plan.
    pub planned: Option<usize>,
    /// How it stands to the plan.
    pub timing: Timing,
    /// How far off it is, wherever both times are there, also where their sources are not.
    pub deviation: Option<Deviation>,
    /// Whether an instrument says both when it was taken and, where it counts from it, when the person woke.
    pub is_electronic: bool,
}

/// Counts of one day, or of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimingCounts {
    /// Samples of the plan.
    pub planned: u32,
    /// Of these, those that were taken.
    pub taken: u32,
    /// Of these, those within their tolerance.
    pub within: u32,
    /// Those outside.
    pub outside: u32,
    /// Those of which nobody knows.
    pub not_known: u32,
    /// Of those taken, those that instruments vouch for.
    pub electronic: u32,
    /// Tubes that are not planned.
    pub not_planned: u32,
}

/// One sampling day against the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct DayCompliance {
    /// The date of the day.
    pub date: Date,
    /// The planned samples in the plan's order, each with all of its tubes, then tubes that are not planned, by time.
    pub samples: Vec<SampleCompliance>,
    /// Their counts.
    pub counts: TimingCounts,
}

impl TimingCounts {
    /// The share within their tolerance of those of which it is known; `None` where it is known of none.
    #[must_use]
    pub fn share_within(self) -> Option<f64> {
        share(self.within, self.within + self.outside)
    }

    /// The share that instruments vouch for of those taken; `None` where none was.
    #[must_use]
    pub fn share_electronic(self) -> Option<f64> {
        share(self.electronic, self.taken)
    }

    /// The counts of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            planned: self.planned + other.planned,
            taken: self.taken + other.taken,
            within: self.within + other.within,
            outside: self.outside + other.outside,
            not_known: self.not_known + other.not_known,
            electronic: self.electronic + other.electronic,
            not_planned: self.not_planned + other.not_planned,
        }
    }
}

fn share(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| f64::from(part) / f64::from(whole))
}

/// Holds a day's tubes against the plan. Tubes are found by their labels, which order nothing.
#[must_use]
pub fn compliance(protocol: &SamplingProtocol, day: &TubeDay, tubes: &[Tube<'_>]) -> DayCompliance {
    let of_day: Vec<(usize, &Tube<'_>)> = day
        .tubes
        .iter()
        .filter_map(|&at| Some((at, tubes.get(at)?)))
        .collect();
    let mut samples = Vec::new();
    for (position, planned) in protocol.samples().iter().enumerate() {
        let mut labelled = of_day
            .iter()
            .filter(|(_, tube)| tube.label == planned.label)
            .peekable();
        if labelled.peek().is_none() {
            samples.push(SampleCompliance {
                tube: None,
                planned: Some(position),
                timing: Timing::NotTaken,
                deviation: None,
                is_electronic: false,
            });
        }
        samples.extend(labelled.map(|(at, tube)| SampleCompliance {
            tube: Some(*at),
            planned: Some(position),
            ..of_tube(planned, day, tube)
        }));
    }
    let is_planned = |tube: &Tube<'_>| protocol.samples().iter().any(|one| one.label == tube.label);
    let others = of_day.iter().filter(|(_, tube)| !is_planned(tube));
    samples.extend(others.map(|(at, _)| SampleCompliance {
        tube: Some(*at),
        planned: None,
        timing: Timing::NotPlanned,
        deviation: None,
        is_electronic: false,
    }));
    DayCompliance {
        date: day.date,
        counts: counts(protocol, &samples),
        samples,
    }
}

fn of_tube(planned: &PlannedSample, day: &TubeDay, tube: &Tube<'_>) -> SampleCompliance {
    let deviation = deviation(planned.due, day, tube.collected);
    let counts_from_awakening = matches!(planned.due, Due::AfterAwakening(_));
    let awakening_source = day.awakening.map(|(_, source)| source);
    let timing = match (planned.due, awakening_source) {
        (Due::Bedtime, _) => Timing::NotKnown(UnknownTiming::BedtimeUnknown),
        _ if tube.source == TimeSource::Unspecified => {
            Timing::NotKnown(UnknownTiming::SourceMissing)
        }
        (Due::AfterAwakening(_), None) => Timing::NotKnown(UnknownTiming::AwakeningMissing),
        (Due::AfterAwakening(_), Some(TimeSource::Unspecified)) => {
            Timing::NotKnown(UnknownTiming::AwakeningSourceMissing)
        }
        _ => judge(planned, deviation),
    };
    let is_vouched_for = |source: TimeSource| source >= TimeSource::Electronic;
    SampleCompliance {
        tube: None,
        planned: None,
        timing,
        deviation,
        is_electronic: is_vouched_for(tube.source)
            && (!counts_from_awakening || awakening_source.is_some_and(is_vouched_for)),
    }
}

fn judge(planned: &PlannedSample, deviation: Option<Deviation>) -> Timing {
    let (Some(deviation), Some(tolerance)) = (deviation, planned.tolerance_in_force()) else {
        return Timing::NotKnown(UnknownTiming::AwakeningMissing);
    };
    if (-tolerance.early_min..=tolerance.late_min).contains(&deviation.minutes) {
        Timing::Within
    } else {
        Timing::Outside
    }
}

fn deviation(due: Due, day: &TubeDay, collected: Moment) -> Option<Deviation> {
    match due {
        Due::AfterAwakening(minutes) => {
            let (awakening, _) = day.awakening?;
            let microseconds = (minutes * 60e6).round() as i64;
            let due = awakening
                .local_date_time()
                .checked_add(microseconds.microseconds())
                .ok()?;
            let since_awakening = collected.microseconds() - awakening.microseconds();
            Some(Deviation {
                due,
                minutes: (since_awakening - microseconds) as f64 / 60e6,
            })
        }
        Due::ClockTime(minutes) => {
            let date = if minutes < DAY_BEGINS_AT_MIN {
                day.date.tomorrow().ok()?
            } else {
                day.date
            };
            let seconds = (minutes * 60.0).round() as i64;
            let due = date
                .to_datetime(jiff::civil::Time::midnight())
                .checked_add(seconds.seconds())
                .ok()?;
            let apart = collected.local_date_time().duration_since(due);
            Some(Deviation {
                due,
                minutes: apart.as_secs_f64() / 60.0,
            })
        }
        Due::Bedtime => None,
    }
}

fn counts(protocol: &SamplingProtocol, samples: &[SampleCompliance]) -> TimingCounts {
    let mut counts = TimingCounts {
        planned: u32::try_from(protocol.samples().len()).unwrap_or(u32::MAX),
        ..TimingCounts::default()
    };
    let mut last_taken = None;
    for sample in samples {
        match sample.timing {
            Timing::NotTaken => continue,
            Timing::NotPlanned => {
                counts.not_planned += 1;
                continue;
            }
            // A label that stands on two tubes is one planned sample; the first tube is counted.
            _ if last_taken == sample.planned => {
                counts.not_planned += 1;
                continue;
            }
            Timing::Within => counts.within += 1,
            Timing::Outside => counts.outside += 1,
            Timing::NotKnown(_) => counts.not_known += 1,
        }
        last_taken = sample.planned;
        counts.taken += 1;
        counts.electronic += u32::from(sample.is_electronic);
    }
    counts
}
