//! What is expected of a file: the options it is read with, and what comes of it.

use std::error::Error;
use std::path::Path;

use diel_import::{
    Import, ImportError, ImportOptions, Mapping, RefusedRow, parse_unit, parse_zone, read,
    read_plates,
};
use serde::Deserialize;

use crate::row::Row;
use crate::wells::ExpectedWell;

/// The text of an expectation. A key that is not known is an error: a misspelt expectation expects nothing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expectation {
    #[serde(default)]
    options: Options,
    /// The file as a whole is refused: texts that the error has.
    error: Option<Vec<String>>,
    accepted: Option<usize>,
    /// Rows, of which each may have several lines in the list.
    refused_rows: Option<usize>,
    /// Texts that the reading or the notes have.
    #[serde(default)]
    reading: Vec<String>,
    #[serde(default)]
    row: Vec<Row>,
    #[serde(default)]
    refused: Vec<Refused>,
    /// How many plates a plate reader's export has.
    plates: Option<usize>,
    /// What was read in wells, and what stands in them.
    #[serde(default)]
    well: Vec<ExpectedWell>,
}

/// How the file is read.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    time_zone: Option<String>,
    unit: Option<String>,
    #[serde(default)]
    columns: Vec<String>,
    /// A mapping, as TOML.
    mapping: Option<String>,
    /// `LABEL=MINUTES`.
    #[serde(default)]
    minutes: Vec<String>,
    sample_id: Option<String>,
    /// A sample map beside the file.
    samples: Option<String>,
    #[serde(default)]
    may_wait: bool,
}

/// A cell that is refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    line: Option<u64>,
    field: Option<String>,
    value: Option<String>,
    /// A text that the rule has.
    rule: Option<String>,
}

impl Expectation {
    /// The expectation beside a file.
    pub(crate) fn beside(file: &Path) -> Result<Self, String> {
        let path = file.with_extension("expected.toml");
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// In what the file's reading differs from what is expected.
    pub(crate) fn differences(&self, file: &Path) -> Vec<String> {
        let folder = file.parent().unwrap_or(Path::new(""));
        let options = self.options.import(folder);
        let mut differences = self.differences_of_plates(file, &options);
        let read = read(file, &options, &mut |_, _| ());
        differences.extend(self.differences_of_rows(read));
        differences
    }

    fn differences_of_plates(&self, file: &Path, options: &ImportOptions) -> Vec<String> {
        if self.plates.is_none() && self.well.is_empty() {
            return Vec::new();
        }
        let plates = match read_plates(file, options) {
            Ok(plates) => plates,
            Err(error) => return vec![chain(&error)],
        };
        let mut differences = Vec::new();
        if let Some(count) = self.plates
            && count != plates.len()
        {
            differences.push(format!("has {} plates, not {count}", plates.len()));
        }
        let wells = self.well.iter();
        differences.extend(wells.flat_map(|well| well.differences(&plates)));
        differences
    }

    fn differences_of_rows(&self, read: Result<Import, ImportError>) -> Vec<String> {
        match (read, &self.error) {
            (Err(error), Some(texts)) => {
                let found = chain(&error);
                let absent = texts.iter().filter(|text| !found.contains(text.as_str()));
                absent
                    .map(|text| format!("the error lacks {text:?}: {found}"))
                    .collect()
            }
            (Err(error), None) => vec![chain(&error)],
            (Ok(import), Some(_)) => vec![format!("was read, {} rows", import.rows.len())],
            (Ok(import), None) => self.differences_of(&import),
        }
    }

    fn differences_of(&self, import: &Import) -> Vec<String> {
        let mut differences = Vec::new();
        if let Some(accepted) = self.accepted
            && accepted != import.rows.len()
        {
            differences.push(format!("accepted {}, not {accepted}", import.rows.len()));
        }
        let mut lines: Vec<u64> = import.refused.iter().map(|refused| refused.line).collect();
        lines.dedup();
        if let Some(refused_rows) = self.refused_rows
            && refused_rows != lines.len()
        {
            differences.push(format!("refused {}, not {refused_rows}", lines.len()));
        }
        if lines.len() > self.refused_rows.unwrap_or(0) {
            differences.extend(import.refused.iter().map(|refused| format!("({refused})")));
        }
        let notes = format!("{}\n{}", import.reading, import.notes.join("\n"));
        for text in &self.reading {
            if !notes.contains(text.as_str()) {
                differences.push(format!("the reading lacks {text:?}: {notes}"));
            }
        }
        let mut next = 0;
        for row in &self.row {
            let at = row.at.unwrap_or(next);
            next = at + 1;
            match import.rows.get(at) {
                None => differences.push(format!("has no row {at}")),
                Some(found) => differences.extend(row.differences(at, found)),
            }
        }
        for refused in &self.refused {
            if !import.refused.iter().any(|found| refused.is(found)) {
                differences.push(format!("lacks {refused:?}"));
            }
        }
        differences
    }
}

impl Options {
    fn import(&self, folder: &Path) -> ImportOptions {
        ImportOptions {
            time_zone: self
                .time_zone
                .as_deref()
                .map(|zone| parse_zone(zone).unwrap()),
            unit: self.unit.as_deref().map(|unit| parse_unit(unit).unwrap()),
            columns: self
                .columns
                .iter()
                .map(|column| column.parse().unwrap())
                .collect(),
            sample_minutes: self
                .minutes
                .iter()
                .map(|minutes| minutes.parse().unwrap())
                .collect(),
            sample_id: self.sample_id.as_deref().map(|text| text.parse().unwrap()),
            samples: self.samples.as_ref().map(|name| folder.join(name)),
            may_wait: self.may_wait,
            ..ImportOptions::default()
        }
        .or(self.mapping())
    }

    fn mapping(&self) -> ImportOptions {
        let mapping = self.mapping.as_deref().unwrap_or_default();
        Mapping::parse(mapping).unwrap().options
    }
}

impl Refused {
    fn is(&self, found: &RefusedRow) -> bool {
        self.line.is_none_or(|line| line == found.line)
            && self
                .field
                .as_ref()
                .is_none_or(|field| *field == found.field)
            && self
                .value
                .as_ref()
                .is_none_or(|value| *value == found.value)
            && self
                .rule
                .as_ref()
                .is_none_or(|rule| found.rule.contains(rule.as_str()))
    }
}

/// An error and its causes.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
