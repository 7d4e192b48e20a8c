//! Corrections of collection facts, and what they did.

use std::collections::BTreeSet;

use diel_proto::v1 as pb;
use diel_store::{
    Corrected, Correction, DayEffect, DayNumbers, EarlierFacts, PersonEffect, SeenSpecimen, Sex,
    Standing,
};

use super::code_shape::CodeGuard;
use super::rhythm::verdict_to_proto;
use super::time::{self, Zone};
use super::{collection, specimen};
use crate::code::check_code;
use crate::name;
use crate::violations::Violations;

/// Reads corrections.
pub(crate) fn from_proto(
    messages: &[pb::SpecimenCorrection],
    zone: &Zone,
    guard: &CodeGuard,
    violations: &mut Violations,
) -> Vec<Correction> {
    if messages.is_empty() {
        violations.add("corrections", "is empty; 1 to 100 corrections are required");
    }
    let mut named = BTreeSet::new();
    let mut corrections = Vec::with_capacity(messages.len());
    for (row, message) in messages.iter().enumerate() {
        corrections.extend(violations.in_row("corrections", row, |violations| {
            one(message, zone, guard, &mut named, violations)
        }));
    }
    corrections
}

fn one<'a>(
    message: &'a pb::SpecimenCorrection,
    zone: &Zone,
    guard: &CodeGuard,
    named: &mut BTreeSet<&'a str>,
    violations: &mut Violations,
) -> Option<Correction> {
    match &message.correction {
        None => {
            violations.add("", "says neither swap nor reassignment; one of them is required");
            None
        }
        Some(pb::specimen_correction::Correction::Swap(swap)) => {
            violations.within("swap", |violations| {
                let first = seen(
                    ("first", &swap.first),
                    ("first_replaced_revision", swap.first_replaced_revision),
                    named,
                    violations,
                );
                let second = seen(
                    ("second", &swap.second),
                    ("second_replaced_revision", swap.second_replaced_revision),
                    named,
                    violations,
                );
                Some(Correction::Swap(first?, second?))
            })
        }
        Some(pb::specimen_correction::Correction::Reassignment(reassignment)) => {
            violations.within("reassignment", |violations| {
                let specimen = seen(
                    ("specimen", &reassignment.specimen),
                    ("replaced_revision", reassignment.replaced_revision),
                    named,
                    violations,
                );
                let Some(message) = &reassignment.collection else {
                    violations.add(
                        "collection",
                        "is missing; all collection facts as they should be are required",
                    );
                    return None;
                };
                let collection = violations.within("collection", |violations| {
                    let read = collection::from_proto(message, zone, guard, violations)?;
                    let says_of_person = read.age.is_some()
                        || read.sex != Sex::Unspecified
                        || !read.group.is_empty();
                    if says_of_person {
                        violations.add(
                            "participant",
                            "age_years, sex and group are the participant's and not the tube's: leave them empty, \
                             UpdateParticipant changes them",
                        );
                        return None;
                    }
                    Some(read)
                });
                Some(Correction::Reassign(specimen?, collection?))
            })
        }
    }
}

fn seen<'a>(
    (field, code): (&str, &'a str),
    (revision_field, revision): (&str, i32),
    named: &mut BTreeSet<&'a str>,
    violations: &mut Violations,
) -> Option<SeenSpecimen> {
    violations.take(field, check_code(code))?;
    if revision < 0 {
        violations.add(
            revision_field,
            format!("{revision} is not a collection_revision; it is 0 or more"),
        );
        return None;
    }
    if !named.insert(code) {
        violations.add(
            field,
            format!("{code:?} is named twice; a specimen is corrected once in a call"),
        );
        return None;
    }
    Some(SeenSpecimen {
        specimen: code.to_owned(),
        revision: revision.into(),
    })
}

/// What corrections did as a message.
pub(crate) fn to_proto(study: &str, corrected: &Corrected) -> pb::CorrectSpecimensResponse {
    pb::CorrectSpecimensResponse {
        specimens: corrected
            .specimens
            .iter()
            .map(|one| pb::CorrectedSpecimen {
                name: name::of_child(study, "specimens", &one.specimen),
                collection_revision: specimen::revision_to_proto(one.revision),
                collection: one.collection.as_ref().map(collection::to_proto),
            })
            .collect(),
        rhythms: corrected.people.iter().map(person_to_proto).collect(),
        days: corrected.days.iter().map(day_to_proto).collect(),
        withdrawn_awakenings: corrected
            .withdrawn_awakenings
            .iter()
            .map(|(participant, at)| pb::WithdrawnAwakening {
                participant: participant.clone(),
                awakening_time: Some(time::moment_to_proto(*at)),
                awakening_utc_offset_minutes: at.utc_offset_minutes(),
            })
            .collect(),
        profile_count: corrected.profiles.into(),
        raised_flags: corrected
            .raised_flags
            .iter()
            .map(|id| name::of_child(study, "flags", id))
            .collect(),
    }
}

fn person_to_proto(effect: &PersonEffect) -> pb::RhythmEffect {
    pb::RhythmEffect {
        participant: effect.participant.clone(),
        before: effect.before.map(standing_to_proto),
        after: effect.after.map(standing_to_proto),
    }
}

fn standing_to_proto(standing: Standing) -> pb::RhythmStanding {
    pb::RhythmStanding {
        valid_day_count: i32::try_from(standing.valid_day_count).unwrap_or(i32::MAX),
        posterior_slope_ln_per_h: standing.posterior_slope_ln_per_h,
        probability_flat: standing.probability_flat,
        verdict: verdict_to_proto(standing.verdict).into(),
    }
}

fn day_to_proto(effect: &DayEffect) -> pb::DayEffect {
    let numbers = |numbers: DayNumbers| pb::DayStanding {
        sample_count: numbers.sample_count,
        valid: numbers.valid,
        slope_regression_ln_per_h: numbers.slope_ln_per_h,
    };
    pb::DayEffect {
        participant: effect.participant.clone(),
        sampling_date: effect.date.to_string(),
        before: effect.before.map(numbers),
        after: effect.after.map(numbers),
    }
}

/// Facts that were replaced as a message.
pub(crate) fn earlier_to_proto(earlier: &EarlierFacts) -> pb::EarlierCollection {
    pb::EarlierCollection {
        collection_revision: specimen::revision_to_proto(earlier.revision),
        collection: Some(collection::to_proto(&earlier.collection)),
        reason: earlier.reason.clone(),
        actor: earlier.actor.clone(),
        replace_time: Some(time::to_proto(earlier.replaced)),
    }
}
