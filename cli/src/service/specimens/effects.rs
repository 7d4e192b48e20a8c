//! What a correction did, or would do.

use diel_client::v1;
use diel_server::table::instant::local_text;
use diel_server::table::samples::collected_text;

use crate::output::{Column, FLAG_NOTE, Format, Records};
use crate::service::answer::{Answer, text_or_nothing};
use crate::service::name;

const COLUMNS: &[Column] = &[
    Column::new("participant"),
    Column::headed("sampling_date", "date"),
    Column::headed("samples_before", "samples\nbefore"),
    Column::headed("samples_after", "samples\nafter"),
    Column::headed("slope_before_ln_per_h", "slope before\nln/h"),
    Column::headed("slope_after_ln_per_h", "slope after\nln/h"),
    Column::headed("probability_flat_before", "P(flat)\nbefore"),
    Column::headed("probability_flat_after", "P(flat)\nafter"),
    Column::headed("verdict_before", "before"),
    Column::headed("verdict_after", "after"),
];

/// A row for each day that changed and one for each person, whose date is empty.
pub(super) fn show(
    corrected: &v1::CorrectSpecimensResponse,
    is_trial: bool,
    format: Format,
) -> anyhow::Result<()> {
    let mut answer = Answer::begin(COLUMNS, format)?;
    for person in &corrected.rhythms {
        let days = corrected.days.iter();
        for day in days.filter(|day| day.participant == person.participant) {
            answer.row(|records| write_day(records, day))?;
        }
        answer.row(|records| write_person(records, person))?;
    }
    answer.end(notes(corrected, is_trial))
}

fn write_day(records: &mut dyn Records, day: &v1::DayEffect) {
    records.text(&day.participant);
    records.text(&day.sampling_date);
    let (before, after) = (day.before.as_ref(), day.after.as_ref());
    for standing in [before, after] {
        records.integer(standing.map_or(0, |day| day.sample_count).into());
    }
    for standing in [before, after] {
        records.maybe(standing.and_then(|day| day.slope_regression_ln_per_h));
    }
    (0..4).for_each(|_| records.absent());
    records.end_row();
}

fn write_person(records: &mut dyn Records, person: &v1::RhythmEffect) {
    records.text(&person.participant);
    (0..3).for_each(|_| records.absent());
    let both = [person.before.as_ref(), person.after.as_ref()];
    for standing in both {
        records.maybe(standing.and_then(|rhythm| rhythm.posterior_slope_ln_per_h));
    }
    for standing in both {
        records.maybe(standing.and_then(|rhythm| rhythm.probability_flat));
    }
    for standing in both {
        let verdict = standing.map_or_else(String::new, |rhythm| {
            let verdict = rhythm.verdict().as_str_name();
            verdict.trim_start_matches("VERDICT_").to_owned()
        });
        text_or_nothing(records, &verdict);
    }
    records.end_row();
}

fn notes(corrected: &v1::CorrectSpecimensResponse, is_trial: bool) -> Vec<String> {
    let (is, was) = if is_trial {
        ("would be", "would be")
    } else {
        ("is now", "was")
    };
    let mut notes = Vec::new();
    for specimen in &corrected.specimens {
        let id = name::id(&specimen.name);
        notes.push(match &specimen.collection {
            Some(facts) => format!(
                "{id} {is} {}'s of {}{} (facts no. {})",
                facts.participant,
                collected_text(facts),
                if facts.label.is_empty() {
                    String::new()
                } else {
                    format!(", {}", facts.label)
                },
                specimen.collection_revision
            ),
            None => format!("{id} {is} without collection facts"),
        });
    }
    for withdrawn in &corrected.withdrawn_awakenings {
        let at = withdrawn
            .awakening_time
            .as_ref()
            .and_then(|time| local_text(time, withdrawn.awakening_utc_offset_minutes));
        notes.push(format!(
            "the awakening of {} at {} {was} taken back: no other tube states it, and nobody stated it apart",
            withdrawn.participant,
            at.unwrap_or_default()
        ));
    }
    for flag in &corrected.raised_flags {
        notes.push(format!("{flag} {was} raised for review"));
    }
    notes.push(FLAG_NOTE.to_owned());
    notes
}
