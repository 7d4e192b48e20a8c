//! The reference that a policy comes to, for the study and for a person.

use std::sync::Arc;

use super::terms::BY_AGE;
use super::{Policy, PolicyViolation, REFERENCE_BY_AGE, REFERENCE_OWN, ReferenceChoice, Threshold};
use crate::person::Person;
use crate::reason::Reason;
use crate::reference::{Reference, References};

impl Policy {
    /// How the reference is chosen.
    #[must_use]
    pub const fn reference(&self) -> &ReferenceChoice {
        &self.reference
    }

    /// The same as it is written in the terms.
    pub(crate) fn reference_term(&self) -> &str {
        match &self.reference {
            ReferenceChoice::ByAge => REFERENCE_BY_AGE,
            ReferenceChoice::Named(strata) => strata.id(),
            ReferenceChoice::Own(_) => REFERENCE_OWN,
        }
    }

    /// Persons with enough days that the study's own reference must rest on.
    #[must_use]
    pub const fn min_reference_persons(&self) -> u32 {
        self.min_reference_persons
    }

    /// The reference for a person.
    #[must_use]
    pub fn reference_for(&self, person: &Person) -> &Arc<Reference> {
        self.stratum_for(person).0
    }

    /// The reference for a person, or why the person lies in none of its strata.
    pub(crate) fn stratum_for(&self, person: &Person) -> (&Arc<Reference>, Option<Reason>) {
        match &self.reference {
            ReferenceChoice::ByAge | ReferenceChoice::Own(None) => {
                (Reference::for_age(person.age), None)
            }
            ReferenceChoice::Named(strata) | ReferenceChoice::Own(Some(strata)) => {
                strata.for_person(person)
            }
        }
    }

    /// The threshold against a reference, ln(nmol/L) per hour.
    #[must_use]
    pub fn threshold_ln_per_h(&self, reference: &Reference) -> f64 {
        match self.threshold {
            Threshold::LnPerHour(slope) => slope,
            Threshold::Percentile(percentile) => reference.slope_at_percentile(percentile),
        }
    }
}

pub(super) fn chosen(
    name: Option<&str>,
    min_reference_persons: u32,
    references: &References,
) -> Result<ReferenceChoice, PolicyViolation> {
    match name {
        None | Some("" | REFERENCE_BY_AGE | BY_AGE) => Ok(ReferenceChoice::ByAge),
        Some(REFERENCE_OWN) => Ok(ReferenceChoice::Own(
            references.own_resting_on(min_reference_persons),
        )),
        Some(name) => references
            .find(name)
            .map(ReferenceChoice::Named)
            .ok_or_else(|| {
                let builtin = Reference::builtin().iter();
                let known: Vec<_> = builtin.map(|reference| reference.id()).collect();
                let rule = format!(
                    "{name:?} is not a reference; known are {}",
                    known.join(", ")
                );
                PolicyViolation {
                    field: "reference",
                    rule,
                }
            }),
    }
}
