//! What new revisions of results did to persons, as a table.

use diel_client::v1;
use diel_server::table::flags::plain;

use super::answer::{Answer, text_or_nothing};
use crate::output::{Column, FLAG_NOTE, Format, Records};

const COLUMNS: &[Column] = &[
    Column::new("participant"),
    Column::headed("verdict_before", "verdict before"),
    Column::headed("verdict_after", "verdict after"),
    Column::headed("lost_days", "days that no longer count"),
    Column::headed("gained_days", "days that count now"),
    Column::headed("flag_event", "its flag is"),
    Column::new("flag"),
];

/// Prints what happened to each person, and the counts below for people.
pub(super) fn print(
    persons: &[v1::RevisedPerson],
    counts: String,
    format: Format,
) -> anyhow::Result<()> {
    let mut answer = Answer::begin(COLUMNS, format)?;
    for person in persons {
        answer.row(|records| write(records, person))?;
    }
    let stepped = persons.iter().any(|person| !person.flag.is_empty());
    let note = stepped.then(|| FLAG_NOTE.to_owned());
    answer.end([counts].into_iter().chain(note))
}

fn write(records: &mut dyn Records, person: &v1::RevisedPerson) {
    records.text(&person.participant);
    text_or_nothing(records, &person.verdict_before);
    text_or_nothing(records, &person.verdict_after);
    text_or_nothing(records, &person.lost_days.join(";"));
    text_or_nothing(records, &person.gained_days.join(";"));
    let event = match person.flag_event() {
        v1::FlagEventKind::Unspecified => String::new(),
        kind => plain(kind.as_str_name(), "FLAG_EVENT_KIND_"),
    };
    text_or_nothing(records, &event);
    text_or_nothing(records, &person.flag);
    records.end_row();
}
