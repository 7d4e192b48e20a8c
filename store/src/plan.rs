//! What a submission or a registration changes, worked out before anything is written.

use std::collections::{BTreeMap, HashMap};

use diel_core::{
    AgeYears, Awakening, BatchVerdict, Conditions, Limits, Measurement, Moment, Sample, TimeSource,
};

use crate::compare::{complete_collection, same_result};
use crate::history::Evidence;
use crate::{Collection, Conflict, NewResult, RegisteredDay, Sex};

/// A row of a request: a specimen, and what is said of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Given<'a> {
    pub(crate) row: u32,
    pub(crate) specimen: &'a str,
    pub(crate) collection: Option<&'a Collection>,
    pub(crate) result: Option<&'a NewResult>,
}

/// A specimen that is stored already.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) collection: Option<KnownCollection>,
    pub(crate) measurement: Option<Measurement>,
    pub(crate) revision: i64,
    pub(crate) created_us: i64,
    pub(crate) version: i64,
}

/// Its collection facts.
#[derive(Debug, Clone)]
pub(crate) struct KnownCollection {
    pub(crate) participant: String,
    pub(crate) collected: Moment,
    pub(crate) source: TimeSource,
    pub(crate) label: String,
    pub(crate) awakening_us: Option<i64>,
    pub(crate) conditions: Conditions,
}

/// The collection facts of a specimen as they will be stored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Facts<'a> {
    pub(crate) participant: &'a str,
    pub(crate) collected: Moment,
    pub(crate) source: TimeSource,
    pub(crate) label: &'a str,
    pub(crate) awakening_us: Option<i64>,
    pub(crate) conditions: Conditions,
}

/// A specimen row to be written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SpecimenRow<'a> {
    pub(crate) code: &'a str,
    pub(crate) facts: Option<Facts<'a>>,
    pub(crate) revision: i64,
    pub(crate) created_us: i64,
    pub(crate) version: i64,
    /// The result that this request brings.
    pub(crate) result: Option<&'a NewResult>,
}

/// What a request says of a participant. The first statement of each wins.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Said<'a> {
    pub(crate) sex: Sex,
    pub(crate) age: Option<AgeYears>,
    pub(crate) group: &'a str,
}

/// What is to be written. Everything is in the order of its key, so that writers lock rows in the same order.
#[derive(Debug, Default)]
pub(crate) struct Plan<'a> {
    pub(crate) specimens: Vec<SpecimenRow<'a>>,
    pub(crate) participants: BTreeMap<&'a str, Said<'a>>,
    pub(crate) awakenings: BTreeMap<(&'a str, i64), Awakening>,
    pub(crate) conflicts: Vec<Conflict>,
    pub(crate) stored: u32,
    pub(crate) unchanged: u32,
    pub(crate) waiting: u32,
}

impl<'a> Plan<'a> {
    /// Compares rows with what is stored. Rows may come in any order and name a specimen more than once.
    pub(crate) fn new(
        mut rows: Vec<Given<'a>>,
        known: &'a HashMap<String, Known>,
        now_us: i64,
    ) -> Self {
        let mut plan = Self::default();
        rows.sort_by_key(|row| (row.specimen, row.row));
        for tube in rows.chunk_by(|one, next| one.specimen == next.specimen) {
            plan.weigh_tube(tube, known, now_us);
        }
        plan.conflicts.sort_by_key(|conflict| conflict.row);
        plan
    }

    fn weigh_tube(&mut self, rows: &[Given<'a>], known: &'a HashMap<String, Known>, now_us: i64) {
        let Some(first) = rows.first() else { return };
        let stored = known.get(first.specimen);
        let mut tube = Tube::of(first.specimen, stored, now_us);
        for given in rows {
            match tube.add(given) {
                Ok(true) => {
                    self.stored += 1;
                    self.waiting += u32::from(tube.row.facts.is_none());
                    if let Some(collection) = given.collection {
                        self.note(collection);
                    }
                }
                Ok(false) => self.unchanged += 1,
                Err(conflicts) => self.conflicts.extend(conflicts),
            }
        }
        if tube.changed {
            if let Some(facts) = tube.row.facts {
                self.participants.entry(facts.participant).or_default();
            }
            tube.row.version += 1;
            self.specimens.push(tube.row);
        }
    }

    /// Takes over what a collection says of its participant and of the awakening.
    fn note(&mut self, collection: &'a Collection) {
        let said = self
            .participants
            .entry(collection.participant.as_str())
            .or_default();
        if said.sex == Sex::Unspecified {
            said.sex = collection.sex;
        }
        said.age = said.age.or(collection.age);
        if said.group.is_empty() {
            said.group = &collection.group;
        }
        if let Some((at, source)) = collection.awakening {
            self.note_awakening(
                &collection.participant,
                Awakening {
                    at,
                    source,
                    conditions: Conditions::EMPTY,
                },
            );
        }
    }

    /// Adds the report of an awakening.
    pub(crate) fn note_day(&mut self, day: &'a RegisteredDay) {
        self.participants
            .entry(day.participant.as_str())
            .or_default();
        self.note_awakening(&day.participant, day.awakening);
    }

    fn note_awakening(&mut self, participant: &'a str, awakening: Awakening) {
        let known = self
            .awakenings
            .entry((participant, awakening.at.microseconds()))
            .or_insert(awakening);
        known.source = known.source.max(awakening.source);
        known.conditions = known.conditions.union(awakening.conditions);
    }

    /// The results that the request brings, in the order of their specimens.
    pub(crate) fn results(&self) -> Vec<&'a NewResult> {
        self.specimens
            .iter()
            .filter_map(|specimen| specimen.result)
            .collect()
    }

    /// The evidence of participants of whom nothing was stored before this request, from memory; the persons are
    /// left to the caller and the results carry the verdict on their batch. Samples are by time, then by specimen, as the history of a participant is read.
    pub(crate) fn evidence(
        &self,
        limits: &Limits,
        batch: BatchVerdict,
        wanted: impl Fn(&str) -> bool,
    ) -> BTreeMap<&'a str, Evidence> {
        let mut sorted: BTreeMap<&'a str, Vec<(Sample, Conditions)>> = BTreeMap::new();
        for row in &self.specimens {
            let (Some(facts), Some(result)) = (row.facts, row.result) else {
                continue;
            };
            if wanted(facts.participant) {
                let sample = Sample {
                    collected: facts.collected,
                    level: result.measurement.level(limits),
                    replicate_cv_percent: result.replicate_cv_percent,
                    batch,
                };
                sorted
                    .entry(facts.participant)
                    .or_default()
                    .push((sample, facts.conditions));
            }
        }
        let mut evidence: BTreeMap<&'a str, Evidence> = BTreeMap::new();
        for (participant, mut samples) in sorted {
            samples.sort_by_key(|(sample, _)| sample.collected.microseconds());
            let (samples, conditions) = samples.into_iter().unzip();
            evidence.insert(
                participant,
                Evidence {
                    samples,
                    conditions,
                    ..Evidence::default()
                },
            );
        }
        for ((participant, _), awakening) in &self.awakenings {
            if wanted(participant) {
                evidence
                    .entry(participant)
                    .or_default()
                    .awakenings
                    .push(*awakening);
            }
        }
        evidence
    }
}

/// A tube while the rows that name it are weighed.
struct Tube<'a> {
    row: SpecimenRow<'a>,
    measurement: Option<Measurement>,
    changed: bool,
}

impl<'a> Tube<'a> {
    fn of(code: &'a str, stored: Option<&'a Known>, now_us: i64) -> Self {
        let row = match stored {
            None => SpecimenRow {
                code,
                facts: None,
                revision: 0,
                created_us: now_us,
                version: 0,
                result: None,
            },
            Some(known) => SpecimenRow {
                code,
                facts: known.collection.as_ref().map(KnownCollection::facts),
                revision: known.revision,
                created_us: known.created_us,
                version: known.version,
                result: None,
            },
        };
        Self {
            row,
            measurement: stored.and_then(|known| known.measurement),
            changed: false,
        }
    }

    /// Whether the row says anything new; conflicts leave the tube as it was.
    fn add(&mut self, given: &Given<'a>) -> Result<bool, Vec<Conflict>> {
        let mut facts = self.row.facts;
        let mut conflicts = Vec::new();
        if let Some(collection) = given.collection {
            facts = Some(complete_collection(
                facts,
                collection,
                given,
                &mut conflicts,
            ));
        }
        if let (Some(stored), Some(result)) = (self.measurement, given.result) {
            same_result(stored, result, given, &mut conflicts);
        }
        if !conflicts.is_empty() {
            return Err(conflicts);
        }
        let brings_result = self.measurement.is_none() && given.result.is_some();
        let changes = brings_result || facts != self.row.facts;
        self.row.facts = facts;
        if brings_result {
            self.row.result = given.result;
            self.row.revision = 1;
            self.measurement = given.result.map(|result| result.measurement);
        }
        self.changed |= changes;
        Ok(changes)
    }
}

impl KnownCollection {
    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts {
            participant: &self.participant,
            collected: self.collected,
            source: self.source,
            label: &self.label,
            awakening_us: self.awakening_us,
            conditions: self.conditions,
        }
    }
}
