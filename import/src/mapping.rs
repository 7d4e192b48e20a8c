//! How the files of a laboratory are read, kept in a small TOML file.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use diel_core::nearest;
use toml::{Table, Value};

use super::concentration::{MissingCode, parse_reason};
use super::options::{ColumnChoice, ImportOptions, parse_unit, parse_zone};

/// What a mapping may say, section by section; the first is the file's own level.
const KEYS: [&str; 11] = [
    "encoding",
    "separator",
    "decimal",
    "sheet",
    "header_row",
    "unit",
    "time_zone",
    "date_order",
    "columns",
    "missing",
    "batch",
];
const BATCH_KEYS: [&str; 4] = ["lab", "assay", "kit", "limit_of_detection"];

/// What a laboratory's files have in common.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mapping {
    /// How they are read.
    pub options: ImportOptions,
    /// What holds for their results.
    pub batch: BatchFacts,
}

/// What holds for all results of a file and stands nowhere in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BatchFacts {
    /// The laboratory.
    pub lab: Option<String>,
    /// The assay method.
    pub assay: Option<String>,
    /// The kit.
    pub kit: Option<String>,
    /// In the unit of the concentrations.
    pub limit_of_detection: Option<f64>,
}

/// Why a mapping cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MappingError {
    /// It cannot be opened or read.
    #[error(transparent)]
    Unreadable(#[from] io::Error),
    /// Not TOML.
    #[error("the mapping is not TOML")]
    Syntax(#[from] toml::de::Error),
    /// A key that says nothing.
    #[error("there is no key `{key}`; did you mean `{nearest}`? Known are {known}")]
    UnknownKey {
        /// The key, with its section before it.
        key: String,
        /// The known one that looks most like it.
        nearest: &'static str,
        /// All of its section.
        known: String,
    },
    /// A value that breaks a rule.
    #[error("{key} = {value}: {rule}")]
    Value {
        /// The key, with its section before it.
        key: String,
        /// The value as it stands there.
        value: String,
        /// The rule.
        rule: String,
    },
}

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// It cannot be read, or says something that has no meaning.
    pub fn read(path: &Path) -> Result<Self, MappingError> {
        Self::parse(&fs::read_to_string(path)?)
    }

    /// Reads the text of a mapping.
    ///
    /// # Errors
    /// It is not TOML, or says something that has no meaning.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let table: Table = text.parse()?;
        let mut mapping = Self::default();
        for (key, value) in &table {
            mapping.take(Entry {
                section: "",
                key,
                value,
            })?;
        }
        Ok(mapping)
    }

    fn take(&mut self, entry: Entry<'_>) -> Result<(), MappingError> {
        let options = &mut self.options;
        match entry.key {
            "encoding" => options.encoding = Some(entry.parsed(str::parse)?),
            "separator" => options.separator = Some(entry.parsed(str::parse)?),
            "decimal" => options.decimal = Some(entry.parsed(str::parse)?),
            "sheet" => options.sheet = Some(entry.text()?.to_owned()),
            "header_row" => options.header_row = Some(entry.row()?),
            "unit" => options.unit = Some(entry.parsed(parse_unit)?),
            "time_zone" => options.time_zone = Some(entry.parsed(parse_zone)?),
            "date_order" => options.date_order = Some(entry.parsed(str::parse)?),
            "columns" => {
                for column in entry.section("columns")? {
                    let choice = ColumnChoice::new(column.key, column.text()?)
                        .map_err(|rule| column.refused(rule))?;
                    options.columns.push(choice);
                }
            }
            "missing" => {
                for code in entry.section("missing")? {
                    options.missing.push(MissingCode {
                        text: code.key.trim().to_owned(),
                        reason: code.parsed(parse_reason)?,
                    });
                }
            }
            "batch" => {
                for fact in entry.section("batch")? {
                    self.batch.take(fact)?;
                }
            }
            _ => return Err(entry.unknown(&KEYS)),
        }
        Ok(())
    }

    /// The mapping as TOML, which reads back equal.
    pub fn to_toml(&self) -> String {
        let mut text =
            String::from("# How the files of one laboratory are read; see `diel check --help`.\n");
        let options = &self.options;
        let mut line = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                let _ = writeln!(text, "{key} = {value}");
            }
        };
        line("encoding", options.encoding.map(|of| quoted(of.name())));
        line("separator", options.separator.map(|of| quoted(of.name())));
        line("decimal", options.decimal.map(|of| quoted(of.name())));
        line("sheet", options.sheet.as_deref().map(quoted));
        line("header_row", options.header_row.map(|row| row.to_string()));
        line("unit", options.unit.map(|unit| quoted(unit.ucum())));
        let zone = options.time_zone.as_ref().and_then(|zone| zone.iana_name());
        line("time_zone", zone.map(quoted));
        line("date_order", options.date_order.map(|of| quoted(of.name())));
        if !options.columns.is_empty() {
            text.push_str("\n[columns]\n");
        }
        for choice in &options.columns {
            let header = choice.header.as_deref().unwrap_or_default();
            let _ = writeln!(text, "{} = {}", choice.name.canonical(), quoted(header));
        }
        if !options.missing.is_empty() {
            text.push_str("\n[missing]\n");
        }
        for code in &options.missing {
            let _ = writeln!(
                text,
                "{} = {}",
                quoted(&code.text),
                quoted(code.reason.code())
            );
        }
        text.push_str(&self.batch.to_toml());
        text
    }
}

impl BatchFacts {
    fn take(&mut self, entry: Entry<'_>) -> Result<(), MappingError> {
        match entry.key {
            "lab" => self.lab = Some(entry.text()?.to_owned()),
            "assay" => self.assay = Some(entry.text()?.to_owned()),
            "kit" => self.kit = Some(entry.text()?.to_owned()),
            "limit_of_detection" => self.limit_of_detection = Some(entry.limit()?),
            _ => return Err(entry.unknown(&BATCH_KEYS)),
        }
        Ok(())
    }

    fn to_toml(&self) -> String {
        let facts = [
            ("lab", self.lab.as_deref().map(quoted)),
            ("assay", self.assay.as_deref().map(quoted)),
            ("kit", self.kit.as_deref().map(quoted)),
            (
                "limit_of_detection",
                self.limit_of_detection.map(|limit| format!("{limit:?}")),
            ),
        ];
        let lines: String = facts
            .into_iter()
            .filter_map(|(key, value)| Some(format!("{key} = {}\n", value?)))
            .collect();
        if lines.is_empty() {
            lines
        } else {
            format!("\n[batch]\n{lines}")
        }
    }
}

/// A key and its value while they are read.
#[derive(Clone, Copy)]
struct Entry<'a> {
    section: &'static str,
    key: &'a str,
    value: &'a Value,
}

impl<'a> Entry<'a> {
    fn name(self) -> String {
        if self.section.is_empty() {
            self.key.to_owned()
        } else {
            format!("{}.{}", self.section, self.key)
        }
    }

    fn refused(self, rule: impl Into<String>) -> MappingError {
        let value = match self.value {
            Value::String(text) => quoted(text),
            Value::Integer(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            Value::Boolean(flag) => flag.to_string(),
            other => format!("a TOML {}", other.type_str()),
        };
        MappingError::Value {
            key: self.name(),
            value,
            rule: rule.into(),
        }
    }

    fn unknown(self, known: &[&'static str]) -> MappingError {
        MappingError::UnknownKey {
            key: self.name(),
            nearest: nearest(self.key, known.iter().copied()).unwrap_or_default(),
            known: known.join(", "),
        }
    }

    fn text(self) -> Result<&'a str, MappingError> {
        self.value
            .as_str()
            .ok_or_else(|| self.refused("write a text between quotes"))
    }

    fn parsed<T>(self, parse: impl Fn(&str) -> Result<T, String>) -> Result<T, MappingError> {
        parse(self.text()?).map_err(|rule| self.refused(rule))
    }

    fn row(self) -> Result<u64, MappingError> {
        let row = self
            .value
            .as_integer()
            .and_then(|row| u64::try_from(row).ok());
        row.filter(|row| *row > 0)
            .ok_or_else(|| self.refused("write the line or row of the header, from 1"))
    }

    fn limit(self) -> Result<f64, MappingError> {
        #[expect(clippy::cast_precision_loss, reason = "a limit is a small number")]
        let limit = match self.value {
            Value::Integer(number) => Some(*number as f64),
            other => other.as_float(),
        };
        limit
            .filter(|limit| *limit > 0.0 && limit.is_finite())
            .ok_or_else(|| {
                self.refused("write a number above 0, in the unit of the concentrations")
            })
    }

    fn section(
        self,
        section: &'static str,
    ) -> Result<impl Iterator<Item = Entry<'a>>, MappingError> {
        let table = self
            .value
            .as_table()
            .ok_or_else(|| self.refused(format!("write a section [{section}]")))?;
        Ok(table.iter().map(move |(key, value)| Entry {
            section,
            key,
            value,
        }))
    }
}

/// A text as a TOML string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            other if other.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(other));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests may panic")]

    use diel_core::{MissingReason, Unit};

    use super::Mapping;
    use crate::{DateOrder, Separator};

    const EXAMPLE: &str = r##"
encoding = "windows-1252"
separator = ";"
decimal = ","
sheet = "Cortisol \"raw\""
header_row = 4
unit = "ug/dL"
time_zone = "Europe/Berlin"
date_order = "dmy"

[columns]
participant = "Proband"
concentration = "Cortisol (µg/dl)"
label = ""

[missing]
"-99" = "insufficient_volume"
"n. a." = "NO_SAMPLE"

[batch]
lab = "Lab 7"
assay = "ELISA"
kit = "RE52611"
limit_of_detection = 0.012
"##;

    #[test]
    fn a_mapping_reads_back_equal() {
        let mapping = Mapping::parse(EXAMPLE).unwrap();
        let options = &mapping.options;
        assert_eq!(options.separator, Some(Separator::Semicolon));
        assert_eq!(options.date_order, Some(DateOrder::DayMonthYear));
        assert_eq!(options.unit, Some(Unit::UgPerDl));
        assert_eq!(options.header_row, Some(4));
        assert_eq!(options.columns.len(), 3);
        assert_eq!(
            options.missing.last().map(|code| code.reason),
            Some(MissingReason::NoSample)
        );
        assert_eq!(mapping.batch.limit_of_detection, Some(0.012));
        assert_eq!(Mapping::parse(&mapping.to_toml()).unwrap(), mapping);
        let nothing = Mapping::default();
        assert_eq!(Mapping::parse(&nothing.to_toml()).unwrap(), nothing);
    }

    #[test]
    fn what_has_no_meaning_is_refused_with_the_way_out() {
        for (text, parts) in [
            ("unti = 'nmol/L'", ["`unti`", "did you mean `unit`"]),
            ("unit = 'mg/dL'", ["unit = \"mg/dL\"", "none of nmol/L"]),
            ("unit = 3", ["unit = 3", "between quotes"]),
            ("header_row = 0", ["header_row = 0", "from 1"]),
            ("columns = 'id'", ["columns = \"id\"", "[columns]"]),
            (
                "[columns]\npartcipant = 'id'",
                ["columns.partcipant", "did you mean `participant`"],
            ),
            ("[missing]\n'-9' = 'lost'", ["missing.-9", "no_sample"]),
            ("[batch]\nlod = 1", ["`batch.lod`", "did you mean"]),
            (
                "[batch]\nlimit_of_detection = -1",
                ["limit_of_detection = -1", "above 0"],
            ),
            ("date_order = 'ydm'", ["date_order", "mdy (12/31/2026)"]),
            ("separator = '::'", ["separator", "tab"]),
            ("encoding = 'utf-9'", ["encoding", "windows-1252"]),
        ] {
            let error = Mapping::parse(text).unwrap_err().to_string();
            for part in parts {
                assert!(error.contains(part), "`{part}` is not in: {error}");
            }
        }
        assert!(Mapping::parse("unit = ").is_err());
    }
}
