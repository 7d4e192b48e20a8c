//! What the days of a person say that no tube says.

use std::collections::BTreeSet;

use diel_client::{Timestamp, v1};
use diel_interchange::fhir::Day;

/// The code of a day whose awakening nobody recorded.
const ASSUMED: &str = "awakening_assumed";

/// The days that were registered apart from tubes, or whose conditions were. Profiles are by date.
pub(super) fn days(profiles: &[v1::Profile], specimens: &[v1::Specimen]) -> Vec<Day> {
    let mut found = Vec::new();
    for (position, profile) in profiles.iter().enumerate() {
        let Some(awakening) = &profile.awakening_time else {
            continue;
        };
        if profile.findings.iter().any(|finding| finding == ASSUMED) {
            continue;
        }
        let next = profiles.get(position + 1);
        let next = next.and_then(|next| next.awakening_time.as_ref());
        let of_day = |collection: &&v1::Collection| {
            collection.collection_time.as_ref().is_some_and(|at| {
                let begun = position == 0 || !is_before(at, awakening);
                begun && next.is_none_or(|next| is_before(at, next))
            })
        };
        let tubes: Vec<&v1::Collection> = specimens
            .iter()
            .filter_map(|specimen| specimen.collection.as_ref())
            .filter(of_day)
            .collect();
        let said: BTreeSet<i32> = tubes
            .iter()
            .flat_map(|tube| tube.conditions.iter().copied())
            .collect();
        let conditions: Vec<v1::Condition> = profile
            .conditions
            .iter()
            .filter(|condition| !said.contains(*condition))
            .filter_map(|condition| v1::Condition::try_from(*condition).ok())
            .collect();
        let is_told = tubes
            .iter()
            .any(|tube| tube.awakening_time.as_ref() == Some(awakening));
        if is_told && conditions.is_empty() {
            continue;
        }
        found.push(Day {
            participant: profile.participant.clone(),
            awakening_time: *awakening,
            awakening_utc_offset_minutes: profile.awakening_utc_offset_minutes,
            conditions,
        });
    }
    found
}

fn is_before(one: &Timestamp, other: &Timestamp) -> bool {
    (one.seconds, one.nanos) < (other.seconds, other.nanos)
}
