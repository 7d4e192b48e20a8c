//! How a file is to be understood, where it does not say so itself.

use std::str::FromStr;

use diel_core::Unit;
use jiff::tz::TimeZone;

use super::column::Name;

/// What whoever sends a file knows about it.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// The zone of times without an offset.
    pub time_zone: Option<TimeZone>,

    /// The unit of the concentrations.
    pub unit: Option<Unit>,

    /// Columns that are not guessed.
    pub columns: Vec<ColumnChoice>,
}

/// `NAME=HEADER`: which column a name is read from; no header: from none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnChoice {
    pub(super) name: Name,
    pub(super) header: Option<String>,
}

impl FromStr for ColumnChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, header) = text
            .split_once('=')
            .ok_or("write NAME=HEADER, such as participant=code")?;
        let name = Name::from_canonical(name.trim()).ok_or_else(|| {
            format!(
                "there is no `{}`; did you mean `{}`? The names are {}",
                name.trim(),
                Name::nearest(name),
                Name::list()
            )
        })?;
        let header = header.trim();
        Ok(Self {
            name,
            header: (!header.is_empty()).then(|| header.to_owned()),
        })
    }
}

/// A time zone of the IANA database.
pub fn parse_zone(text: &str) -> Result<TimeZone, String> {
    TimeZone::get(text).map_err(|_| {
        format!("`{text}` is not an IANA time zone; write one such as Europe/Berlin or UTC")
    })
}

/// One of the four units.
pub fn parse_unit(text: &str) -> Result<Unit, String> {
    Unit::from_ucum(text).ok_or_else(|| format!("`{text}` is none of nmol/L, ug/dL, ng/mL, ug/L"))
}
