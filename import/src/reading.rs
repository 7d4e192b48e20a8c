//! How a file was understood: what was told, what was seen in it, and what was guessed by which rule.

use std::fmt;

use diel_core::Unit;

use super::date::DateOrder;
use super::encoding::Encoding;
use super::number::DecimalMark;
use super::options::{ColumnChoice, ImportOptions};
use super::separator::Separator;

/// How a file was read. [`Display`](fmt::Display) says it in a few lines.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// How characters stand in the bytes of a text.
    pub encoding: Option<Encoding>,
    /// What separates the columns of a text.
    pub separator: Option<Separator>,
    /// What begins decimals, where the file has shown or somebody told it.
    pub decimal: Option<DecimalMark>,
    /// The layout, where the table is no plain long one.
    pub layout: Option<String>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The line or row of the header, where it is not the first.
    pub header_row: Option<u64>,
    /// Which name is read from which column.
    pub columns: Vec<ReadColumn>,
    /// Headers that nothing is read from.
    pub unread: Vec<String>,
    /// The unit of the concentrations, where all have the same.
    pub unit: Option<(Unit, UnitSource)>,
    /// The IANA name of the zone in which local times were read.
    pub time_zone: Option<String>,
    /// The order of dates such as 3/4/2026, and the date that shows it.
    pub date_order: Option<(DateOrder, Option<String>)>,
    /// Columns whose times of day are written like 7.05 or 0705.
    pub clocks: Vec<String>,
}

/// A column and the name that is read from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadColumn {
    /// The canonical name.
    pub name: &'static str,
    /// What the file calls it.
    pub header: String,
    /// Why it was taken.
    pub why: Why,
}

/// Why a column was taken for a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Somebody told it.
    Told,
    /// It has the name itself.
    Named,
    /// It has a name that is known to mean the same.
    Alias,
}

/// Where the unit comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnitSource {
    /// Somebody told it.
    Told,
    /// From the header of the concentrations.
    Header(String),
}

impl Reading {
    /// Options that make other files be read like this one: what was guessed of this one is told for them. Its zone, unit
    /// and missing codes are those of `options`.
    pub fn as_options(&self, options: &ImportOptions) -> ImportOptions {
        let choices = self.columns.iter();
        let columns =
            choices.filter_map(|column| ColumnChoice::new(column.name, &column.header).ok());
        let none = options
            .columns
            .iter()
            .filter(|choice| choice.header.is_none());
        let is_layout = self.layout.is_some();
        ImportOptions {
            unit: match &self.unit {
                Some((unit, UnitSource::Told)) => Some(*unit),
                _ => options.unit,
            },
            // A layout's columns are not the file's own.
            columns: if is_layout {
                options.columns.clone()
            } else {
                columns.chain(none.cloned()).collect()
            },
            encoding: self.encoding,
            separator: self.separator,
            decimal: self.decimal,
            sheet: self.sheet.clone(),
            header_row: self.header_row,
            date_order: self.date_order.as_ref().map(|(order, _)| *order),
            ..options.clone()
        }
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut whole = Vec::new();
        whole.extend(self.layout.clone());
        whole.extend(self.sheet.as_ref().map(|sheet| format!("sheet `{sheet}`")));
        whole.extend(self.encoding.map(|encoding| encoding.name().to_owned()));
        whole.extend(
            self.separator
                .map(|separator| format!("columns separated by {separator}")),
        );
        whole.extend(
            self.decimal
                .map(|mark| format!("decimals behind `{}`", mark.name())),
        );
        whole.extend(self.header_row.map(|row| format!("header on line {row}")));
        let mut lines = Vec::new();
        if !whole.is_empty() {
            lines.push(whole.join(", "));
        }
        let columns: Vec<String> = self.columns.iter().map(ToString::to_string).collect();
        lines.push(columns.join(", "));
        let mut meaning = Vec::new();
        meaning.extend(self.unit.as_ref().map(|(unit, source)| match source {
            UnitSource::Told => format!("unit {unit} as told"),
            UnitSource::Header(header) => format!("unit {unit} from the header `{header}`"),
        }));
        meaning.extend(
            self.time_zone
                .as_ref()
                .map(|zone| format!("local times in {zone}")),
        );
        meaning.extend(self.date_order.as_ref().map(|(order, shown)| match shown {
            Some(date) => format!("dates as {order}, because of `{date}`"),
            None => format!("dates as {order}, as told"),
        }));
        let clocks = self.clocks.iter();
        meaning.extend(clocks.map(|column| format!("times of day in {column}")));
        if !meaning.is_empty() {
            lines.push(meaning.join(", "));
        }
        if !self.unread.is_empty() {
            lines.push(format!("columns not read: {}", self.unread.join(", ")));
        }
        f.write_str(&lines.join("\n"))
    }
}

impl fmt::Display for ReadColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name == self.header {
            return f.write_str(self.name);
        }
        write!(f, "{} from `{}`", self.name, self.header)?;
        match self.why {
            Why::Told => f.write_str(" as told"),
            Why::Named | Why::Alias => Ok(()),
        }
    }
}
