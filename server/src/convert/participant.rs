//! Participants, sex and conditions.

use diel_core::{AgeYears, Condition, Conditions};
use diel_proto::v1 as pb;
use diel_store::{Participant, ParticipantChange, Sex};

use super::mask::Mask;
use super::time::to_proto as time_to_proto;
use crate::code::check_text;
use crate::etag;
use crate::name;
use crate::violations::Violations;

/// The longest group label, in characters.
const GROUP_CHARACTERS: usize = 64;
/// The fields of a participant that a mask may name.
const CHANGEABLE: [&str; 4] = ["sex", "age_years", "group", "conditions"];

/// A participant as a message.
pub(crate) fn to_proto(study: &str, participant: &Participant) -> pb::Participant {
    pb::Participant {
        name: name::of_child(study, "participants", &participant.code),
        sex: sex_to_proto(participant.sex) as i32,
        age_years: participant.age.map(AgeYears::get),
        group: participant.group.clone(),
        conditions: conditions_to_proto(participant.conditions),
        create_time: Some(time_to_proto(participant.created)),
        etag: etag::write(participant.version),
    }
}

/// Reads a change; an empty mask changes everything.
pub(crate) fn change_from_proto(
    message: &pb::Participant,
    mask: Option<&prost_types::FieldMask>,
    violations: &mut Violations,
) -> ParticipantChange {
    let mask = Mask::read(mask, &CHANGEABLE, violations);
    violations.within("participant", |violations| {
        let sex = sex_from_proto(message.sex, violations);
        let age = age_from_proto(message.age_years, violations);
        let group = group_from_proto(&message.group, violations);
        let conditions = conditions_from_proto(&message.conditions, violations);
        ParticipantChange {
            sex: mask.chosen("sex", sex),
            age: mask.chosen("age_years", age),
            group: mask.chosen("group", group),
            conditions: mask.chosen("conditions", conditions),
        }
    })
}

pub(crate) fn age_from_proto(
    age_years: Option<f64>,
    violations: &mut Violations,
) -> Option<AgeYears> {
    age_years.and_then(|years| violations.take("age_years", AgeYears::new(years)))
}

pub(crate) fn group_from_proto(group: &str, violations: &mut Violations) -> String {
    violations.take("group", check_text(group, 0, GROUP_CHARACTERS));
    group.to_owned()
}

pub(crate) fn sex_from_proto(number: i32, violations: &mut Violations) -> Sex {
    match pb::Sex::try_from(number) {
        Ok(pb::Sex::Unspecified) => Sex::Unspecified,
        Ok(pb::Sex::Female) => Sex::Female,
        Ok(pb::Sex::Male) => Sex::Male,
        Ok(pb::Sex::Other) => Sex::Other,
        Err(_) => {
            violations.add("sex", format!("{number} is not a Sex"));
            Sex::Unspecified
        }
    }
}

pub(crate) fn sex_to_proto(sex: Sex) -> pb::Sex {
    match sex {
        Sex::Unspecified => pb::Sex::Unspecified,
        Sex::Female => pb::Sex::Female,
        Sex::Male => pb::Sex::Male,
        Sex::Other => pb::Sex::Other,
    }
}

pub(crate) fn conditions_from_proto(numbers: &[i32], violations: &mut Violations) -> Conditions {
    let mut conditions = Conditions::default();
    for (index, number) in numbers.iter().enumerate() {
        match condition_from_proto(*number) {
            Some(condition) => conditions.insert(condition),
            None => violations.add(
                &format!("conditions[{index}]"),
                format!("{number} is not a Condition"),
            ),
        }
    }
    conditions
}

pub(crate) fn conditions_to_proto(conditions: Conditions) -> Vec<i32> {
    conditions
        .iter()
        .map(|condition| condition_to_proto(condition) as i32)
        .collect()
}

fn condition_from_proto(number: i32) -> Option<Condition> {
    match pb::Condition::try_from(number).ok()? {
        pb::Condition::Unspecified => None,
        pb::Condition::Corticosteroids => Some(Condition::Corticosteroids),
        pb::Condition::Pregnancy => Some(Condition::Pregnancy),
        pb::Condition::NightShift => Some(Condition::NightShift),
        pb::Condition::AcuteIllness => Some(Condition::AcuteIllness),
        pb::Condition::EndocrineDisease => Some(Condition::EndocrineDisease),
        pb::Condition::Travel => Some(Condition::Travel),
        pb::Condition::OtherExclusion => Some(Condition::OtherExclusion),
    }
}

fn condition_to_proto(condition: Condition) -> pb::Condition {
    match condition {
        Condition::Corticosteroids => pb::Condition::Corticosteroids,
        Condition::Pregnancy => pb::Condition::Pregnancy,
        Condition::NightShift => pb::Condition::NightShift,
        Condition::AcuteIllness => pb::Condition::AcuteIllness,
        Condition::EndocrineDisease => pb::Condition::EndocrineDisease,
        Condition::Travel => pb::Condition::Travel,
        Condition::OtherExclusion => pb::Condition::OtherExclusion,
    }
}
