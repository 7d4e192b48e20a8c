//! The samples of a file, compactly.

use std::cmp::Ordering;

use diel_core::{AgeYears, Conditions, Level, Moment, Person, Sex};
use jiff::civil::Date;

use super::interner::Interner;
use diel_import::Row;

/// A sample's day has no label.
pub(super) const NO_LABEL: u32 = u32::MAX;

/// One sample. 72 bytes, about as many as its row of text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoredSample {
    participant: u32,
    /// The line of the file that its row begins on.
    pub(super) line: u32,
    /// Number of the day's label, or [`NO_LABEL`].
    pub(super) day: u32,
    /// Index of the awakening plus one; 0 without.
    awakening: u32,
    pub(super) conditions: Conditions,
    pub(super) date: Option<Date>,
    pub(super) hours: Option<f64>,
    pub(super) collected: Option<Moment>,
    pub(super) level: Level,
}

/// All samples of a file, participant by participant once [`Samples::finish`] was called.
#[derive(Debug, Default)]
pub(crate) struct Samples {
    stored: Vec<StoredSample>,
    participants: Interner,
    ages: Vec<Option<AgeYears>>,
    sexes: Vec<Sex>,
    labels: Interner,
    label_ranks: Vec<u32>,
    awakenings: Vec<Moment>,
    has_hours: bool,
}

impl Samples {
    pub(crate) fn push(&mut self, row: &Row<'_>) {
        let participant = self.participants.number(row.participant);
        self.note_age(participant, row.age);
        self.note_sex(participant, sex(row.sex));
        let day = row.day.map_or(NO_LABEL, |day| self.labels.number(day));
        let awakening = row
            .awakening
            .map_or(0, |awakening| self.awakening_number(awakening));
        self.stored.push(StoredSample {
            participant,
            line: u32::try_from(row.line).unwrap_or(u32::MAX),
            day,
            awakening,
            conditions: row.conditions,
            date: row.date,
            hours: row.minutes_since_awakening.map(|minutes| minutes / 60.0),
            collected: row.collected,
            level: row.measurement.level(&row.limits()),
        });
    }

    /// Adds the samples of the stretch of the file behind.
    pub(crate) fn append(&mut self, stretch: Self) {
        if self.stored.is_empty() {
            *self = stretch;
            return;
        }
        let participants = self.participants.numbers_of(&stretch.participants);
        let labels = self.labels.numbers_of(&stretch.labels);
        self.ages.resize(self.participants.count() as usize, None);
        for (number, age) in participants.iter().zip(stretch.ages) {
            self.note_age(*number, age);
        }
        for (number, sex) in participants.iter().zip(stretch.sexes) {
            self.note_sex(*number, sex);
        }
        let awakenings_before = u32::try_from(self.awakenings.len()).unwrap_or(u32::MAX);
        self.awakenings.extend(stretch.awakenings);
        let number = |numbers: &[u32], number: u32| {
            numbers.get(number as usize).copied().unwrap_or(NO_LABEL)
        };
        self.stored
            .extend(stretch.stored.into_iter().map(|sample| StoredSample {
                participant: number(&participants, sample.participant),
                day: number(&labels, sample.day),
                awakening: if sample.awakening == 0 {
                    0
                } else {
                    sample.awakening + awakenings_before
                },
                ..sample
            }));
    }

    /// The youngest age stated of a participant: age rules then err on the careful side.
    fn note_age(&mut self, participant: u32, stated: Option<AgeYears>) {
        if self.ages.len() <= participant as usize {
            self.ages.resize(participant as usize + 1, None);
        }
        if let Some(slot) = self.ages.get_mut(participant as usize) {
            *slot = match (*slot, stated) {
                (Some(known), Some(stated)) if stated < known => Some(stated),
                (known, stated) => known.or(stated),
            };
        }
    }

    /// The first sex stated of a participant.
    fn note_sex(&mut self, participant: u32, stated: Sex) {
        if self.sexes.len() <= participant as usize {
            self.sexes
                .resize(participant as usize + 1, Sex::Unspecified);
        }
        if let Some(slot) = self.sexes.get_mut(participant as usize)
            && *slot == Sex::Unspecified
        {
            *slot = stated;
        }
    }

    /// An awakening is repeated in all rows of its day, which mostly follow each other.
    fn awakening_number(&mut self, awakening: Moment) -> u32 {
        if self.awakenings.last() != Some(&awakening) {
            self.awakenings.push(awakening);
        }
        u32::try_from(self.awakenings.len()).unwrap_or(0)
    }

    /// Brings the samples of a participant together, participants in the order of their first rows.
    pub(crate) fn finish(&mut self, has_hours: bool) {
        self.has_hours = has_hours;
        if !self.stored.is_sorted_by_key(|sample| sample.participant) {
            self.stored.sort_by_key(|sample| sample.participant);
        }
        let mut order: Vec<u32> = (0..self.labels.count()).collect();
        order.sort_by(|&a, &b| by_number_then_text(self.labels.text(a), self.labels.text(b)));
        self.label_ranks = vec![0; order.len()];
        for (rank, &number) in (0..).zip(&order) {
            if let Some(slot) = self.label_ranks.get_mut(number as usize) {
                *slot = rank;
            }
        }
    }

    /// Whether samples are placed by hours since awakening rather than by instants.
    pub(super) const fn has_hours(&self) -> bool {
        self.has_hours
    }

    /// Every participant's samples, in the order of first appearance.
    pub(crate) fn by_participant(&self) -> impl Iterator<Item = &[StoredSample]> {
        self.stored.chunk_by(|a, b| a.participant == b.participant)
    }

    pub(crate) fn code(&self, sample: &StoredSample) -> &str {
        self.participants.text(sample.participant)
    }

    pub(crate) fn person(&self, sample: &StoredSample) -> Person {
        let age = self
            .ages
            .get(sample.participant as usize)
            .copied()
            .flatten();
        let sex = self.sexes.get(sample.participant as usize).copied();
        Person {
            age,
            sex: sex.unwrap_or_default(),
            conditions: Conditions::default(),
        }
    }

    pub(crate) fn label(&self, day: u32) -> Option<&str> {
        (day != NO_LABEL).then(|| self.labels.text(day))
    }

    /// Where a day's label stands among all labels: 2 before 10, then by letters; no label last.
    pub(super) fn label_rank(&self, day: u32) -> u32 {
        self.label_ranks
            .get(day as usize)
            .copied()
            .unwrap_or(u32::MAX)
    }

    pub(super) fn awakening(&self, sample: &StoredSample) -> Option<Moment> {
        self.awakenings
            .get((sample.awakening as usize).checked_sub(1)?)
            .copied()
    }
}

/// A sex as files write it; a word that is not understood states none.
fn sex(text: Option<&str>) -> Sex {
    match text.unwrap_or_default().to_lowercase().as_str() {
        "f" | "female" => Sex::Female,
        "m" | "male" => Sex::Male,
        "o" | "other" => Sex::Other,
        _ => Sex::Unspecified,
    }
}

fn by_number_then_text(a: &str, b: &str) -> Ordering {
    match (a.parse::<u64>(), b.parse::<u64>()) {
        (Ok(x), Ok(y)) => x.cmp(&y),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => Ordering::Equal,
    }
    .then_with(|| a.cmp(b))
}
