//! Who may call: principals and the roles they are granted.

use jiff::Timestamp;

/// What a principal may do. Which method needs which role is the server's to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Sends and amends results, and sees what was sent.
    Submitter,
    /// Reads everything of a study, fits its cohort, and keeps its participants' facts.
    Researcher,
    /// Reads everything of a study and decides about its flags.
    Reviewer,
    /// Does all of that, and changes what the study is judged by and who may call.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [
        Self::Submitter,
        Self::Researcher,
        Self::Reviewer,
        Self::Admin,
    ];

    /// The word for it, in lower case.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Submitter => "submitter",
            Self::Researcher => "researcher",
            Self::Reviewer => "reviewer",
            Self::Admin => "admin",
        }
    }
}

/// A role in one study or in all of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grant {
    /// The study's id; `None` for all studies, also those to come.
    pub study: Option<String>,
    /// The role.
    pub role: Role,
}

/// Somebody or something that calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalRecord {
    /// The name in the audit trail and in the histories of flags.
    pub name: String,
    /// What is granted, by study and role; grants for all studies stand first.
    pub grants: Vec<Grant>,
    /// When first given a token or a role.
    pub created: Timestamp,
}
