//! How a file is to be understood: the options that `analyze` and `submit` share.

use std::str::FromStr;

use clap::Args;
use diel_core::Unit;
use jiff::tz::TimeZone;

use super::column::Name;

/// Options for reading a long CSV.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "How the file is read")]
pub(crate) struct ImportOptions {
    /// The IANA time zone of times without an offset, such as Europe/Berlin.
    #[arg(long, value_name = "ZONE", value_parser = parse_zone)]
    pub(crate) time_zone: Option<TimeZone>,

    /// The unit of the concentrations: nmol/L, ug/dL, ng/mL or ug/L.
    #[arg(long, value_name = "UNIT", value_parser = parse_unit)]
    pub(crate) unit: Option<Unit>,

    /// Read NAME from the column HEADER instead of guessing; `NAME=` reads it from no column. May be repeated.
    #[arg(long = "column", value_name = "NAME=HEADER")]
    pub(crate) columns: Vec<ColumnChoice>,
}

/// `NAME=HEADER`: which column a name is read from; no header: from none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnChoice {
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
pub(crate) fn parse_zone(text: &str) -> Result<TimeZone, String> {
    TimeZone::get(text).map_err(|_| {
        format!("`{text}` is not an IANA time zone; write one such as Europe/Berlin or UTC")
    })
}

/// One of the four units.
pub(crate) fn parse_unit(text: &str) -> Result<Unit, String> {
    Unit::from_ucum(text).ok_or_else(|| format!("`{text}` is none of nmol/L, ug/dL, ng/mL, ug/L"))
}
