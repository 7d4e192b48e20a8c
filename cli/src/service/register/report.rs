//! What became of a log.

use std::path::{Path, PathBuf};

use diel_client::{Error, v1};
use diel_import::{LogPlace, LogRemark, SamplingLog};

use super::message::Places;
use crate::output::FLAG_NOTE;

/// How many refused rows, and how many remarks, are printed one by one.
const LISTED: usize = 20;

/// Counts, refused rows with their places, and what should be looked at.
#[derive(Debug)]
pub(super) struct Report {
    file: PathBuf,
    reading: String,
    tubes: usize,
    days: usize,
    remarks: Vec<LogRemark>,
    /// Where and why, a line each.
    refused: Vec<String>,
    refused_with_others: usize,
    stored: i64,
    unchanged: i64,
    stored_days: i64,
    profiles: i64,
    raised_flags: Vec<String>,
}

impl Report {
    /// Takes remarks and refused rows out of a log.
    pub(super) fn of(file: &Path, log: &mut SamplingLog) -> Self {
        let refused = std::mem::take(&mut log.refused);
        Self {
            file: file.to_owned(),
            reading: log.reading.clone(),
            tubes: log.tubes.len(),
            days: log.days.len(),
            remarks: std::mem::take(&mut log.remarks),
            refused: refused
                .iter()
                .map(|row| format!("{}:{row}", file.display()))
                .collect(),
            refused_with_others: 0,
            stored: 0,
            unchanged: 0,
            stored_days: 0,
            profiles: 0,
            raised_flags: Vec::new(),
        }
    }

    pub(super) const fn is_clean(&self) -> bool {
        self.refused.is_empty()
    }

    /// What was recognised and what should be looked at.
    pub(super) fn reading(&self) -> String {
        let mut text = format!(
            "I read {}: {} tubes, {} awakenings stated apart, {} rows refused",
            self.reading,
            self.tubes,
            self.days,
            self.refused.len()
        );
        for remark in self.remarks.iter().take(LISTED) {
            text.push_str(&format!("\nnote: {}", self.at(&remark.place)));
            text.push_str(&remark.text);
        }
        if self.remarks.len() > LISTED {
            text.push_str(&format!("\nand {} notes more", self.remarks.len() - LISTED));
        }
        text
    }

    fn at(&self, place: &LogPlace) -> String {
        if place.line == 0 {
            return String::new();
        }
        format!("{}:{place}: ", self.file.display())
    }

    /// Adds the answer to a request whose rows came from these places.
    pub(super) fn add(
        &mut self,
        places: &Places,
        outcome: Result<v1::RegisterSpecimensResponse, Error>,
    ) {
        match outcome {
            Ok(response) => {
                self.stored += response.stored_count;
                self.unchanged += response.unchanged_count;
                self.stored_days += response.day_count;
                self.profiles += response.profile_count;
                self.raised_flags.extend(response.raised_flags);
                for violation in &response.violations {
                    self.refuse(&violation.field, &violation.description, places);
                }
            }
            Err(error) => {
                self.refused_with_others += places.specimens.len() + places.days.len();
                let before = self.refused.len();
                for violation in error.violations() {
                    self.refuse(&violation.field, &violation.description, places);
                }
                if self.refused.len() == before {
                    self.refused
                        .push(format!("{}: {error}", self.file.display()));
                }
            }
        }
    }

    fn refuse(&mut self, field: &str, rule: &str, places: &Places) {
        let of = |rows: &str, places: &[LogPlace]| {
            let (index, rest) = field
                .strip_prefix(rows)?
                .strip_prefix('[')?
                .split_once(']')?;
            let place = places.get(index.parse::<usize>().ok()?)?;
            let rest = rest.trim_start_matches('.');
            let rest = rest.strip_prefix("collection.").unwrap_or(rest);
            Some((
                place.clone(),
                if rest.is_empty() { "row" } else { rest }.to_owned(),
            ))
        };
        let found = of("specimens", &places.specimens).or_else(|| of("days", &places.days));
        let (place, field) = found.unwrap_or_else(|| (LogPlace::default(), field.to_owned()));
        self.refused
            .push(format!("{}{field}: {rule}", self.at(&place)));
    }

    /// What was refused, where and why; empty when nothing was.
    pub(super) fn refusals(&self) -> String {
        let mut text = String::new();
        for line in self.refused.iter().take(LISTED) {
            text.push_str(line);
            text.push('\n');
        }
        if self.refused.len() > LISTED {
            text.push_str(&format!("and {} more\n", self.refused.len() - LISTED));
        }
        if self.refused_with_others > 0 {
            text.push_str(&format!(
                "{} rows were not stored because of these; --partial stores the good ones among them\n",
                self.refused_with_others
            ));
        }
        text
    }

    /// The counts and the flags that were raised.
    pub(super) fn summary(&self, is_trial: bool) -> String {
        let stored = if is_trial {
            "would be stored"
        } else {
            "stored"
        };
        let mut text = format!(
            "{} tubes {stored}, {} unchanged, {} awakenings {stored}, {} refused; {} profiles computed",
            self.stored,
            self.unchanged,
            self.stored_days,
            self.refused.len(),
            self.profiles
        );
        if self.raised_flags.is_empty() {
            return text;
        }
        text.push_str(&format!(
            "\nflags raised for review: {}",
            self.raised_flags.len()
        ));
        for flag in self.raised_flags.iter().take(LISTED) {
            text.push_str(&format!("\n  {flag}"));
        }
        text.push('\n');
        text.push_str(FLAG_NOTE);
        text
    }
}
