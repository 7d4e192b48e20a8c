//! What is expected of a file: the options it is read with, and what comes of it.

use std::error::Error;
use std::path::Path;

use diel_core::{Measurement, Moment, Outcome};
use diel_import::{
    Import, ImportOptions, ImportedRow, Mapping, RefusedRow, parse_unit, parse_zone, read,
};
use serde::Deserialize;

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
}

/// A good row. What is not stated is not asked; an empty text asks for nothing there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// The row's place among the good ones, from 0; else it is the next.
    at: Option<usize>,
    line: Option<u64>,
    participant: Option<String>,
    /// RFC 3339.
    collected_at: Option<String>,
    /// RFC 3339.
    awakening_at: Option<String>,
    minutes_since_awakening: Option<f64>,
    day: Option<String>,
    label: Option<String>,
    /// `12.5 nmol/L`, `<0.33 nmol/L`, `>82 nmol/L`, or the code of a missing reason.
    concentration: Option<String>,
    specimen: Option<String>,
    group: Option<String>,
    sex: Option<String>,
    age_years: Option<f64>,
    limit_of_detection: Option<f64>,
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
        let read = read(file, &self.options.import(), &mut |_, _| ());
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
    fn import(&self) -> ImportOptions {
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
            ..ImportOptions::default()
        }
        .or(self.mapping())
    }

    fn mapping(&self) -> ImportOptions {
        let mapping = self.mapping.as_deref().unwrap_or_default();
        Mapping::parse(mapping).unwrap().options
    }
}

impl Row {
    fn differences(&self, at: usize, found: &ImportedRow) -> Vec<String> {
        let mut differences = Vec::new();
        let mut compare = |name: &str, wanted: Option<String>, found: Option<String>| {
            if let Some(wanted) = wanted
                && wanted != found.clone().unwrap_or_default()
            {
                differences.push(format!("row {at}: {name} is {found:?}, not {wanted:?}"));
            }
        };
        let number = |number: Option<f64>| number.map(|number| number.to_string());
        let line = |line: Option<u64>| line.map(|line| line.to_string());
        compare("line", line(self.line), line(Some(found.line)));
        for (name, wanted, found) in [
            ("participant", &self.participant, Some(&found.participant)),
            ("day", &self.day, found.day.as_ref()),
            ("label", &self.label, found.label.as_ref()),
            ("specimen", &self.specimen, found.specimen.as_ref()),
            ("group", &self.group, found.group.as_ref()),
            ("sex", &self.sex, found.sex.as_ref()),
        ] {
            compare(name, wanted.clone(), found.cloned());
        }
        for (name, wanted, found) in [
            ("collected_at", &self.collected_at, found.collected),
            ("awakening_at", &self.awakening_at, found.awakening),
        ] {
            compare(name, wanted.clone(), found.map(rfc_3339));
        }
        compare(
            "concentration",
            self.concentration.clone(),
            Some(concentration(&found.measurement)),
        );
        for (name, wanted, found) in [
            (
                "minutes_since_awakening",
                self.minutes_since_awakening,
                found.minutes_since_awakening,
            ),
            (
                "age_years",
                self.age_years,
                found.age.map(diel_core::AgeYears::get),
            ),
            (
                "limit_of_detection",
                self.limit_of_detection,
                found.limit_of_detection,
            ),
        ] {
            compare(name, number(wanted), number(found));
        }
        differences
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

fn rfc_3339(moment: Moment) -> String {
    let minutes = moment.utc_offset_minutes();
    let sign = if minutes < 0 { '-' } else { '+' };
    format!(
        "{}{sign}{:02}:{:02}",
        moment.local_date_time(),
        minutes.abs() / 60,
        minutes.abs() % 60
    )
}

fn concentration(measurement: &Measurement) -> String {
    let (sign, number) = match measurement.outcome() {
        Outcome::Value(number) => ("", number),
        Outcome::Below(number) => ("<", number),
        Outcome::Above(number) => (">", number),
        Outcome::Missing(reason) => return reason.code().to_owned(),
    };
    let unit = measurement.unit().map_or("", diel_core::Unit::ucum);
    format!("{sign}{number} {unit}")
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
