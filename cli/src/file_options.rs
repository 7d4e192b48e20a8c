//! How a file is to be read: the options that every command with a file of samples shares.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use diel_core::Unit;
use diel_import::{
    ColumnChoice, DateOrder, DecimalMark, Encoding, IdPattern, ImportOptions, Mapping, MissingCode,
    SampleMinutes, Separator, parse_unit, parse_zone,
};
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

    /// The order of dates such as 3/4/2026: dmy, mdy or ymd.
    #[arg(long, value_name = "ORDER")]
    pub(crate) date_order: Option<DateOrder>,

    /// The sheet of a workbook.
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<String>,

    /// The line or row on which the header stands, from 1.
    #[arg(long, value_name = "ROW", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) header_row: Option<u64>,

    /// What separates the columns of a text: `,`, `;`, tab, `|` or blanks.
    #[arg(long, value_name = "SEPARATOR")]
    pub(crate) separator: Option<Separator>,

    /// What begins decimals: `.` or `,`.
    #[arg(long, value_name = "MARK")]
    pub(crate) decimal: Option<DecimalMark>,

    /// The encoding of a text, such as utf-8, windows-1252 or utf-16le.
    #[arg(long, value_name = "ENCODING")]
    pub(crate) encoding: Option<Encoding>,

    /// What stands in place of a missing result, and why it is missing, such as `-99=insufficient_volume`. May be repeated;
    /// `diel codes missing` lists the reasons.
    #[arg(long, value_name = "TEXT=REASON", allow_hyphen_values = true)]
    pub(crate) missing: Vec<MissingCode>,

    /// Read the file as this mapping says, which `diel check --save-mapping` writes; options given here win.
    #[arg(long, value_name = "MAPPING.toml")]
    pub(crate) mapping: Option<PathBuf>,

    /// Minutes since awakening of the samples with this label, for files that do not say when. May be repeated.
    #[arg(
        long = "minutes",
        value_name = "LABEL=MINUTES",
        allow_negative_numbers = true
    )]
    pub(crate) sample_minutes: Vec<SampleMinutes>,

    /// How ids on tubes are taken apart, such as "{participant} T{day} S{label}".
    #[arg(long, value_name = "PATTERN")]
    pub(crate) sample_id: Option<IdPattern>,

    /// A sample map: what stands in the wells of a plate reader's export, as well,sample or as a grid of ids.
    #[arg(long, value_name = "MAP")]
    pub(crate) samples: Option<PathBuf>,
}

impl FileOptions {
    /// What the importer needs to know.
    pub(crate) fn import(&self) -> anyhow::Result<ImportOptions> {
        Ok(self.mapping()?.options)
    }

    /// The mapping, with what was told on the command line before it.
    pub(crate) fn mapping(&self) -> anyhow::Result<Mapping> {
        let mapping = match &self.mapping {
            Some(path) => read(path)?,
            None => Mapping::default(),
        };
        let told = ImportOptions {
            time_zone: self.time_zone.clone(),
            unit: self.unit,
            columns: self.columns.clone(),
            encoding: self.encoding,
            separator: self.separator,
            decimal: self.decimal,
            sheet: self.sheet.clone(),
            header_row: self.header_row,
            date_order: self.date_order,
            missing: self.missing.clone(),
            sample_minutes: self.sample_minutes.clone(),
            sample_id: self.sample_id.clone(),
            samples: self.samples.clone(),
            may_wait: false,
        };
        Ok(Mapping {
            options: told.or(mapping.options),
            ..mapping
        })
    }
}

fn read(path: &Path) -> anyhow::Result<Mapping> {
    Mapping::read(path).with_context(|| format!("{}", path.display()))
}
