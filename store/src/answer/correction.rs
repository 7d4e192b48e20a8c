//! The answer to a correction, kept whole: the facts may be corrected again.

use diel_core::{Moment, Verdict};
use serde::{Deserialize, Serialize};

use crate::codes::{self, damaged};
use crate::facts::TubeFacts;
use crate::{Corrected, CorrectedSpecimen, DayEffect, PersonEffect, Standing, StoreError};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptCorrection {
    specimens: Vec<KeptSpecimen>,
    profiles: u32,
    raised_flags: Vec<String>,
    people: Vec<KeptPerson>,
    days: Vec<DayEffect>,
    withdrawn_awakenings: Vec<(String, KeptMoment)>,
}

/// Microseconds since 1970 and minutes east.
type KeptMoment = (i64, i32);

#[derive(Debug, Serialize, Deserialize)]
struct KeptSpecimen {
    specimen: String,
    revision: i64,
    facts: Option<KeptFacts>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptFacts {
    participant: String,
    collected: KeptMoment,
    source: i64,
    label: String,
    awakening: Option<(KeptMoment, i64)>,
    conditions: i64,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptPerson {
    participant: String,
    before: Option<KeptStanding>,
    after: Option<KeptStanding>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptStanding {
    valid_day_count: u32,
    posterior_slope_ln_per_h: Option<f64>,
    probability_flat: Option<f64>,
    verdict: String,
}

impl KeptCorrection {
    pub(crate) fn of(answer: &Corrected) -> Self {
        Self {
            specimens: answer.specimens.iter().map(KeptSpecimen::of).collect(),
            profiles: answer.profiles,
            raised_flags: answer.raised_flags.clone(),
            people: answer.people.iter().map(KeptPerson::of).collect(),
            days: answer.days.clone(),
            withdrawn_awakenings: answer
                .withdrawn_awakenings
                .iter()
                .map(|(participant, at)| (participant.clone(), kept_moment(*at)))
                .collect(),
        }
    }

    pub(crate) fn answer(self) -> Result<Corrected, StoreError> {
        let specimens = self.specimens.into_iter().map(KeptSpecimen::answer);
        let people = self.people.into_iter().map(KeptPerson::answer);
        let withdrawn = self.withdrawn_awakenings.into_iter();
        Ok(Corrected {
            specimens: specimens.collect::<Result<_, _>>()?,
            profiles: self.profiles,
            raised_flags: self.raised_flags,
            people: people.collect::<Result<_, _>>()?,
            days: self.days,
            withdrawn_awakenings: withdrawn
                .map(|(participant, at)| Ok((participant, moment(at)?)))
                .collect::<Result<_, StoreError>>()?,
        })
    }
}

impl KeptSpecimen {
    fn of(corrected: &CorrectedSpecimen) -> Self {
        Self {
            specimen: corrected.specimen.clone(),
            revision: corrected.revision,
            facts: corrected
                .collection
                .as_ref()
                .map(|collection| KeptFacts::of(&TubeFacts::of(collection))),
        }
    }

    fn answer(self) -> Result<CorrectedSpecimen, StoreError> {
        let facts = self.facts.map(KeptFacts::answer).transpose()?;
        Ok(CorrectedSpecimen {
            specimen: self.specimen,
            revision: self.revision,
            collection: facts.as_ref().map(TubeFacts::collection),
        })
    }
}

impl KeptFacts {
    fn of(facts: &TubeFacts) -> Self {
        Self {
            participant: facts.participant.clone(),
            collected: kept_moment(facts.collected),
            source: codes::source(facts.source),
            label: facts.label.clone(),
            awakening: facts
                .awakening
                .map(|(at, source)| (kept_moment(at), codes::source(source))),
            conditions: i64::from(facts.conditions.bits()),
        }
    }

    fn answer(self) -> Result<TubeFacts, StoreError> {
        let awakening = match self.awakening {
            Some((at, source)) => Some((moment(at)?, codes::read_source(source)?)),
            None => None,
        };
        Ok(TubeFacts {
            participant: self.participant,
            collected: moment(self.collected)?,
            source: codes::read_source(self.source)?,
            label: self.label,
            awakening,
            conditions: codes::read_conditions(self.conditions)?,
        })
    }
}

impl KeptPerson {
    fn of(effect: &PersonEffect) -> Self {
        Self {
            participant: effect.participant.clone(),
            before: effect.before.map(KeptStanding::of),
            after: effect.after.map(KeptStanding::of),
        }
    }

    fn answer(self) -> Result<PersonEffect, StoreError> {
        Ok(PersonEffect {
            participant: self.participant,
            before: self.before.map(KeptStanding::answer).transpose()?,
            after: self.after.map(KeptStanding::answer).transpose()?,
        })
    }
}

impl KeptStanding {
    fn of(standing: Standing) -> Self {
        Self {
            valid_day_count: standing.valid_day_count,
            posterior_slope_ln_per_h: standing.posterior_slope_ln_per_h,
            probability_flat: standing.probability_flat,
            verdict: standing.verdict.code().to_owned(),
        }
    }

    fn answer(self) -> Result<Standing, StoreError> {
        Ok(Standing {
            valid_day_count: self.valid_day_count,
            posterior_slope_ln_per_h: self.posterior_slope_ln_per_h,
            probability_flat: self.probability_flat,
            verdict: Verdict::from_code(&self.verdict)
                .ok_or_else(|| damaged("a kept verdict", &self.verdict))?,
        })
    }
}

fn kept_moment(moment: Moment) -> KeptMoment {
    (moment.microseconds(), moment.utc_offset_minutes())
}

fn moment((microseconds, minutes): KeptMoment) -> Result<Moment, StoreError> {
    Moment::new(microseconds, minutes).map_err(|error| damaged("a kept time", &error))
}
