//! Tubes and awakenings of a log as requests.

use diel_client::v1;
use diel_core::{Moment, TimeSource};
use diel_import::{LogPlace, LoggedDay, LoggedTube, SamplingLog};

use crate::service::{condition, instant};

/// Tubes, and awakenings, in one request: less than half of what the service takes.
const ROWS: usize = 2_000;

/// Where the rows of a request come from.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) specimens: Vec<LogPlace>,
    pub(super) days: Vec<LogPlace>,
}

/// The requests, in the order of the log.
pub(super) fn requests(
    parent: &str,
    log: &SamplingLog,
) -> Vec<(v1::RegisterSpecimensRequest, Places)> {
    let count = log.tubes.len().max(log.days.len()).div_ceil(ROWS);
    let (mut tubes, mut days) = (log.tubes.chunks(ROWS), log.days.chunks(ROWS));
    let requests = (0..count).map(|_| {
        let (tubes, days) = (
            tubes.next().unwrap_or_default(),
            days.next().unwrap_or_default(),
        );
        let request = v1::RegisterSpecimensRequest {
            parent: parent.to_owned(),
            specimens: tubes.iter().map(specimen).collect(),
            days: days.iter().map(day).collect(),
            ..Default::default()
        };
        let places = Places {
            specimens: tubes.iter().map(|tube| tube.place.clone()).collect(),
            days: days.iter().map(|day| day.place.clone()).collect(),
        };
        (request, places)
    });
    requests.collect()
}

fn specimen(tube: &LoggedTube) -> v1::SpecimenInput {
    let awakening = tube.awakening;
    v1::SpecimenInput {
        specimen: tube.specimen.clone(),
        collection: Some(v1::Collection {
            participant: tube.participant.clone(),
            collection_time: Some(instant::to_message(tube.collected)),
            collection_utc_offset_minutes: Some(tube.collected.utc_offset_minutes()),
            collection_time_source: source(tube.source).into(),
            label: tube.label.clone(),
            awakening_time: awakening.map(|(at, _)| instant::to_message(at)),
            awakening_utc_offset_minutes: awakening.map(|(at, _)| Moment::utc_offset_minutes(at)),
            awakening_source: awakening
                .map_or(v1::TimeSource::Unspecified, |(_, known_by)| {
                    source(known_by)
                })
                .into(),
            conditions: condition::to_messages(tube.conditions),
            ..Default::default()
        }),
    }
}

fn day(day: &LoggedDay) -> v1::SamplingDayInput {
    v1::SamplingDayInput {
        participant: day.participant.clone(),
        awakening_time: Some(instant::to_message(day.awakening)),
        awakening_utc_offset_minutes: Some(day.awakening.utc_offset_minutes()),
        awakening_source: source(day.source).into(),
        conditions: condition::to_messages(day.conditions),
    }
}

const fn source(source: TimeSource) -> v1::TimeSource {
    match source {
        TimeSource::Unspecified => v1::TimeSource::Unspecified,
        TimeSource::SelfReport => v1::TimeSource::SelfReport,
        TimeSource::Electronic => v1::TimeSource::Electronic,
        TimeSource::Actigraphy => v1::TimeSource::Actigraphy,
    }
}
