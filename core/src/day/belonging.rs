//! Which day a sample belongs to. All arithmetic is on instants; the local clock only names the day.

use jiff::civil::Date;

use super::awakening::{DayBegin, day_begins};
use super::{DaySample, SamplingDay};
use crate::rules::DAY_BEGINS_AT_HOUR;
use crate::{Awakening, Conditions, Finding, Findings, Moment, Policy, Rules, Sample};

/// Sorts samples into sampling days, by date; the samples of a day by time, then by level. Neither the order of the
/// input nor any label matters, and every sample lands in exactly one day.
///
/// - A sample belongs to the latest awakening at or before its collection, with a tolerance of 15 min, if that is no
///   more than 20 h earlier. A bedtime sample at 00:40 thus belongs to the day that began the morning before.
/// - Samples that belong to no awakening are grouped by local date, where the day begins at 04:00, and their awakening
///   is assumed at the group's first sample. If an awakening of that date is recorded they join its day, marked.
/// - There is one day for each local date. Two awakenings of one date within 3 h are two reports of one awakening;
///   of those further apart the earlier begins the day.
///
/// The thresholds are those of [`Policy::rules`].
#[must_use]
pub fn sampling_days(
    samples: &[Sample],
    awakenings: &[Awakening],
    policy: &Policy,
) -> Vec<SamplingDay> {
    let rules = policy.rules();
    let begins = day_begins(awakenings, rules);
    let mut members: Vec<(Date, usize, &Sample)> = samples
        .iter()
        .enumerate()
        .map(|(index, sample)| {
            let date = match begin_of(sample.collected, &begins, rules) {
                Some(begin) => begin.date,
                None => sample
                    .collected
                    .date_of_day_beginning_at(DAY_BEGINS_AT_HOUR),
            };
            (date, index, sample)
        })
        .collect();
    members.sort_unstable_by_key(|(date, index, sample)| (*date, sample.collected, *index));
    members
        .chunk_by(|(one, ..), (other, ..)| one == other)
        .filter_map(|members| {
            let &(date, _, first) = members.first()?;
            let begin = begins.iter().find(|begin| begin.date == date);
            let mut day = match begin {
                Some(begin) => recorded(begin),
                None => assumed(date, first.collected),
            };
            let awakening = day.awakening.unwrap_or(first.collected);
            day.samples = members
                .iter()
                .map(|&(_, index, sample)| {
                    let hours = sample.collected.hours_since(awakening);
                    DaySample {
                        batch: sample.batch,
                        ..DaySample::new(index, hours, sample.level, sample.replicate_cv_percent)
                    }
                })
                .collect();
            day.order(rules);
            Some(day)
        })
        .collect()
}

/// The beginning that a moment belongs to; `begins` come by instant.
fn begin_of<'a>(collected: Moment, begins: &'a [DayBegin], rules: &Rules) -> Option<&'a DayBegin> {
    let tolerance_h = rules.before_awakening_min / 60.0;
    let after = begins.partition_point(|begin| collected.hours_since(begin.at) >= -tolerance_h);
    let latest = begins.get(..after)?.last()?;
    (collected.hours_since(latest.at) <= rules.longest_day_h).then_some(latest)
}

fn recorded(begin: &DayBegin) -> SamplingDay {
    SamplingDay {
        date: Some(begin.date),
        awakening: Some(begin.at),
        awakening_recorded: true,
        conditions: begin.conditions,
        samples: Vec::new(),
        findings: begin.findings,
    }
}

fn assumed(date: Date, first: Moment) -> SamplingDay {
    SamplingDay {
        date: Some(date),
        awakening: Some(first),
        awakening_recorded: false,
        conditions: Conditions::EMPTY,
        samples: Vec::new(),
        findings: Findings::from_iter([Finding::AwakeningAssumed]),
    }
}
