//! What another policy would change.

use std::collections::BTreeMap;

use diel_core::Verdict;
use diel_proto::v1 as pb;
use diel_store::{FlagEffect, PreviewSlice, PreviewedPerson};

use crate::name;

/// Counts over the slices so far.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    done: i64,
    new: i64,
    cleared: i64,
    unchanged: i64,
    decided: i64,
    transitions: BTreeMap<(Option<Verdict>, Verdict), i64>,
}

impl Totals {
    /// Adds a slice.
    pub(crate) fn add(&mut self, slice: &PreviewSlice) {
        for person in &slice.persons {
            self.done += 1;
            match person.effect {
                FlagEffect::None => {}
                FlagEffect::New => self.new += 1,
                FlagEffect::Cleared => self.cleared += 1,
                FlagEffect::Unchanged => self.unchanged += 1,
                FlagEffect::Decided => self.decided += 1,
            }
            let transition = (person.verdict_before, person.after.verdict);
            *self.transitions.entry(transition).or_default() += 1;
        }
    }

    /// The counts so far with the changes of the slice that was added last.
    pub(crate) fn to_proto(
        &self,
        study: &str,
        total: i64,
        slice: &PreviewSlice,
        policy: &pb::Policy,
    ) -> pb::PreviewPolicyResponse {
        pb::PreviewPolicyResponse {
            done_count: self.done,
            total_count: total,
            new_flag_count: self.new,
            cleared_flag_count: self.cleared,
            unchanged_flag_count: self.unchanged,
            decided_flag_count: self.decided,
            transitions: self
                .transitions
                .iter()
                .map(|((before, after), persons)| pb::VerdictTransition {
                    before: code(*before),
                    after: after.code().to_owned(),
                    person_count: *persons,
                })
                .collect(),
            changes: slice
                .persons
                .iter()
                .filter_map(|person| change(study, person))
                .collect(),
            policy: Some(policy.clone()),
            is_complete: slice.next.is_none(),
        }
    }
}

fn code(verdict: Option<Verdict>) -> String {
    verdict.map_or("", Verdict::code).to_owned()
}

fn change(study: &str, person: &PreviewedPerson) -> Option<pb::PreviewedFlag> {
    let effect = match person.effect {
        FlagEffect::New => pb::FlagEffect::New,
        FlagEffect::Cleared => pb::FlagEffect::Cleared,
        FlagEffect::None | FlagEffect::Unchanged | FlagEffect::Decided => return None,
    };
    let flag = person.flag.as_ref();
    let posterior = person.after.posterior.as_ref();
    Some(pb::PreviewedFlag {
        participant: person.participant.clone(),
        group: person.group.clone(),
        effect: effect as i32,
        flag: flag.map_or_else(String::new, |(id, _)| name::of_child(study, "flags", id)),
        verdict_before: code(person.verdict_before),
        verdict_after: person.after.verdict.code().to_owned(),
        probability_before: person.probability_before,
        probability_after: posterior.map(|posterior| posterior.probability_flat),
        reasons_after: person
            .after
            .reasons
            .iter()
            .map(|reason| reason.code().to_owned())
            .collect(),
    })
}
