//! How tubes were filled: against a study's plan, and against each other. Nothing here changes a slope: hours since
//! awakening are always those of the true times.

mod compliance;
mod duplicates;
mod protocol;

use jiff::civil::Date;

pub use compliance::{
    DayCompliance, Deviation, SampleCompliance, Timing, TimingCounts, UnknownTiming, compliance,
};
pub use duplicates::{Duplicate, DuplicateKind, duplicates};
pub use protocol::{
    DEFAULT_TOLERANCE_MIN, Due, PlannedSample, ProtocolError, SamplingProtocol, Tolerance,
};

use crate::{
    Awakening, BatchVerdict, Level, MissingReason, Moment, Policy, Sample, TimeSource,
    sampling_days,
};

/// A tube that was filled, with or without a result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tube<'a> {
    /// The label on it; empty where there is none.
    pub label: &'a str,
    /// When saliva was collected.
    pub collected: Moment,
    /// How that is known.
    pub source: TimeSource,
}

/// The tubes of one sampling day.
#[derive(Debug, Clone, PartialEq)]
pub struct TubeDay {
    /// The local date on which the day began.
    pub date: Date,
    /// The awakening that is recorded for it, and how it is known.
    pub awakening: Option<(Moment, TimeSource)>,
    /// Positions of its tubes, by time.
    pub tubes: Vec<usize>,
}

/// Sorts a person's tubes into sampling days, as samples are sorted for profiles.
#[must_use]
pub fn tube_days(tubes: &[Tube<'_>], awakenings: &[Awakening], policy: &Policy) -> Vec<TubeDay> {
    let samples: Vec<Sample> = tubes.iter().map(sample).collect();
    let days = sampling_days(&samples, awakenings, policy);
    days.into_iter()
        .filter_map(|day| {
            let at = day.awakening.filter(|_| day.awakening_recorded);
            let awakening = at.map(|at| (at, source_of(at, awakenings)));
            Some(TubeDay {
                date: day.date?,
                awakening,
                tubes: day.samples.iter().map(|sample| sample.index).collect(),
            })
        })
        .collect()
}

fn sample(tube: &Tube<'_>) -> Sample {
    Sample {
        collected: tube.collected,
        level: Level::Missing(MissingReason::NoSample),
        replicate_cv_percent: None,
        batch: BatchVerdict::NotAssessed,
    }
}

/// The most trusted source among the reports of one instant.
fn source_of(at: Moment, awakenings: &[Awakening]) -> TimeSource {
    let reports = awakenings
        .iter()
        .filter(|report| report.at.microseconds() == at.microseconds());
    reports
        .map(|report| report.source)
        .max()
        .unwrap_or_default()
}
