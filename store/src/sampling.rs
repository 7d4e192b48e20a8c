//! What people's tubes show of the sampling, and the protocols it is held against.

use diel_core::sampling::{
    DayCompliance, Duplicate, SamplingProtocol, Tube, TubeDay, compliance, duplicates, tube_days,
};
use diel_core::{Awakening, Moment, Policy, TimeSource};
use jiff::Timestamp;

use crate::Page;

/// A tube with collection facts.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTube {
    /// The specimen's id.
    pub specimen: String,
    /// The label on it.
    pub label: String,
    /// When saliva was collected.
    pub collected: Moment,
    /// How that is known.
    pub source: TimeSource,
}

/// Everything that a person was sampled with.
#[derive(Debug, Clone, PartialEq)]
pub struct SampledPerson {
    /// The participant's code.
    pub participant: String,
    /// The tubes, by time, then by id.
    pub tubes: Vec<StoredTube>,
    /// Reports of awakenings, by time.
    pub awakenings: Vec<Awakening>,
}

/// A page of people, and what their tubes are sorted by and held against.
#[derive(Debug, Clone)]
pub struct Samplings {
    /// The people, by code.
    pub people: Page<SampledPerson, String>,
    /// The policy in force, by which tubes are sorted into days.
    pub rule: Policy,
}

impl SampledPerson {
    /// The tubes as the core takes them.
    #[must_use]
    pub fn tubes(&self) -> Vec<Tube<'_>> {
        self.tubes
            .iter()
            .map(|tube| Tube {
                label: &tube.label,
                collected: tube.collected,
                source: tube.source,
            })
            .collect()
    }

    /// The sampling days of the tubes.
    #[must_use]
    pub fn days(&self, rule: &Policy) -> Vec<TubeDay> {
        tube_days(&self.tubes(), &self.awakenings, rule)
    }

    /// Each day against a protocol. Positions of tubes are those in `tubes`.
    #[must_use]
    pub fn compliance(&self, protocol: &SamplingProtocol, rule: &Policy) -> Vec<DayCompliance> {
        let tubes = self.tubes();
        let days = self.days(rule);
        days.iter()
            .map(|day| compliance(protocol, day, &tubes))
            .collect()
    }

    /// Tubes that may be one. Positions are those in `tubes`.
    #[must_use]
    pub fn duplicates(&self, rule: &Policy) -> Vec<Duplicate> {
        duplicates(&self.days(rule), &self.tubes())
    }
}

/// A version of a study's sampling protocol.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredProtocol {
    /// Counts from 1; the highest is in force.
    pub version: i64,
    /// The protocol.
    pub protocol: SamplingProtocol,
    /// When it came into force.
    pub created: Timestamp,
}
