//! The table of a cohort, person by person, with the digest of its rows.

use diel_core::frame::{CohortFrameBuilder, CohortMember, Frame};
use diel_core::{Level, Policy, Profile, Sex};
use diel_store::{CohortPerson, CohortSlice};

/// What was gathered so far.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    builder: CohortFrameBuilder,
    hasher: blake3::Hasher,
    persons: u32,
    persons_with_days: u32,
    days: u32,
}

/// A whole cohort.
#[derive(Debug)]
pub(crate) struct Cohort {
    pub(crate) frame: Frame,
    pub(crate) digest: [u8; 32],
    pub(crate) persons: u32,
    pub(crate) persons_with_days: u32,
    pub(crate) days: u32,
}

impl Gathered {
    /// Adds the persons of a slice, in its order. `judged_days_only` leaves days out that are not valid.
    pub(crate) fn add(&mut self, slice: &CohortSlice, judged_days_only: bool) {
        self.days = slice.rule.min_days();
        for person in &slice.persons {
            let rhythm = &person.analysis.rhythm;
            self.persons += 1;
            self.persons_with_days += u32::from(rhythm.valid_day_count >= self.days);
            self.add_person(person, &slice.rule, judged_days_only);
        }
    }

    fn add_person(&mut self, person: &CohortPerson, rule: &Policy, judged_days_only: bool) {
        let participant = &person.participant;
        let text = |text: &'static str| (!text.is_empty()).then_some(text);
        let member = CohortMember {
            participant: &participant.code,
            person: participant.person(),
            group: (!participant.group.is_empty()).then_some(participant.group.as_str()),
            sex: text(participant.sex.code()),
        };
        let days = || {
            let profiles = person.analysis.profiles.iter();
            profiles.filter(|profile| profile.valid || !judged_days_only)
        };
        self.hash_text(&participant.code);
        self.hash_text(&participant.group);
        self.hash_text(Sex::code(participant.sex));
        let age = participant.age.map_or(f64::NAN, |age| age.get());
        self.hash_number(age);
        for profile in days() {
            self.hash_day(profile);
        }
        self.builder
            .add(&member, days().map(|profile| (None, profile)), rule);
    }

    /// The day's date, its conditions, whether it is valid, and of each sample its hours and its level.
    fn hash_day(&mut self, profile: &Profile) {
        let day = &profile.day;
        let date = day.date.map(|date| date.to_string()).unwrap_or_default();
        self.hash_text(&date);
        self.hasher.update(&day.conditions.bits().to_le_bytes());
        self.hasher.update(&[u8::from(profile.valid)]);
        self.hasher
            .update(&(day.samples.len() as u64).to_le_bytes());
        for sample in &day.samples {
            self.hash_number(sample.hours);
            let (kind, number) = match sample.level {
                Level::Below(limit) => (0, limit.get()),
                Level::Exact(value) => (1, value.get()),
                Level::Above(limit) => (2, limit.get()),
                Level::Missing(_) => (3, 0.0),
            };
            self.hasher.update(&[kind]);
            self.hash_number(number);
        }
    }

    fn hash_text(&mut self, text: &str) {
        self.hasher.update(&(text.len() as u64).to_le_bytes());
        self.hasher.update(text.as_bytes());
    }

    fn hash_number(&mut self, number: f64) {
        self.hasher.update(&number.to_bits().to_le_bytes());
    }

    pub(crate) const fn persons(&self) -> u32 {
        self.persons
    }

    /// The table.
    pub(crate) fn finish(self) -> Cohort {
        Cohort {
            frame: self.builder.finish(),
            digest: self.hasher.finalize().into(),
            persons: self.persons,
            persons_with_days: self.persons_with_days,
            days: self.days,
        }
    }
}
