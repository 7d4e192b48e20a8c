//! How a file is to be read: the options that every command with a file of samples shares.

use clap::Args;
use diel_core::Unit;
use diel_import::{ColumnChoice, ImportOptions, parse_unit, parse_zone};
use jiff::tz::TimeZone;

/// Options for reading a file of samples.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "How the file is read")]
pub(crate) struct FileOptions {
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

impl FileOptions {
    /// What the importer needs to know.
    pub(crate) fn import(&self) -> ImportOptions {
        ImportOptions {
            time_zone: self.time_zone.clone(),
            unit: self.unit,
            columns: self.columns.clone(),
        }
    }
}
