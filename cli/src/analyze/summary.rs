//! What came of a file, in a sentence.

use std::fmt;

use diel_core::{Rhythm, Verdict};

use crate::output::FLAG_NOTE;

/// Participants by verdict.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    participants: u64,
    days: u64,
    not_flat: u64,
    indeterminate: u64,
    for_review: u64,
    insufficient: u64,
}

impl Tally {
    pub(super) fn add(&mut self, rhythm: &Rhythm) {
        self.participants += 1;
        self.days += u64::from(rhythm.day_count);
        match rhythm.verdict {
            Verdict::NotFlat => self.not_flat += 1,
            Verdict::Indeterminate => self.indeterminate += 1,
            Verdict::FlatForReview => self.for_review += 1,
            Verdict::InsufficientData => self.insufficient += 1,
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.participants += other.participants;
        self.days += other.days;
        self.not_flat += other.not_flat;
        self.indeterminate += other.indeterminate;
        self.for_review += other.for_review;
        self.insufficient += other.insufficient;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} participants, {} days: {} not flat, {} indeterminate, {} for review, {} with too little data. {FLAG_NOTE}",
            self.participants,
            self.days,
            self.not_flat,
            self.indeterminate,
            self.for_review,
            self.insufficient
        )
    }
}
