//! Reliability as days show it: a row a metric.

use diel_client::v1;
use diel_core::design::{Intraclass, ObservedReliability, Shortage};

use super::modelled::metric;
use crate::output::{Column, Format, Frame, Records};

const COLUMNS: &[Column] = &[
    Column::new("metric"),
    Column::new("persons"),
    Column::unshown("persons_with_repeats"),
    Column::headed("days_seen", "days\nseen"),
    Column::unshown("mean"),
    Column::unshown("between_sd"),
    Column::unshown("within_sd"),
    Column::headed("reliability_1_day", "reliability\nof one day"),
    Column::headed("lower", "95 %\nfrom"),
    Column::headed("upper", "to"),
    Column::headed("days_needed", "days\nneeded"),
    Column::headed("days_needed_at_best", "at best"),
    Column::headed("days_needed_at_worst", "at worst"),
    Column::new("days"),
    Column::headed("reliability", "of the mean\nof these days"),
    Column::unshown("reliability_lower"),
    Column::unshown("reliability_upper"),
    Column::headed("shortage", "why not"),
];

/// Prints the reliabilities, with those of the mean of so many days.
pub(super) fn print(
    all: &[ObservedReliability],
    days: u32,
    notes: impl IntoIterator<Item = String>,
    format: Format,
) -> anyhow::Result<()> {
    let mut frame = Frame::new(COLUMNS);
    for of_metric in all {
        frame.text(of_metric.metric);
        frame.integer(of_metric.persons.into());
        frame.integer(of_metric.persons_with_repeats.into());
        frame.integer(of_metric.days.into());
        let found = of_metric.intraclass.as_ref().ok();
        for number in found.map_or([None; 6], numbers) {
            frame.maybe(number);
        }
        for needed in found.map_or([None; 3], needed) {
            match needed {
                Some(days) => frame.integer(days.into()),
                None => frame.absent(),
            }
        }
        frame.integer(days.into());
        let of_mean = found.map(|found| found.of_mean(days).map(Some));
        for number in of_mean.unwrap_or([None; 3]) {
            frame.maybe(number);
        }
        match of_metric.intraclass {
            Ok(_) => frame.absent(),
            Err(shortage) => frame.text(shortage.code()),
        }
        frame.end_row();
    }
    notes.into_iter().for_each(|note| frame.note(note));
    frame.print(format)
}

fn numbers(found: &Intraclass) -> [Option<f64>; 6] {
    let Intraclass {
        mean,
        between_sd,
        within_sd,
        one_day,
        lower,
        upper,
        ..
    } = *found;
    [mean, between_sd, within_sd, one_day, lower, upper].map(Some)
}

const fn needed(found: &Intraclass) -> [Option<u32>; 3] {
    [
        found.days_needed,
        found.days_needed_at_best,
        found.days_needed_at_worst,
    ]
}

/// What the service answered, as the core would have.
pub(super) fn from_service(
    message: &v1::ObservedReliability,
) -> anyhow::Result<ObservedReliability> {
    let count = |number: i32| u32::try_from(number).unwrap_or(0);
    let shortage = Shortage::from_code(&message.shortage).unwrap_or(Shortage::NotFitted);
    Ok(ObservedReliability {
        metric: metric(&message.metric)?,
        persons: count(message.person_count),
        persons_with_repeats: count(message.repeated_person_count),
        days: count(message.day_count),
        intraclass: intraclass(message).ok_or(shortage),
    })
}

fn intraclass(message: &v1::ObservedReliability) -> Option<Intraclass> {
    let days = |days: Option<i32>| days.and_then(|days| u32::try_from(days).ok());
    Some(Intraclass {
        mean: message.mean?,
        between_sd: message.between_sd?,
        within_sd: message.within_sd?,
        one_day: message.one_day?,
        lower: message.lower?,
        upper: message.upper?,
        days_needed: days(message.days_needed),
        days_needed_at_best: days(message.days_needed_at_best),
        days_needed_at_worst: days(message.days_needed_at_worst),
    })
}
