//! Conditions between messages and the core.

use diel_client::v1;
use diel_core::{Condition, Conditions};

pub(super) use diel_server::table::samples::conditions as of_messages;

/// The messages of conditions.
pub(super) fn to_messages(conditions: Conditions) -> Vec<i32> {
    conditions
        .iter()
        .map(|condition| i32::from(to_message(condition)))
        .collect()
}

const fn to_message(condition: Condition) -> v1::Condition {
    match condition {
        Condition::Corticosteroids => v1::Condition::Corticosteroids,
        Condition::Pregnancy => v1::Condition::Pregnancy,
        Condition::NightShift => v1::Condition::NightShift,
        Condition::AcuteIllness => v1::Condition::AcuteIllness,
        Condition::EndocrineDisease => v1::Condition::EndocrineDisease,
        Condition::Travel => v1::Condition::Travel,
        Condition::OtherExclusion => v1::Condition::OtherExclusion,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_keeps_its_name() {
        for condition in Condition::ALL {
            let name = format!("CONDITION_{}", condition.code().to_uppercase());
            assert_eq!(to_message(condition).as_str_name(), name);
        }
    }

    #[test]
    fn conditions_come_back() {
        let all = Conditions::all();
        assert_eq!(of_messages(&to_messages(all)), all);
        assert_eq!(of_messages(&[99]), Conditions::EMPTY);
    }
}
