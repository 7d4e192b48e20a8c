//! The table of samples: a row a specimen, by its code.

use diel_core::{Condition, Conditions};
use diel_proto::v1;

use super::instant::local_text;
use super::{Column, Records, text_or_nothing};

/// The columns.
pub const COLUMNS: &[Column] = &[
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
pub fn write(records: &mut dyn Records, specimen: &v1::Specimen) {
    records.text(specimen.name.rsplit('/').next().unwrap_or_default());
    facts(records, specimen.collection.as_ref());
    let result = specimen.result.as_ref();
    records.maybe(result.and_then(|result| result.concentration_nmol_per_l));
    records.integer(specimen.collection_revision.into());
    records.integer(result.map_or(0, |result| result.revision).into());
    let conditions = specimen
        .collection
        .as_ref()
        .map_or_else(String::new, |facts| {
            conditions(&facts.conditions).to_string()
        });
    text_or_nothing(records, &conditions);
    records.end_row();
}

/// Hands over participant, time, source, label, awakening and its source.
pub fn facts(records: &mut dyn Records, collection: Option<&v1::Collection>) {
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

/// When saliva was collected, by the clock of the place; empty when that is not told.
#[must_use]
pub fn collected_text(facts: &v1::Collection) -> String {
    let offset = facts.collection_utc_offset_minutes.unwrap_or_default();
    let time = facts.collection_time.as_ref();
    time.and_then(|time| local_text(time, offset))
        .unwrap_or_default()
}

/// The conditions of messages; those that this program does not know are left out.
#[must_use]
pub fn conditions(messages: &[i32]) -> Conditions {
    let names = messages
        .iter()
        .filter_map(|&message| v1::Condition::try_from(message).ok());
    names
        .filter_map(|condition| {
            let code = condition
                .as_str_name()
                .strip_prefix("CONDITION_")?
                .to_lowercase();
            Condition::from_code(&code)
        })
        .collect()
}

fn awakening_text(facts: &v1::Collection) -> String {
    let offset = facts.awakening_utc_offset_minutes.unwrap_or_default();
    let time = facts.awakening_time.as_ref();
    time.and_then(|time| local_text(time, offset))
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

#[cfg(test)]
mod tests {
    use diel_proto::v1;

    use super::{COLUMNS, write};
    use crate::table::{RecordFormat, RecordWriter};

    #[test]
    fn a_row_has_a_cell_a_column() {
        for collection in [None, Some(v1::Collection::default())] {
            let mut records = RecordWriter::new(COLUMNS, RecordFormat::Csv);
            let specimen = v1::Specimen {
                name: "studies/pilot/specimens/S-1".to_owned(),
                collection,
                ..Default::default()
            };
            write(&mut records, &specimen);
            let row = String::from_utf8_lossy(&records.into_bytes()).into_owned();
            assert_eq!(row.matches(',').count() + 1, COLUMNS.len());
            assert!(row.starts_with("S-1,") && row.ends_with(",0,0,\n"), "{row}");
        }
    }
}
