//! What happened to a flag.

use diel_client::v1;
use diel_server::table::flags::{decision_text, plain};

use crate::output::{Column, Records};
use crate::service::answer::text_or_nothing;
use crate::service::instant;

pub(super) const COLUMNS: &[Column] = &[
    Column::headed("sequence", "step"),
    Column::headed("at", "when"),
    Column::headed("kind", "what"),
    Column::headed("actor", "who"),
    Column::new("decision"),
    Column::headed("reason", "why"),
    Column::headed("probability_flat", "P(flat)"),
    Column::headed("valid_day_count", "days"),
];

pub(super) fn write(records: &mut dyn Records, event: &v1::FlagEvent) {
    records.integer(event.sequence);
    let time = event
        .create_time
        .as_ref()
        .and_then(instant::utc_text)
        .unwrap_or_default();
    text_or_nothing(records, &time);
    records.text(&plain(event.kind().as_str_name(), "FLAG_EVENT_KIND_"));
    records.text(&event.actor);
    text_or_nothing(records, &decision_text(event.decision()));
    text_or_nothing(records, &event.reason);
    match &event.evidence {
        Some(evidence) => {
            records.number(evidence.probability_flat);
            records.integer(evidence.valid_day_count.into());
        }
        None => (0..2).for_each(|_| records.absent()),
    }
    records.end_row();
}
