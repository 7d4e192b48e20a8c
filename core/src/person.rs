//! What the rules need to know about a person: age and conditions, nothing that identifies.

use crate::coded::{coded, coded_set};
use crate::range::{AGE, RangeError};

/// An age at sampling in years, from 0 to 130; 0.25 is three months.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct AgeYears(f64);

impl AgeYears {
    /// Accepts a number of years.
    ///
    /// # Errors
    /// NaN, infinities and numbers outside 0 to 130 are refused.
    pub fn new(value: f64) -> Result<Self, RangeError> {
        AGE.check(value).map(Self)
    }

    /// The number of years.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

coded! {
    /// Something about a day or a person that makes a slope unfit to be judged.
    Condition, "condition" {
        Corticosteroids = "corticosteroids": "Systemic, inhaled, nasal or topical corticosteroids.",
        Pregnancy = "pregnancy": "Pregnancy.",
        NightShift = "night_shift": "Night or shift work, or an inverted day.",
        AcuteIllness = "acute_illness": "Acute illness or fever.",
        EndocrineDisease = "endocrine_disease": "A disease of the pituitary or adrenal glands.",
        Travel = "travel": "Travel across time zones.",
        OtherExclusion = "other_exclusion": "Another reason, stated by the study team elsewhere.",
    }
}

coded_set! {
    /// A set of conditions.
    Conditions(u16) of Condition
}

/// Sex as recorded by the study.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sex {
    /// Not stated.
    #[default]
    Unspecified,
    /// Female.
    Female,
    /// Male.
    Male,
    /// Neither of these.
    Other,
}

impl Sex {
    /// The word for it: `female`, `male`, `other`; empty when not stated.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unspecified => "",
            Self::Female => "female",
            Self::Male => "male",
            Self::Other => "other",
        }
    }

    /// The sex of a word, `None` for an unknown one.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Unspecified, Self::Female, Self::Male, Self::Other]
            .into_iter()
            .find(|sex| sex.code() == code)
    }
}

/// A person, as far as the rules are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Person {
    /// Age at sampling, when recorded.
    pub age: Option<AgeYears>,
    /// Sex, when recorded: it chooses the stratum of a reference that has strata by sex.
    pub sex: Sex,
    /// Conditions that hold on all of the person's days.
    pub conditions: Conditions,
}

impl Person {
    /// Whether the age is recorded and below this many years.
    pub(crate) fn is_younger_than(&self, years: f64) -> bool {
        self.age.is_some_and(|age| age.get() < years)
    }
}
