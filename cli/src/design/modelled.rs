//! Reliability under a model: a row a metric, or a row for each of its days.

use diel_core::Absence;
use diel_core::design::{METRICS, ModelledReliability, POSTERIOR_SLOPE, Simulated};

use diel_client::v1;

use crate::output::{Column, Format, Frame, Records};

const COLUMNS: &[Column] = &[
    Column::new("metric"),
    Column::headed("reliability_1_day", "reliability\nof one day"),
    Column::new("days"),
    Column::headed("reliability", "of the mean\nof these days"),
    Column::headed("days_needed", "days\nneeded"),
    Column::unshown("closed_form_1_day"),
    Column::headed("simulated_1_day", "simulated,\none day"),
    Column::headed("simulated_se", "+-"),
    Column::headed("absence", "why not"),
];

/// What is to be shown of the days.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    pub(super) days: u32,
    pub(super) every_day: bool,
}

/// Prints the reliabilities.
pub(super) fn print(
    all: &[ModelledReliability],
    shown: Shown,
    notes: impl IntoIterator<Item = String>,
    format: Format,
) -> anyhow::Result<()> {
    let mut frame = Frame::new(COLUMNS);
    for of_metric in all {
        let from = if shown.every_day && !of_metric.by_days.is_empty() {
            1
        } else {
            shown.days
        };
        for days in from..=shown.days {
            let at = usize::try_from(days).unwrap_or(usize::MAX) - 1;
            frame.text(of_metric.metric);
            frame.maybe(of_metric.one_day.ok());
            frame.integer(days.into());
            frame.maybe(of_metric.by_days.get(at).copied());
            match of_metric.days_needed {
                Some(needed) => frame.integer(needed.into()),
                None => frame.absent(),
            }
            frame.maybe(of_metric.closed_form);
            frame.maybe(of_metric.simulated.map(|simulated| simulated.one_day));
            frame.maybe(
                of_metric
                    .simulated
                    .map(|simulated| simulated.standard_error),
            );
            match of_metric.one_day {
                Ok(_) => frame.absent(),
                Err(absence) => frame.text(absence.code()),
            }
            frame.end_row();
        }
    }
    notes.into_iter().for_each(|note| frame.note(note));
    frame.print(format)
}

/// What the service answered, as the core would have.
pub(super) fn from_service(
    message: &v1::ModelledReliability,
) -> anyhow::Result<ModelledReliability> {
    let simulated = message
        .simulated_one_day
        .zip(message.simulated_standard_error);
    let absence = Absence::from_code(&message.absence);
    Ok(ModelledReliability {
        metric: metric(&message.metric)?,
        one_day: message
            .one_day
            .ok_or(absence.unwrap_or(Absence::NotComputed)),
        by_days: message.by_days.clone(),
        days_needed: message
            .days_needed
            .and_then(|days| u32::try_from(days).ok()),
        closed_form: message.closed_form_one_day,
        simulated: simulated.map(|(one_day, standard_error)| Simulated {
            one_day,
            standard_error,
        }),
    })
}

/// A metric by its name.
pub(super) fn metric(name: &str) -> anyhow::Result<&'static str> {
    let mut known = METRICS.into_iter().chain([POSTERIOR_SLOPE]);
    known.find(|known| *known == name).ok_or_else(|| {
        anyhow::anyhow!(
            "the service speaks of `{name}`, which this diel does not know; it is newer"
        )
    })
}
