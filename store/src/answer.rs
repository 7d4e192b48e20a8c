//! What is kept of an answer, so that the same request gets the same answer again. Rows that never change are kept by
//! their keys and read again.

mod correction;

use diel_core::{AgeYears, CodeShapes, RetentionDays, Unit, Verdict};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub(crate) use correction::KeptCorrection;

use crate::codes;
use crate::flag_life::KeptLife;
use crate::{
    Amended, Conflict, Participant, RefusedAmendment, Revised, RevisedPerson, StoreError, Study,
    Submitted,
};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptSubmission {
    pub(crate) batch: Option<String>,
    stored: u32,
    unchanged: u32,
    waiting: u32,
    conflicts: Vec<Conflict>,
    profiles: u32,
    raised_flags: Vec<String>,
    /// Absent in answers that were kept before batches were assessed.
    #[serde(default)]
    reassessed: Vec<String>,
}

impl KeptSubmission {
    pub(crate) fn of(answer: &Submitted) -> Self {
        Self {
            batch: answer.batch.as_ref().map(|batch| batch.id.clone()),
            stored: answer.stored,
            unchanged: answer.unchanged,
            waiting: answer.waiting,
            conflicts: answer.conflicts.clone(),
            profiles: answer.profiles,
            raised_flags: answer.raised_flags.clone(),
            reassessed: answer.reassessed.clone(),
        }
    }

    pub(crate) fn answer(self, batch: Option<crate::Batch>) -> Submitted {
        Submitted {
            batch,
            stored: self.stored,
            unchanged: self.unchanged,
            waiting: self.waiting,
            conflicts: self.conflicts,
            profiles: self.profiles,
            raised_flags: self.raised_flags,
            answered_before: true,
            reassessed: self.reassessed,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptStudy {
    display_name: String,
    display_unit: Option<String>,
    pub(crate) policy_version: i64,
    updated_us: i64,
    version: i64,
    /// Absent in answers that were kept before codes were looked at.
    #[serde(default)]
    refused_shapes: u8,
    /// Absent also in answers that were kept before studies stated one.
    #[serde(default)]
    retention_days: Option<u16>,
}

impl KeptStudy {
    pub(crate) fn of(study: &Study) -> Self {
        Self {
            display_name: study.display_name.clone(),
            display_unit: study.display_unit.map(|unit| unit.ucum().to_owned()),
            policy_version: study.policy.version,
            updated_us: study.updated.as_microsecond(),
            version: study.version,
            refused_shapes: study.refused_shapes.bits(),
            retention_days: study.retention.map(RetentionDays::days),
        }
    }

    /// The study as it was. The policy must be that of `policy_version`.
    pub(crate) fn answer(
        self,
        mut study: Study,
        policy: crate::StoredPolicy,
    ) -> Result<Study, StoreError> {
        study.display_name = self.display_name;
        study.display_unit = self.display_unit.as_deref().and_then(Unit::from_ucum);
        study.policy = policy;
        study.updated = instant(self.updated_us)?;
        study.version = self.version;
        study.refused_shapes = CodeShapes::from_bits(self.refused_shapes);
        let retention = self.retention_days.map(i64::from).map(RetentionDays::new);
        study.retention = retention.and_then(Result::ok);
        Ok(study)
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptPolicy {
    pub(crate) version: i64,
    pub(crate) job: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptFitId {
    pub(crate) fit: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptReference {
    pub(crate) reference: String,
    pub(crate) version: i64,
    pub(crate) job: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptControl {
    control: String,
    version: i64,
}

impl KeptControl {
    pub(crate) fn of(control: &str, version: i64) -> Self {
        Self {
            control: control.to_owned(),
            version,
        }
    }

    /// The control with the version of its target.
    pub(crate) fn name(&self) -> String {
        format!("{}@{}", self.control, self.version)
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptBatch {
    pub(crate) batch: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptProtocol {
    pub(crate) version: i64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptConversion {
    pub(crate) conversion: String,
    pub(crate) version: i64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptMethod {
    pub(crate) method: String,
    pub(crate) version: i64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptResult {
    pub(crate) specimen: String,
    pub(crate) revision: i64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptFlag {
    pub(crate) flag: String,
    pub(crate) version: i64,
    /// Absent in answers that were kept before claims and second decisions.
    #[serde(default)]
    pub(crate) life: Option<KeptLife>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptParticipant {
    code: String,
    sex: i64,
    age_years: Option<f64>,
    group: String,
    conditions: i64,
    created_us: i64,
    version: i64,
}

impl KeptParticipant {
    pub(crate) fn of(participant: &Participant) -> Self {
        Self {
            code: participant.code.clone(),
            sex: codes::sex(participant.sex),
            age_years: participant.age.map(AgeYears::get),
            group: participant.group.clone(),
            conditions: i64::from(participant.conditions.bits()),
            created_us: participant.created.as_microsecond(),
            version: participant.version,
        }
    }

    pub(crate) fn answer(self) -> Result<Participant, StoreError> {
        Ok(Participant {
            code: self.code,
            sex: codes::read_sex(self.sex)?,
            age: self.age_years.and_then(|years| AgeYears::new(years).ok()),
            group: self.group,
            conditions: codes::read_conditions(self.conditions)?,
            created: instant(self.created_us)?,
            version: self.version,
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptRevised {
    results: u32,
    profiles: u32,
    persons: Vec<KeptPerson>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptPerson {
    participant: String,
    verdict_before: Option<String>,
    verdict_after: Option<String>,
    days_lost: Vec<Date>,
    days_gained: Vec<Date>,
    flag: Option<(String, String)>,
}

impl KeptRevised {
    pub(crate) fn of(revised: &Revised) -> Self {
        let verdict = |verdict: Option<Verdict>| verdict.map(|verdict| verdict.code().to_owned());
        let persons = revised.persons.iter().map(|person| KeptPerson {
            participant: person.participant.clone(),
            verdict_before: verdict(person.verdict_before),
            verdict_after: verdict(person.verdict_after),
            days_lost: person.days_lost.clone(),
            days_gained: person.days_gained.clone(),
            flag: person
                .flag
                .as_ref()
                .map(|(id, kind)| (id.clone(), codes::event_kind(*kind).to_owned())),
        });
        Self {
            results: revised.results,
            profiles: revised.profiles,
            persons: persons.collect(),
        }
    }

    pub(crate) fn answer(self) -> Result<Revised, StoreError> {
        let verdict = |code: Option<String>| code.as_deref().map(codes::read_verdict).transpose();
        let persons = self.persons.into_iter().map(|person| {
            Ok(RevisedPerson {
                participant: person.participant,
                verdict_before: verdict(person.verdict_before)?,
                verdict_after: verdict(person.verdict_after)?,
                days_lost: person.days_lost,
                days_gained: person.days_gained,
                flag: match person.flag {
                    Some((id, kind)) => Some((id, codes::read_event_kind(&kind)?)),
                    None => None,
                },
            })
        });
        Ok(Revised {
            results: self.results,
            profiles: self.profiles,
            persons: persons.collect::<Result<_, StoreError>>()?,
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptAmended {
    batch: Option<String>,
    unchanged: u32,
    refused: Vec<RefusedAmendment>,
    revised: KeptRevised,
}

impl KeptAmended {
    pub(crate) fn of(answer: &Amended) -> Self {
        Self {
            batch: answer.batch.as_ref().map(|batch| batch.id.clone()),
            unchanged: answer.unchanged,
            refused: answer.refused.clone(),
            revised: KeptRevised::of(&answer.revised),
        }
    }

    /// The id of the batch of another run.
    pub(crate) fn batch(&self) -> Option<&str> {
        self.batch.as_deref()
    }

    pub(crate) fn answer(self, batch: Option<crate::Batch>) -> Result<Amended, StoreError> {
        Ok(Amended {
            batch,
            unchanged: self.unchanged,
            refused: self.refused,
            revised: self.revised.answer()?,
        })
    }
}

/// An instant from a column of microseconds.
pub(crate) fn instant(microseconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(microseconds).map_err(|_| codes::damaged("a time", &microseconds))
}

/// The text that is kept.
pub(crate) fn keep(answer: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(answer).map_err(|error| codes::damaged("an answer", &error))
}

/// The answer of a kept text.
pub(crate) fn recall<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| codes::damaged("a kept answer", &error))
}
