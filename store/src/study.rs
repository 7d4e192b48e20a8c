//! Studies and the policies that their rhythms are judged by.

use diel_core::{CodeShapes, PolicyTerms, RetentionDays, Unit};
use jiff::Timestamp;

/// A study to be created.
#[derive(Debug, Clone)]
pub struct NewStudy {
    /// Its id, unique on the server.
    pub id: String,
    /// Its title.
    pub display_name: String,
    /// An IANA time zone.
    pub time_zone: String,
    /// The unit concentrations are shown in.
    pub display_unit: Option<Unit>,
    /// The first policy; what is not stated takes its default.
    pub policy: PolicyTerms,
    /// Shapes that codes may not have.
    pub refused_shapes: CodeShapes,
    /// The fingerprint of the key that its codes are stored under; `None` where they are stored as sent.
    pub code_key: Option<String>,
    /// How long it may keep a person's data; `None` where it does not say.
    pub retention: Option<RetentionDays>,
}

/// A study.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// Its id.
    pub id: String,
    /// Its title.
    pub display_name: String,
    /// An IANA time zone.
    pub time_zone: String,
    /// The unit concentrations are shown in.
    pub display_unit: Option<Unit>,
    /// The policy in force.
    pub policy: StoredPolicy,
    /// Shapes that codes may not have.
    pub refused_shapes: CodeShapes,
    /// The fingerprint of the key that its codes are stored under; `None` where they are stored as sent. Never changes.
    pub code_key: Option<String>,
    /// How long it may keep a person's data; `None` where it does not say. Nothing is erased by it.
    pub retention: Option<RetentionDays>,
    /// When it was created.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// Counts its changes from 1.
    pub version: i64,
}

/// What shall change; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct StudyChange {
    /// Another title.
    pub display_name: Option<String>,
    /// Another unit, or none.
    pub display_unit: Option<Option<Unit>>,
    /// Other shapes that codes may not have.
    pub refused_shapes: Option<CodeShapes>,
    /// Another time for which it may keep a person's data, or none.
    pub retention: Option<Option<RetentionDays>>,
}

/// A version of a study's policy. Versions are never changed.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredPolicy {
    /// Counts from 1.
    pub version: i64,
    /// The rule, with everything filled in.
    pub terms: PolicyTerms,
    /// When it came into force.
    pub created: Timestamp,
}
