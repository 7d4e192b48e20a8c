//! Tubes that may be one: two of the same instant, two of one label on one day.

use std::collections::BTreeMap;

use super::{Tube, TubeDay};
use crate::coded::coded;

coded! {
    /// Why tubes may be one.
    DuplicateKind, "duplicate" {
        SameTime = "same_time": "Tubes of one person under several ids were filled at the same instant.",
        SameLabel = "same_label": "Several tubes of one day have the same label.",
    }
}

/// Tubes that may be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// Why.
    pub kind: DuplicateKind,
    /// Positions of the tubes, by time, then as they were given; at least two.
    pub tubes: Vec<usize>,
}

/// Finds tubes of one person that may be one: those of the same instant by time, then those of one label by day and
/// label.
#[must_use]
pub fn duplicates(days: &[TubeDay], tubes: &[Tube<'_>]) -> Vec<Duplicate> {
    let mut of_instant: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (at, tube) in tubes.iter().enumerate() {
        of_instant
            .entry(tube.collected.microseconds())
            .or_default()
            .push(at);
    }
    let mut found = several(DuplicateKind::SameTime, of_instant);
    for day in days {
        let mut of_label: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for &at in &day.tubes {
            if let Some(tube) = tubes.get(at).filter(|tube| !tube.label.is_empty()) {
                of_label.entry(tube.label).or_default().push(at);
            }
        }
        found.extend(several(DuplicateKind::SameLabel, of_label));
    }
    found
}

fn several<K>(kind: DuplicateKind, groups: BTreeMap<K, Vec<usize>>) -> Vec<Duplicate> {
    groups
        .into_values()
        .filter(|tubes| tubes.len() > 1)
        .map(|tubes| Duplicate { kind, tubes })
        .collect()
}
