//! Whether what a row says agrees with what is known of its specimen. Only what is stated on both sides can disagree.

use diel_core::{Measurement, Moment, Outcome, TimeSource};

use crate::plan::{Facts, Given};
use crate::{Collection, Conflict, NewResult};

/// The facts with what the collection adds to them. What it contradicts is noted in `conflicts`.
pub(crate) fn complete_collection<'a>(
    known: Option<Facts<'a>>,
    collection: &'a Collection,
    given: &Given<'_>,
    conflicts: &mut Vec<Conflict>,
) -> Facts<'a> {
    let stated = Facts {
        participant: &collection.participant,
        collected: collection.collected,
        source: collection.source,
        label: &collection.label,
        awakening_us: collection.awakening.map(|(at, _)| at.microseconds()),
        conditions: collection.conditions,
    };
    let Some(mut facts) = known else {
        return stated;
    };
    let mut conflict = |field: &str, stored: String, other: String| {
        conflicts.push(Conflict {
            row: given.row,
            specimen: given.specimen.to_owned(),
            field: format!("collection.{field}"),
            stored,
            given: other,
        });
    };
    if stated.participant != facts.participant {
        conflict(
            "participant",
            facts.participant.to_owned(),
            stated.participant.to_owned(),
        );
    }
    if stated.collected != facts.collected {
        conflict(
            "collection_time",
            moment(facts.collected),
            moment(stated.collected),
        );
    }
    match (facts.source, stated.source) {
        (_, TimeSource::Unspecified) => {}
        (TimeSource::Unspecified, source) => facts.source = source,
        (stored, source) if stored == source => {}
        (stored, source) => conflict(
            "collection_time_source",
            format!("{stored:?}"),
            format!("{source:?}"),
        ),
    }
    if facts.label.is_empty() {
        facts.label = stated.label;
    } else if !stated.label.is_empty() && stated.label != facts.label {
        conflict("label", facts.label.to_owned(), stated.label.to_owned());
    }
    match (facts.awakening_us, collection.awakening) {
        (_, None) => {}
        (None, Some((at, _))) => facts.awakening_us = Some(at.microseconds()),
        (Some(stored), Some((at, _))) if stored == at.microseconds() => {}
        (Some(stored), Some((at, _))) => {
            let stored = Moment::new(stored, at.utc_offset_minutes())
                .map_or_else(|_| stored.to_string(), moment);
            conflict("awakening_time", stored, moment(at));
        }
    }
    facts.conditions = facts.conditions.union(stated.conditions);
    facts
}

/// Notes a conflict unless the result repeats the stored one. Replacing it is an amendment, with a reason.
pub(crate) fn same_result(
    stored: Measurement,
    result: &NewResult,
    given: &Given<'_>,
    conflicts: &mut Vec<Conflict>,
) {
    if stored != result.measurement {
        conflicts.push(Conflict {
            row: given.row,
            specimen: given.specimen.to_owned(),
            field: "concentration".to_owned(),
            stored: concentration(&stored),
            given: concentration(&result.measurement),
        });
    }
}

fn concentration(measurement: &Measurement) -> String {
    let unit = measurement.unit().map_or("", |unit| unit.ucum());
    match measurement.outcome() {
        Outcome::Value(value) => format!("{value} {unit}"),
        Outcome::Below(limit) => format!("<{limit} {unit}"),
        Outcome::Above(limit) => format!(">{limit} {unit}"),
        Outcome::Missing(reason) => reason.code().to_owned(),
    }
}

/// A moment with its offset, as people read it.
pub(crate) fn moment(moment: Moment) -> String {
    let minutes = moment.utc_offset_minutes();
    let sign = if minutes < 0 { '-' } else { '+' };
    format!(
        "{}{sign}{:02}:{:02}",
        moment.local_date_time(),
        minutes.abs() / 60,
        minutes.abs() % 60
    )
}
