//! The columns of specimens.

use diel_client::v1;
use diel_server::table::instant::local_text;

use crate::output::{Column, Records};
use crate::service::answer::text_or_nothing;
use crate::service::condition;
use crate::service::name;

pub(super) const COLUMNS: &[Column] = &[
    Column::new("specimen"),
    Column::new("participant"),
    Column::headed("collected_at", "collected"),
    Column::headed("source", "known by"),
    Column::new("label"),
    Column::headed("awakening_at", "awakening"),
    Column::unshown("awakening_source"),
    Column::headed("concentration_nmol_per_l", "nmol/L"),
    Column::headed("collection_revision", "facts"),
    Column::headed("result_revision", "result"),
    Column::new("conditions"),
];

/// Hands over the cells of a specimen.
pub(super) fn write(records: &mut dyn Records, specimen: &v1::Specimen) {
    records.text(name::id(&specimen.name));
    facts(records, specimen.collection.as_ref());
    let result = specimen.result.as_ref();
    records.maybe(result.and_then(|result| result.concentration_nmol_per_l));
    records.integer(specimen.collection_revision.into());
    records.integer(result.map_or(0, |result| result.revision).into());
    let conditions = specimen
        .collection
        .as_ref()
        .map_or_else(String::new, |facts| {
            condition::of_messages(&facts.conditions).to_string()
        });
    text_or_nothing(records, &conditions);
    records.end_row();
}

/// Hands over participant, time, source, label, awakening and its source.
pub(super) fn facts(records: &mut dyn Records, collection: Option<&v1::Collection>) {
    let Some(facts) = collection else {
        (0..6).for_each(|_| records.absent());
        return;
    };
    records.text(&facts.participant);
    text_or_nothing(records, &collected_text(facts));
    text_or_nothing(records, &source_text(facts.collection_time_source()));
    text_or_nothing(records, &facts.label);
    text_or_nothing(records, &awakening_text(facts));
    text_or_nothing(records, &source_text(facts.awakening_source()));
}

/// When saliva was collected, by the clock of the place.
pub(super) fn collected_text(facts: &v1::Collection) -> String {
    let time = facts.collection_time.as_ref();
    time.and_then(|time| {
        local_text(
            time,
            facts.collection_utc_offset_minutes.unwrap_or_default(),
        )
    })
    .unwrap_or_default()
}

fn awakening_text(facts: &v1::Collection) -> String {
    let time = facts.awakening_time.as_ref();
    time.and_then(|time| local_text(time, facts.awakening_utc_offset_minutes.unwrap_or_default()))
        .unwrap_or_default()
}

/// `electronic`, and nothing where it is not stated.
fn source_text(source: v1::TimeSource) -> String {
    if source == v1::TimeSource::Unspecified {
        return String::new();
    }
    source
        .as_str_name()
        .trim_start_matches("TIME_SOURCE_")
        .to_lowercase()
}
