//! What a study should hold: plain maps, and the rules of each change in a few lines.

use std::collections::BTreeMap;

use diel_core::{Measurement, MissingReason, Outcome, Verdict};
use diel_store::{Flag, FlagState, RevisionCause};

/// A tube: whose, when, and all revisions of its result.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tube {
    /// The participant; `None` while the collection facts are unknown.
    pub(crate) participant: Option<String>,
    pub(crate) revisions: Vec<Revision>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Revision {
    pub(crate) measurement: Measurement,
    /// The position of its batch in the list of batches.
    pub(crate) batch: usize,
    pub(crate) cause: RevisionCause,
}

impl Revision {
    fn says_concentration(&self) -> bool {
        !matches!(self.measurement.outcome(), Outcome::Missing(_))
    }
}

#[derive(Debug, Clone)]
pub(crate) struct BatchModel {
    pub(crate) id: String,
    pub(crate) results: i64,
    pub(crate) is_recalled: bool,
    pub(crate) version: i64,
}

/// The study.
#[derive(Debug)]
pub(crate) struct Model {
    /// Of the study and of its policy.
    pub(crate) versions: (i64, i64),
    pub(crate) batches: Vec<BatchModel>,
    pub(crate) tubes: BTreeMap<String, Tube>,
    /// Group and version.
    pub(crate) persons: BTreeMap<String, (String, i64)>,
    pub(crate) flags: BTreeMap<String, Flag>,
    /// Submissions that were answered: number of the change, and the answer.
    pub(crate) answered: Vec<(super::change::Sent, diel_store::Submitted)>,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            versions: (1, 1),
            batches: Vec::new(),
            tubes: BTreeMap::new(),
            persons: BTreeMap::new(),
            flags: BTreeMap::new(),
            answered: Vec::new(),
        }
    }
}

impl Model {
    /// The result in force.
    pub(crate) fn in_force(&self, tube: &str) -> Option<Revision> {
        self.tubes.get(tube)?.revisions.last().copied()
    }

    pub(crate) fn learn_facts(&mut self, tube: &str, participant: &str) {
        self.tubes.entry(tube.to_owned()).or_default().participant = Some(participant.to_owned());
        let unknown = || (String::new(), 1);
        self.persons
            .entry(participant.to_owned())
            .or_insert_with(unknown);
    }

    pub(crate) fn revise(&mut self, tube: &str, revision: Revision) {
        self.tubes
            .entry(tube.to_owned())
            .or_default()
            .revisions
            .push(revision);
    }

    /// A revision that replaces another. Its batch is assessed again.
    pub(crate) fn amend(&mut self, tube: &str, revision: Revision) {
        let before = self.measured(revision.batch);
        self.revise(tube, revision);
        self.assess_again(revision.batch, before);
    }

    /// Results of a batch that are in force and say a concentration.
    fn measured(&self, batch: usize) -> usize {
        let last = self.tubes.values().filter_map(|tube| tube.revisions.last());
        last.filter(|revision| revision.batch == batch && revision.says_concentration())
            .count()
    }

    /// Without controls an assessment says how many results there are and how their replicates agree, which is alike in
    /// all: it is another one, and raises the version, where their number is another.
    fn assess_again(&mut self, batch: usize, measured_before: usize) {
        let changed = self.measured(batch) != measured_before;
        self.batches[batch].version += i64::from(changed);
    }

    /// Puts every result of a batch that says a concentration out of force, or what was so put back in force.
    pub(crate) fn recall(&mut self, batch: usize, takes: bool) {
        let before = self.measured(batch);
        let rejected = Measurement::new(Outcome::Missing(MissingReason::RejectedByLab), None);
        for tube in self.tubes.values_mut() {
            let Some(last) = tube.revisions.last().copied() else {
                continue;
            };
            if last.batch != batch {
                continue;
            }
            let (measurement, cause) = if takes && last.says_concentration() {
                (rejected.unwrap(), RevisionCause::Recalled)
            } else if !takes && last.cause == RevisionCause::Recalled {
                let before = tube.revisions[tube.revisions.len() - 2];
                (before.measurement, RevisionCause::Restored)
            } else {
                continue;
            };
            tube.revisions.push(Revision {
                measurement,
                batch,
                cause,
            });
        }
        self.batches[batch].is_recalled = takes;
        self.batches[batch].version += 1;
        self.assess_again(batch, before);
    }

    /// What data do to a flag, as far as it can be said without the size of the shift.
    pub(crate) fn follow_flag(&mut self, participant: &str, verdict: Verdict, found: Option<Flag>) {
        use FlagState::{Open, Resolved, Withdrawn};

        let flat = verdict == Verdict::FlatForReview;
        let before = self
            .flags
            .get(participant)
            .map(|flag| (flag.state, flag.version));
        let after = found.as_ref().map(|flag| (flag.state, flag.version));
        let may_be = match (before.map(|before| before.0), after.map(|after| after.0)) {
            (None, None) => !flat,
            (None | Some(Open | Withdrawn), Some(Open)) => flat,
            (Some(Open | Withdrawn), Some(Withdrawn)) => !flat,
            (Some(Resolved), Some(Resolved)) => true,
            // Materially new data, or days that were asked for.
            (Some(Resolved), Some(Open)) => flat,
            _ => false,
        };
        assert!(
            may_be,
            "{participant}: {before:?} became {after:?} at {verdict:?}"
        );
        let versions = (before.map_or(0, |it| it.1), after.map_or(0, |it| it.1));
        let moved = before.map(|it| it.0) != after.map(|it| it.0);
        assert!(
            versions.1 - versions.0 <= 1 && versions.1 - versions.0 >= i64::from(moved),
            "{participant}: {before:?} became {after:?}"
        );
        if let Some(flag) = found {
            self.flags.insert(participant.to_owned(), flag);
        }
    }

    pub(crate) fn batches(&self) -> Vec<(i64, bool, i64, usize)> {
        let batches = self.batches.iter().enumerate();
        batches
            .map(|(place, known)| {
                let measured = self.measured(place);
                (known.results, known.is_recalled, known.version, measured)
            })
            .collect()
    }

    pub(crate) fn specimens(&self) -> Vec<(String, bool, bool)> {
        let tubes = self.tubes.iter();
        tubes
            .map(|(code, tube)| {
                (
                    code.clone(),
                    tube.participant.is_some(),
                    !tube.revisions.is_empty(),
                )
            })
            .collect()
    }

    pub(crate) fn results(&self) -> Vec<(String, i32, Measurement)> {
        let mut results = Vec::new();
        for (code, tube) in &self.tubes {
            for (number, revision) in (1..).zip(&tube.revisions) {
                results.push((code.clone(), number, revision.measurement));
            }
        }
        results
    }

    pub(crate) fn participants(&self) -> Vec<(String, String, i64)> {
        let persons = self.persons.iter();
        persons
            .map(|(code, (group, version))| (code.clone(), group.clone(), *version))
            .collect()
    }

    /// The samples of one participant with their results in force. Codes of tubes are in the order of time.
    pub(crate) fn samples(&self, participant: &str) -> Vec<(String, Measurement)> {
        let tubes = self.tubes.iter();
        tubes
            .filter(|(_, tube)| tube.participant.as_deref() == Some(participant))
            .filter_map(|(code, tube)| Some((code.clone(), tube.revisions.last()?.measurement)))
            .collect()
    }
}
