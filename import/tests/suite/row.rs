//! What is expected of a good row.

use diel_core::{Measurement, Moment, Outcome};
use diel_import::ImportedRow;
use serde::Deserialize;

/// A good row. What is not stated is not asked; an empty text asks for nothing there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    /// The row's place among the good ones, from 0; else it is the next.
    pub(crate) at: Option<usize>,
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
    plate: Option<String>,
    well: Option<String>,
    replicate_count: Option<u16>,
    replicate_cv_percent: Option<f64>,
}

impl Row {
    pub(crate) fn differences(&self, at: usize, found: &ImportedRow) -> Vec<String> {
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
            ("plate", &self.plate, found.plate.as_ref()),
            (
                "well",
                &self.well,
                found.well.map(|well| well.to_string()).as_ref(),
            ),
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
                "replicate_count",
                self.replicate_count.map(f64::from),
                found.replicate_count.map(f64::from),
            ),
            (
                "replicate_cv_percent",
                self.replicate_cv_percent,
                found
                    .replicate_cv_percent
                    .map(|percent| (percent * 1e6).round() / 1e6),
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
