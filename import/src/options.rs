//! How a file is to be understood, where it does not say so itself.

use std::path::PathBuf;
use std::str::FromStr;

use diel_core::Unit;
use jiff::tz::TimeZone;

use super::column::Name;
use super::concentration::MissingCode;
use super::date::DateOrder;
use super::encoding::Encoding;
use super::layout::IdPattern;
use super::number::DecimalMark;
use super::separator::Separator;

/// What whoever sends a file knows about it. What is absent is guessed, and the guess is told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ImportOptions {
    /// The zone of times without an offset.
    pub time_zone: Option<TimeZone>,

    /// The unit of the concentrations.
    pub unit: Option<Unit>,

    /// Columns that are not guessed.
    pub columns: Vec<ColumnChoice>,

    /// The encoding of a text.
    pub encoding: Option<Encoding>,

    /// What separates the columns of a text.
    pub separator: Option<Separator>,

    /// What begins the decimals of numbers in text cells.
    pub decimal: Option<DecimalMark>,

    /// The sheet of a workbook.
    pub sheet: Option<String>,

    /// The line or row on which the header stands, from 1.
    pub header_row: Option<u64>,

    /// The order of dates such as 3/4/2026.
    pub date_order: Option<DateOrder>,

    /// What stands in place of results that are missing.
    pub missing: Vec<MissingCode>,

    /// Minutes since awakening of samples by their labels, where the file does not say when they were taken.
    pub sample_minutes: Vec<SampleMinutes>,

    /// How ids on tubes are taken apart, where a layout has nothing else that says whose samples they are.
    pub sample_id: Option<IdPattern>,

    /// What stands in the wells of a plate reader's export: a sample map.
    pub samples: Option<PathBuf>,

    /// Whether a row may name a specimen and neither participant nor time: it waits for its collection facts.
    pub may_wait: bool,
}

impl ImportOptions {
    /// Whether a column is chosen for a name.
    pub(super) fn chooses(&self, name: Name) -> bool {
        self.columns.iter().any(|choice| choice.name == name)
    }

    /// These options where they say something, else those.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let mut columns = self.columns;
        let others = other.columns.into_iter();
        let untold: Vec<ColumnChoice> = others
            .filter(|choice| columns.iter().all(|own| own.name != choice.name))
            .collect();
        columns.extend(untold);
        let mut missing = self.missing;
        missing.extend(other.missing);
        let mut sample_minutes = self.sample_minutes;
        sample_minutes.extend(other.sample_minutes);
        Self {
            time_zone: self.time_zone.or(other.time_zone),
            unit: self.unit.or(other.unit),
            columns,
            encoding: self.encoding.or(other.encoding),
            separator: self.separator.or(other.separator),
            decimal: self.decimal.or(other.decimal),
            sheet: self.sheet.or(other.sheet),
            header_row: self.header_row.or(other.header_row),
            date_order: self.date_order.or(other.date_order),
            missing,
            sample_minutes,
            sample_id: self.sample_id.or(other.sample_id),
            samples: self.samples.or(other.samples),
            may_wait: self.may_wait || other.may_wait,
        }
    }
}

/// `LABEL=MINUTES`: when samples of this label were to be taken, in minutes since awakening.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleMinutes {
    pub(super) label: String,
    pub(super) minutes: f64,
}

impl FromStr for SampleMinutes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (label, minutes) = text
            .split_once('=')
            .ok_or("write LABEL=MINUTES, such as S2=30")?;
        let minutes = minutes
            .trim()
            .parse()
            .ok()
            .filter(|minutes: &f64| minutes.is_finite())
            .ok_or_else(|| format!("`{}` is no number of minutes", minutes.trim()))?;
        Ok(Self {
            label: label.trim().to_owned(),
            minutes,
        })
    }
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
        Self::new(name.trim(), header.trim())
    }
}

impl ColumnChoice {
    /// Reads the canonical name from the column with this header, or from none where the header is empty.
    ///
    /// # Errors
    /// There is no such name.
    pub fn new(name: &str, header: &str) -> Result<Self, String> {
        let name = Name::from_canonical(name).ok_or_else(|| {
            format!(
                "there is no `{name}`; did you mean `{}`? The names are {}",
                Name::nearest(name),
                Name::list()
            )
        })?;
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
