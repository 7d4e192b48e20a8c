//! Several references under one name, by sex and age.

use std::sync::Arc;

use thiserror::Error;

use super::{Reference, ReferenceError, ReferenceTerms};
use crate::person::{Person, Sex};
use crate::reason::Reason;

/// References of one name, none of which overlap: what a policy judges against.
///
/// ```
/// use std::sync::Arc;
/// use diel_core::{AgeYears, Person, Reference, ReferenceTerms, Strata};
/// let adult = Reference::find("adult-noisy").unwrap();
/// let band = |from, to| ReferenceTerms {
///     id: "bands@1".to_owned(),
///     min_age_years: from,
///     max_age_years: Some(to),
///     ..adult.terms().clone()
/// };
/// let strata = Strata::new(vec![band(20.0, 40.0), band(50.0, 60.0)])?;
/// assert_eq!(strata.gaps()[0].to_string(), "40 to 50 years");
/// assert!(Strata::new(vec![band(20.0, 40.0), band(39.0, 60.0)]).is_err());
/// # Ok::<(), diel_core::StrataError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Strata {
    /// By sex, then by age; at least one.
    first: Arc<Reference>,
    others: Vec<Arc<Reference>>,
    /// Whether a person in no stratum is not judged. Otherwise the one reference judges everybody, and its ages are a
    /// caution.
    strict: bool,
}

/// Ages between the strata of one sex that lie in none of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gap {
    /// The sex; `None` for all.
    pub sex: Option<Sex>,
    /// From this age, in years.
    pub from_age_years: f64,
    /// To below this age, in years.
    pub to_age_years: f64,
}

impl std::fmt::Display for Gap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(sex) = self.sex {
            write!(f, "{}, ", sex.code())?;
        }
        write!(f, "{} to {} years", self.from_age_years, self.to_age_years)
    }
}

/// Why strata are not accepted.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum StrataError {
    /// There is none.
    #[error("strata: there are none; at least one is needed")]
    None,
    /// One breaks a rule.
    #[error("strata[{position}].{source}")]
    Stratum {
        /// Its position, from 0.
        position: usize,
        /// The rule.
        source: ReferenceError,
    },
    /// Two have persons in common.
    #[error(
        "strata[{second}]: overlaps with strata[{first}]; a person may lie in one stratum only"
    )]
    Overlap {
        /// The position of the one.
        first: usize,
        /// The position of the other.
        second: usize,
    },
    /// They have several names.
    #[error("strata[{position}].id: {found:?} is not {expected:?}; strata share one name")]
    Name {
        /// The position of the one that differs.
        position: usize,
        /// Its name.
        found: String,
        /// The first one's.
        expected: String,
    },
}

impl Strata {
    /// Strata of which each person lies in one or in none.
    ///
    /// # Errors
    /// [`StrataError`] for none at all, an overlap, several names, or a number that breaks a rule.
    pub fn new(terms: Vec<ReferenceTerms>) -> Result<Self, StrataError> {
        let mut strata: Vec<Arc<Reference>> = Vec::with_capacity(terms.len());
        for (position, terms) in terms.into_iter().enumerate() {
            let reference = Reference::new(terms)
                .map_err(|source| StrataError::Stratum { position, source })?;
            for (first, before) in strata.iter().enumerate() {
                if before.id() != reference.id() {
                    return Err(StrataError::Name {
                        position,
                        found: reference.id().to_owned(),
                        expected: before.id().to_owned(),
                    });
                }
                if overlap(before, &reference) {
                    return Err(StrataError::Overlap {
                        first,
                        second: position,
                    });
                }
            }
            strata.push(Arc::new(reference));
        }
        strata.sort_by(|one, other| {
            let key = |reference: &Reference| reference.sex().map(|sex| sex as u8);
            key(one)
                .cmp(&key(other))
                .then(one.min_age_years().total_cmp(&other.min_age_years()))
        });
        let mut strata = strata.into_iter();
        Ok(Self {
            first: strata.next().ok_or(StrataError::None)?,
            others: strata.collect(),
            strict: true,
        })
    }

    /// One reference for everybody.
    #[must_use]
    pub const fn of(reference: Arc<Reference>) -> Self {
        Self {
            first: reference,
            others: Vec::new(),
            strict: false,
        }
    }

    /// The name that they share.
    #[must_use]
    pub fn id(&self) -> &str {
        self.first.id()
    }

    /// The first of them.
    #[must_use]
    pub const fn first(&self) -> &Arc<Reference> {
        &self.first
    }

    /// All of them, by sex, then by age.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Reference>> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// Whether a person in no stratum is not judged.
    #[must_use]
    pub const fn is_strict(&self) -> bool {
        self.strict
    }

    /// The ages between the strata of each sex that lie in none.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        let all: Vec<_> = self.iter().collect();
        all.windows(2)
            .filter_map(|pair| match pair {
                [one, next] if one.sex() == next.sex() => {
                    let from_age_years = one.max_age_years()?;
                    (from_age_years < next.min_age_years()).then(|| Gap {
                        sex: one.sex(),
                        from_age_years,
                        to_age_years: next.min_age_years(),
                    })
                }
                _ => None,
            })
            .collect()
    }

    /// The only stratum, or else the one that holds the person.
    ///
    /// # Errors
    /// [`Reason::AgeOutsideReference`] or [`Reason::SexOutsideReference`] when none of several does.
    pub fn only_or_holding(&self, person: &Person) -> Result<&Arc<Reference>, Reason> {
        if self.others.is_empty() {
            return Ok(&self.first);
        }
        match self.for_person(person) {
            (stratum, None) => Ok(stratum),
            (_, Some(reason)) => Err(reason),
        }
    }

    /// The stratum of a person, or why the person lies in none; the first then stands for the numbers that a rhythm
    /// states without a judgement.
    pub(crate) fn for_person(&self, person: &Person) -> (&Arc<Reference>, Option<Reason>) {
        if !self.strict {
            return (&self.first, None);
        }
        if let Some(stratum) = self.iter().find(|stratum| stratum.covers(person)) {
            return (stratum, None);
        }
        let of_sex = self.iter().find(|stratum| stratum.is_for_sex_of(person));
        match of_sex {
            Some(stratum) => (stratum, Some(Reason::AgeOutsideReference)),
            None => (&self.first, Some(Reason::SexOutsideReference)),
        }
    }
}

fn overlap(one: &Reference, other: &Reference) -> bool {
    let sexes = match (one.sex(), other.sex()) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    let end = |reference: &Reference| reference.max_age_years().unwrap_or(f64::INFINITY);
    sexes && one.min_age_years() < end(other) && other.min_age_years() < end(one)
}
