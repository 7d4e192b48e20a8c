//! Corrects collection facts. What held before is kept, and days, rhythms and flags of everybody concerned follow.

use std::collections::{BTreeMap, BTreeSet};

use diel_core::Awakening;

use super::ground::{self, Ground};
use super::judge::rejudge;
use super::participants::{meet, participant_name};
use super::specimens::specimen_name;
use super::write::Write;
use super::{Conn, awakenings, effects, facts, requests};
use crate::answer::KeptCorrection;
use crate::facts::{FactsInForce, TubeFacts};
use crate::fault::Fault;
use crate::plan::Said;
use crate::trail::{Note, Trail};
use crate::{
    Call, Corrected, CorrectedSpecimen, Correction, Corrections, SeenSpecimen, StoreError,
};

/// Corrections as a change.
#[derive(Debug)]
pub(crate) struct Correct(pub(crate) Corrections);

/// A tube on its way from one set of facts to another.
struct Move<'a> {
    specimen: &'a str,
    before: FactsInForce,
    after: Option<TubeFacts>,
}

impl Write for Correct {
    type Answer = Corrected;

    fn call(&self) -> &Call {
        &self.0.call
    }

    async fn run(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        _attempt: u32,
    ) -> Result<Corrected, Fault> {
        let Corrections {
            study,
            corrections,
            call,
            ..
        } = &self.0;
        let ground = ground::share(conn, study).await?;
        if let Some(kept) = requests::find::<KeptCorrection>(conn, ground.no, call).await? {
            return Ok(kept.answer()?);
        }
        let mut moves = Vec::new();
        for correction in corrections {
            moves.extend(self.moves(conn, &ground, correction).await?);
        }
        moves.sort_by_key(|moved| moved.specimen);
        let people = people(&moves);
        let said = people.iter().map(|code| (code.as_str(), Said::default()));
        let met = meet(conn, ground.no, call.now.as_microsecond(), said).await?;
        if let Some(unknown) = met.iter().find(|met| met.is_new) {
            let resource = participant_name(study, &unknown.participant.code);
            return Err(StoreError::NotFound { resource }.into());
        }
        let before = effects::standing(conn, ground.no, &people).await?;
        for moved in &moves {
            self.store(conn, &ground, moved).await?;
        }
        let withdrawn_awakenings = self.settle_awakenings(conn, &ground, &moves).await?;
        let judgement = rejudge(conn, trail, &ground, call.now, ground.by_data(), &met).await?;
        let after = effects::standing(conn, ground.no, &people).await?;
        let (people, days) = effects::between(before, after);
        let answer = Corrected {
            specimens: moves.iter().map(Move::outcome).collect(),
            profiles: judgement.profiles,
            raised_flags: judgement.raised_flags(),
            people,
            days,
            withdrawn_awakenings,
        };
        moves
            .iter()
            .for_each(|moved| self.note(trail, &ground, moved));
        requests::keep(conn, ground.no, call, &KeptCorrection::of(&answer)).await?;
        Ok(answer)
    }
}

impl Correct {
    /// The tubes that a correction moves, each checked against what the caller saw of it.
    async fn moves<'a>(
        &self,
        conn: &mut Conn,
        ground: &Ground,
        correction: &'a Correction,
    ) -> Result<Vec<Move<'a>>, Fault> {
        match correction {
            Correction::Swap(one, other) => {
                let (first, second) = (
                    self.seen(conn, ground, one).await?,
                    self.seen(conn, ground, other).await?,
                );
                if first.facts.is_none() && second.facts.is_none() {
                    return Err(self.without_facts(one));
                }
                let (of_first, of_second) = (first.facts.clone(), second.facts.clone());
                Ok(vec![
                    Move {
                        specimen: &one.specimen,
                        before: first,
                        after: of_second,
                    },
                    Move {
                        specimen: &other.specimen,
                        before: second,
                        after: of_first,
                    },
                ])
            }
            Correction::Reassign(seen, collection) => {
                let before = self.seen(conn, ground, seen).await?;
                if before.facts.is_none() {
                    return Err(self.without_facts(seen));
                }
                Ok(vec![Move {
                    specimen: &seen.specimen,
                    before,
                    after: Some(TubeFacts::of(collection)),
                }])
            }
        }
    }

    async fn seen(
        &self,
        conn: &mut Conn,
        ground: &Ground,
        seen: &SeenSpecimen,
    ) -> Result<FactsInForce, Fault> {
        let resource = || specimen_name(&self.0.study, &seen.specimen);
        let found = facts::in_force(conn, ground.no, &seen.specimen).await?;
        let Some(found) = found else {
            return Err(StoreError::NotFound {
                resource: resource(),
            }
            .into());
        };
        if found.shown_revision() != seen.revision {
            return Err(StoreError::EtagMismatch {
                resource: resource(),
            }
            .into());
        }
        Ok(found)
    }

    fn without_facts(&self, seen: &SeenSpecimen) -> Fault {
        StoreError::StateForbids {
            resource: specimen_name(&self.0.study, &seen.specimen),
            state: "waiting for its collection facts",
            step: "corrected; register it instead",
        }
        .into()
    }

    async fn store(&self, conn: &mut Conn, ground: &Ground, moved: &Move<'_>) -> Result<(), Fault> {
        let Corrections { reason, call, .. } = &self.0;
        if let Some(earlier) = &moved.before.facts {
            let replaced = facts::Replaced {
                study_no: ground.no,
                specimen: moved.specimen,
                revision: moved.before.revision,
                reason,
                call,
            };
            facts::keep_earlier(conn, replaced, earlier).await?;
        }
        facts::put_in_force(
            conn,
            ground.no,
            moved.specimen,
            &moved.before,
            moved.after.as_ref(),
        )
        .await
    }

    /// Makes known the awakenings that the tubes now state, and takes back those that nobody states any more.
    async fn settle_awakenings(
        &self,
        conn: &mut Conn,
        ground: &Ground,
        moves: &[Move<'_>],
    ) -> Result<Vec<(String, diel_core::Moment)>, Fault> {
        let mut stated: BTreeMap<(&str, i64), Awakening> = BTreeMap::new();
        for facts in moves.iter().filter_map(|moved| moved.after.as_ref()) {
            if let Some(awakening) = facts.stated_awakening() {
                let key = (facts.participant.as_str(), awakening.at.microseconds());
                stated.entry(key).or_insert(awakening);
            }
        }
        awakenings::report(conn, ground.no, &stated, false).await?;
        let mut withdrawn = Vec::new();
        for facts in moves.iter().filter_map(|moved| moved.before.facts.as_ref()) {
            if let Some((at, _)) = facts.awakening
                && awakenings::withdraw(conn, ground.no, &facts.participant, at).await?
            {
                withdrawn.push((facts.participant.clone(), at));
            }
        }
        Ok(withdrawn)
    }

    fn note(&self, trail: &mut Trail, ground: &Ground, moved: &Move<'_>) {
        let Corrections {
            study,
            reason,
            call,
            ..
        } = &self.0;
        let outcome = moved.outcome();
        let note = Note {
            action: "correct_specimen",
            resource: specimen_name(study, moved.specimen),
            before: facts::said(moved.before.shown_revision(), moved.before.facts.as_ref()),
            after: facts::said(outcome.revision, moved.after.as_ref()),
            reason,
        };
        trail.note(ground.no, study, call, note.of_differences());
    }
}

impl Move<'_> {
    fn outcome(&self) -> CorrectedSpecimen {
        CorrectedSpecimen {
            specimen: self.specimen.to_owned(),
            revision: if self.after.is_some() {
                self.before.next_revision()
            } else {
                0
            },
            collection: self.after.as_ref().map(TubeFacts::collection),
        }
    }
}

/// Everybody whose samples change.
fn people(moves: &[Move<'_>]) -> BTreeSet<String> {
    let facts = moves
        .iter()
        .flat_map(|moved| [moved.before.facts.as_ref(), moved.after.as_ref()]);
    facts
        .flatten()
        .map(|facts| facts.participant.clone())
        .collect()
}
