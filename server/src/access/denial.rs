//! Why somebody is not let in, or may not do what they ask for.

use std::fmt;

use diel_store::{Role, StoreError};

use crate::name;

/// Why a token lets nobody in. Each has one message; none says how near a wrong token came to a right one.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum TokenError {
    /// There is none.
    #[error("authorization: is missing; this service wants `authorization: Bearer TOKEN`")]
    Missing,
    /// There is no such token, or the text is none.
    #[error("authorization: this token is not known")]
    Unknown,
    /// Its time is over.
    #[error("authorization: this token has expired; ask an admin for another")]
    Expired,
    /// Somebody ended it.
    #[error("authorization: this token was revoked; ask an admin for another")]
    Revoked,
    /// Whether it is good cannot be told now.
    #[error("the database cannot be asked who bears this token")]
    Store(#[from] StoreError),
}

/// The role that a method needs and its caller does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{method} needs the role {} {}, which {principal} does not have", in_words(.roles), .place)]
pub(crate) struct RoleMissing {
    /// Who called.
    pub(crate) principal: String,
    /// The method, such as `diel.v1.Reviews/ResolveFlag`.
    pub(crate) method: &'static str,
    /// The roles, any of which would do.
    pub(crate) roles: &'static [Role],
    /// Where it is needed.
    pub(crate) place: Place,
}

/// Where a role is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// In this study.
    Study(String),
    /// In all studies.
    AllStudies,
    /// In whichever study.
    AnyStudy,
}

impl RoleMissing {
    /// The roles, any of which would do, in words.
    pub(crate) fn roles(&self) -> String {
        in_words(self.roles)
    }

    /// The study, where it is one.
    pub(crate) fn study(&self) -> Option<&str> {
        match &self.place {
            Place::Study(study) => Some(study),
            Place::AllStudies | Place::AnyStudy => None,
        }
    }
}

fn in_words(roles: &[Role]) -> String {
    let words: Vec<&str> = roles.iter().map(|role| role.word()).collect();
    words.join(" or ")
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Study(study) => write!(formatter, "in {}", name::of_study(study)),
            Self::AllStudies => formatter.write_str("in all studies"),
            Self::AnyStudy => formatter.write_str("in some study"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_role_says_what_is_needed_where() {
        let missing = |place| RoleMissing {
            principal: "carol".into(),
            method: "diel.v1.Rhythms/GetRhythm",
            roles: &[Role::Researcher, Role::Reviewer],
            place,
        };
        assert_eq!(
            missing(Place::Study("pilot".into())).to_string(),
            "diel.v1.Rhythms/GetRhythm needs the role researcher or reviewer in studies/pilot, which carol does not have"
        );
        assert_eq!(missing(Place::AnyStudy).study(), None);
    }
}
