//! Collection facts of specimens, and days.

use diel_core::{Awakening, TimeSource};
use diel_proto::v1 as pb;
use diel_store::{Collection, RegisteredDay};

use super::code_shape::CodeGuard;
use super::participant::{
    age_from_proto, conditions_from_proto, conditions_to_proto, group_from_proto, sex_from_proto,
    sex_to_proto,
};
use super::time::{Zone, moment_to_proto};
use crate::code::{check_code, check_text};
use crate::violations::Violations;

/// The longest tube label, in characters.
const LABEL_CHARACTERS: usize = 64;

/// Reads collection facts.
pub(crate) fn from_proto(
    message: &pb::Collection,
    zone: &Zone,
    guard: &CodeGuard,
    violations: &mut Violations,
) -> Option<Collection> {
    let before = violations.len();
    violations.take("participant", check_code(&message.participant));
    guard.participant("participant", &message.participant, violations);
    violations.take("label", check_text(&message.label, 0, LABEL_CHARACTERS));
    let collected = zone.moment(
        "collection_time",
        message.collection_time.as_ref(),
        "collection_utc_offset_minutes",
        message.collection_utc_offset_minutes,
        violations,
    );
    let source = source_from_proto(
        "collection_time_source",
        message.collection_time_source,
        violations,
    );
    let awakening_source =
        source_from_proto("awakening_source", message.awakening_source, violations);
    // An offset that was refused with the collection is not refused once more with the awakening.
    let stated_offset = message
        .collection_utc_offset_minutes
        .filter(|_| collected.is_some());
    let awakening = message.awakening_time.as_ref().and_then(|time| {
        zone.moment(
            "awakening_time",
            Some(time),
            "awakening_utc_offset_minutes",
            message.awakening_utc_offset_minutes.or(stated_offset),
            violations,
        )
    });
    let conditions = conditions_from_proto(&message.conditions, violations);
    let age = age_from_proto(message.age_years, violations);
    let sex = sex_from_proto(message.sex, violations);
    let group = group_from_proto(&message.group, violations);
    if violations.len() > before {
        return None;
    }
    Some(Collection {
        participant: message.participant.clone(),
        collected: collected?,
        source,
        label: message.label.clone(),
        awakening: awakening.map(|moment| (moment, awakening_source)),
        conditions,
        age,
        sex,
        group,
    })
}

/// Collection facts as a message.
pub(crate) fn to_proto(collection: &Collection) -> pb::Collection {
    pb::Collection {
        participant: collection.participant.clone(),
        collection_time: Some(moment_to_proto(collection.collected)),
        collection_utc_offset_minutes: Some(collection.collected.utc_offset_minutes()),
        collection_time_source: source_to_proto(collection.source) as i32,
        label: collection.label.clone(),
        awakening_time: collection
            .awakening
            .map(|(moment, _)| moment_to_proto(moment)),
        awakening_utc_offset_minutes: collection
            .awakening
            .map(|(moment, _)| moment.utc_offset_minutes()),
        awakening_source: source_to_proto(
            collection
                .awakening
                .map_or(TimeSource::Unspecified, |(_, source)| source),
        ) as i32,
        conditions: conditions_to_proto(collection.conditions),
        age_years: collection.age.map(diel_core::AgeYears::get),
        sex: sex_to_proto(collection.sex) as i32,
        group: collection.group.clone(),
    }
}

/// Reads what is known about a day.
pub(crate) fn day_from_proto(
    row: u32,
    message: &pb::SamplingDayInput,
    zone: &Zone,
    guard: &CodeGuard,
    violations: &mut Violations,
) -> Option<RegisteredDay> {
    let before = violations.len();
    violations.take("participant", check_code(&message.participant));
    guard.participant("participant", &message.participant, violations);
    let at = zone.moment(
        "awakening_time",
        message.awakening_time.as_ref(),
        "awakening_utc_offset_minutes",
        message.awakening_utc_offset_minutes,
        violations,
    );
    let source = source_from_proto("awakening_source", message.awakening_source, violations);
    let conditions = conditions_from_proto(&message.conditions, violations);
    if violations.len() > before {
        return None;
    }
    Some(RegisteredDay {
        row,
        participant: message.participant.clone(),
        awakening: Awakening {
            at: at?,
            source,
            conditions,
        },
    })
}

fn source_from_proto(field: &str, number: i32, violations: &mut Violations) -> TimeSource {
    match pb::TimeSource::try_from(number) {
        Ok(pb::TimeSource::Unspecified) => TimeSource::Unspecified,
        Ok(pb::TimeSource::SelfReport) => TimeSource::SelfReport,
        Ok(pb::TimeSource::Electronic) => TimeSource::Electronic,
        Ok(pb::TimeSource::Actigraphy) => TimeSource::Actigraphy,
        Err(_) => {
            violations.add(field, format!("{number} is not a TimeSource"));
            TimeSource::Unspecified
        }
    }
}

/// How a time is known as a message.
pub(crate) fn source_to_proto(source: TimeSource) -> pb::TimeSource {
    match source {
        TimeSource::Unspecified => pb::TimeSource::Unspecified,
        TimeSource::SelfReport => pb::TimeSource::SelfReport,
        TimeSource::Electronic => pb::TimeSource::Electronic,
        TimeSource::Actigraphy => pb::TimeSource::Actigraphy,
    }
}
