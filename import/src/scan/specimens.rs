//! Specimens met so far: a specimen has one result.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher as _, RandomState};

use csv::ByteRecord;

use crate::Row;

/// The line and a digest of the content, so that memory does not grow with the rows' length.
#[derive(Default)]
pub(super) struct Specimens {
    seen: HashMap<u64, (u64, u64)>,
    hasher: RandomState,
}

pub(super) enum Repetition {
    New,
    Same,
    Conflict { line: u64 },
}

impl Specimens {
    pub(super) fn check(&mut self, row: &Row<'_>, record: &ByteRecord) -> Repetition {
        let Some(specimen) = row.specimen else {
            return Repetition::New;
        };
        let content = self.hasher.hash_one(record.as_slice());
        match self.seen.entry(self.hasher.hash_one(specimen)) {
            Entry::Vacant(vacant) => {
                vacant.insert((row.line, content));
                Repetition::New
            }
            Entry::Occupied(occupied) if occupied.get().1 == content => Repetition::Same,
            Entry::Occupied(occupied) => Repetition::Conflict {
                line: occupied.get().0,
            },
        }
    }
}
