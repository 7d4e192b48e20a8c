//! The names of the columns that are understood, and the aliases they go by.

mod meaning;

use diel_core::nearest;

pub(super) use self::meaning::Meaning;
use super::unit::is_concentration_with_unit;

/// A column that is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    Participant,
    CollectedAt,
    Date,
    Concentration,
    Unit,
    AwakeningAt,
    MinutesSinceAwakening,
    HoursSinceAwakening,
    Day,
    Label,
    Specimen,
    Group,
    AgeYears,
    Sex,
    LimitOfDetection,
    Conditions,
    Plate,
    Well,
    ReplicateCount,
    ReplicateCvPercent,
}

impl Name {
    pub(super) const ALL: [Self; 20] = [
        Self::Participant,
        Self::CollectedAt,
        Self::Date,
        Self::Concentration,
        Self::Unit,
        Self::AwakeningAt,
        Self::MinutesSinceAwakening,
        Self::HoursSinceAwakening,
        Self::Day,
        Self::Label,
        Self::Specimen,
        Self::Group,
        Self::AgeYears,
        Self::Sex,
        Self::LimitOfDetection,
        Self::Conditions,
        Self::Plate,
        Self::Well,
        Self::ReplicateCount,
        Self::ReplicateCvPercent,
    ];

    /// The name in a canonical header.
    pub(super) const fn canonical(self) -> &'static str {
        match self {
            Self::Participant => "participant",
            Self::CollectedAt => "collected_at",
            Self::Date => "date",
            Self::Concentration => "concentration",
            Self::Unit => "unit",
            Self::AwakeningAt => "awakening_at",
            Self::MinutesSinceAwakening => "minutes_since_awakening",
            Self::HoursSinceAwakening => "hours_since_awakening",
            Self::Day => "day",
            Self::Label => "label",
            Self::Specimen => "specimen",
            Self::Group => "group",
            Self::AgeYears => "age_years",
            Self::Sex => "sex",
            Self::LimitOfDetection => "limit_of_detection",
            Self::Conditions => "conditions",
            Self::Plate => "plate",
            Self::Well => "well",
            Self::ReplicateCount => "replicate_count",
            Self::ReplicateCvPercent => "replicate_cv_percent",
        }
    }

    /// Other headers that are recognised without being told, folded. A concentration also goes by these with a unit
    /// behind, see [`unit`](super::unit).
    const fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::Participant => &[
                "subject",
                "id",
                "person",
                "participantid",
                "subjectid",
                "recordid",
                "proband",
                "probandenid",
                "versuchsperson",
                "vp",
            ],
            Self::CollectedAt => &[
                "time",
                "datetime",
                "samplingtime",
                "collectiontime",
                "sampletime",
                "timeofsampling",
                "timeofcollection",
                "uhrzeit",
                "entnahmezeit",
            ],
            Self::Date => &[
                "samplingdate",
                "collectiondate",
                "sampledate",
                "dateofsampling",
                "dateofcollection",
                "datum",
                "entnahmedatum",
            ],
            Self::Concentration => &["cortisol", "value", "kortisol", "konzentration"],
            Self::AwakeningAt => &["waketime", "awakeningtime", "wakeuptime", "aufwachzeit"],
            Self::MinutesSinceAwakening => &["minutessincewaking", "minsincewake"],
            Self::HoursSinceAwakening => &["hourssincewaking", "hourssincewake"],
            Self::Day => &["samplingday"],
            Self::Label => &["sample"],
            Self::AgeYears => &["age"],
            Self::Unit => &["units", "einheit"],
            Self::Specimen
            | Self::Group
            | Self::Sex
            | Self::LimitOfDetection
            | Self::Conditions
            | Self::Plate
            | Self::Well
            | Self::ReplicateCount
            | Self::ReplicateCvPercent => &[],
        }
    }

    /// Whether a header is this name, or one of its aliases.
    pub(super) fn is_named(self, header: &str) -> bool {
        Meaning::of(header).is(self)
    }

    fn is_canonical(self, folded: &str) -> bool {
        let canonical = self.canonical().bytes();
        canonical.filter(|byte| *byte != b'_').eq(folded.bytes())
    }

    fn is_alias(self, folded: &str) -> bool {
        self.aliases().contains(&folded)
            || (self == Self::Concentration && is_concentration_with_unit(folded))
    }

    /// The name written in full, in any case and with `-` or blanks for `_`.
    pub(super) fn from_canonical(text: &str) -> Option<Self> {
        let folded = fold(text);
        Self::ALL
            .into_iter()
            .find(|name| name.is_canonical(&folded))
    }

    /// The name that looks most like a misspelt one.
    pub(super) fn nearest(text: &str) -> &'static str {
        nearest(text, Self::ALL.into_iter().map(Self::canonical)).unwrap_or_default()
    }

    pub(super) fn list() -> String {
        Self::ALL.map(Self::canonical).join(", ")
    }
}

/// A header without what people vary: case, `-`, `_` and blanks.
pub(super) fn fold(header: &str) -> String {
    header
        .chars()
        .filter(|character| !is_varied(*character))
        .flat_map(char::to_lowercase)
        .collect()
}

fn is_varied(character: char) -> bool {
    matches!(character, '-' | '_') || character.is_whitespace()
}
