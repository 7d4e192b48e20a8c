//! What the judgement of one participant rests on.

use diel_core::{Analysis, Awakening, Conditions, Measurement, Person, Policy, Sample};

use crate::StoredPolicy;
use crate::ids;

/// A sample with its name and its result as reported.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSample {
    /// The specimen's id.
    pub specimen: String,
    /// The label on the tube.
    pub label: String,
    /// The sample, in nmol/L.
    pub sample: Sample,
    /// The result in force, as reported.
    pub measurement: Measurement,
    /// Conditions that came with the specimen; they hold on its whole day.
    pub conditions: Conditions,
    pub(crate) batch_no: i64,
}

impl StoredSample {
    /// The id of the batch that its result came with.
    #[must_use]
    pub fn batch(&self) -> String {
        ids::batch_id(self.batch_no)
    }
}

/// Everything that the rhythm of one participant is computed from.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// Age and conditions.
    pub person: Person,
    /// Samples with a result, by time.
    pub samples: Vec<StoredSample>,
    /// Reports of awakenings, by time.
    pub awakenings: Vec<Awakening>,
    /// The policy in force.
    pub policy: StoredPolicy,
    /// The policy with the reference that its terms come to.
    pub rule: Policy,
}

impl History {
    /// The days and the rhythm, computed as they were when they were stored. The `index` of a day's sample is its
    /// position in `samples`.
    #[must_use]
    pub fn analysis(&self) -> Analysis {
        let mut evidence = Evidence {
            person: self.person,
            ..Evidence::default()
        };
        evidence.awakenings.clone_from(&self.awakenings);
        for stored in &self.samples {
            evidence.samples.push(stored.sample);
            evidence.conditions.push(stored.conditions);
        }
        evidence.judge(&self.rule)
    }
}

/// The part of a history that enters the computation: one condition set a sample, in the order of the samples.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    pub(crate) person: Person,
    pub(crate) samples: Vec<Sample>,
    pub(crate) conditions: Vec<Conditions>,
    pub(crate) awakenings: Vec<Awakening>,
}

impl Evidence {
    /// Sorts samples into days, adds what was stated with the samples to their days, and judges.
    pub(crate) fn judge(&self, policy: &Policy) -> Analysis {
        let mut days = diel_core::sampling_days(&self.samples, &self.awakenings, policy);
        for day in &mut days {
            day.add_conditions_stated_with(&self.conditions);
        }
        diel_core::analyse_days(&self.person, days, policy)
    }
}
