//! What a policy may name beside the built-in references.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Reference, Strata};

/// References by name: the built-in ones and those that were given.
#[derive(Debug, Clone, Default)]
pub struct References {
    given: BTreeMap<String, Arc<Strata>>,
    own: Option<Arc<Strata>>,
}

impl References {
    /// Adds one, under its name.
    #[must_use]
    pub fn with(self, strata: Arc<Strata>) -> Self {
        let name = strata.id().to_owned();
        self.with_name(&name, strata)
    }

    /// Adds one under another name than its own, such as that without the version.
    #[must_use]
    pub fn with_name(mut self, name: &str, strata: Arc<Strata>) -> Self {
        self.given.insert(name.to_owned(), strata);
        self
    }

    /// States the study's newest frozen reference.
    #[must_use]
    pub fn with_own(mut self, strata: Arc<Strata>) -> Self {
        self.own = Some(strata);
        self
    }

    /// The one of this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Arc<Strata>> {
        self.given.get(name).cloned().or_else(|| {
            Reference::find(name).map(|reference| Arc::new(Strata::of(Arc::clone(reference))))
        })
    }

    /// The study's newest frozen reference, when it rests on at least so many persons with enough days.
    #[must_use]
    pub fn own_resting_on(&self, persons: u32) -> Option<Arc<Strata>> {
        self.own
            .clone()
            .filter(|strata| strata.persons_with_days() >= persons)
    }
}

impl Strata {
    /// Persons with enough days that it rests on; 0 when it was not fitted to a study.
    #[must_use]
    pub fn persons_with_days(&self) -> u32 {
        let counts = self.iter().map(|reference| {
            let basis = reference.terms().basis.as_ref();
            basis.map_or(0, |basis| basis.persons_with_days)
        });
        counts.fold(0, u32::saturating_add)
    }
}
