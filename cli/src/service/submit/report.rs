//! What became of the rows of a file.

use std::path::{Path, PathBuf};

use diel_client::{Error, v1};

use super::RefusedRow;
use crate::output::FLAG_NOTE;

/// How many refused rows, and how many flags, are printed one by one.
const LISTED: usize = 20;

/// Counts of rows, the refused ones with their lines, and the flags that were raised.
#[derive(Debug)]
pub(crate) struct Report {
    file: PathBuf,
    /// Refused by the importer or by the service.
    refused: Vec<RefusedRow>,
    /// Batches that were refused for a reason that lies in no row of theirs.
    failures: Vec<String>,
    refused_with_batch: usize,
    answered: u64,
    stored: i64,
    unchanged: i64,
    waiting: i64,
    profiles: i64,
    raised_flags: Vec<String>,
}

impl Report {
    pub(super) fn new(file: &Path, refused: Vec<RefusedRow>) -> Self {
        Self {
            file: file.to_owned(),
            refused,
            failures: Vec::new(),
            refused_with_batch: 0,
            answered: 0,
            stored: 0,
            unchanged: 0,
            waiting: 0,
            profiles: 0,
            raised_flags: Vec::new(),
        }
    }

    /// Rows that the service has answered.
    pub(super) const fn answered(&self) -> u64 {
        self.answered
    }

    pub(crate) fn has_refusals(&self) -> bool {
        !self.refused.is_empty() || !self.failures.is_empty()
    }

    /// Adds the answer to a batch whose rows came from these lines.
    pub(super) fn add(&mut self, lines: &[u64], outcome: Result<v1::SubmitBatchResponse, Error>) {
        self.answered += u64::try_from(lines.len()).unwrap_or(u64::MAX);
        match outcome {
            Ok(response) => {
                self.stored += response.stored_count;
                self.unchanged += response.unchanged_count;
                self.waiting += response.waiting_count;
                self.profiles += response.profile_count;
                self.raised_flags.extend(response.raised_flags);
                self.refused.extend(
                    response
                        .violations
                        .iter()
                        .map(|violation| located(violation, lines)),
                );
            }
            Err(error) => {
                let named = error
                    .violations()
                    .iter()
                    .filter(|violation| row_of(&violation.field).is_some());
                let before = self.refused.len();
                self.refused
                    .extend(named.map(|violation| located(violation, lines)));
                self.refused_with_batch += lines.len();
                if self.refused.len() == before {
                    let [first, last] =
                        [lines.first(), lines.last()].map(|line| line.copied().unwrap_or_default());
                    self.failures.push(format!(
                        "{}: lines {first} to {last}: {error}",
                        self.file.display()
                    ));
                }
            }
        }
    }

    /// What was refused, where and why; empty when nothing was.
    pub(crate) fn refusals(&self) -> String {
        let mut text = refused_rows(&self.file, &self.refused);
        for failure in &self.failures {
            text.push_str(failure);
            text.push('\n');
        }
        if self.refused_with_batch > 0 {
            text.push_str(&format!(
                "{} rows of refused batches were not stored; --partial stores the good ones among them\n",
                self.refused_with_batch
            ));
        }
        text
    }

    /// The counts and the flags that were raised.
    pub(crate) fn summary(&self, is_trial: bool) -> String {
        let mut text = self.counts(is_trial);
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
        if self.raised_flags.len() > LISTED {
            text.push_str("\n  and more; `diel flags` lists them with their evidence");
        }
        text.push('\n');
        text.push_str(FLAG_NOTE);
        text
    }

    /// The counts alone, on one line.
    pub(crate) fn counts(&self, is_trial: bool) -> String {
        let stored = if is_trial {
            "would be stored"
        } else {
            "stored"
        };
        let mut text = format!(
            "{} rows {stored}, {} unchanged",
            self.stored, self.unchanged
        );
        if self.waiting > 0 {
            text.push_str(&format!(
                ", {} waiting for their collection facts",
                self.waiting
            ));
        }
        text.push_str(&format!(
            ", {} refused; {} profiles computed",
            self.refused.len(),
            self.profiles
        ));
        text
    }
}

/// Where and why, a line each, up to twenty rows.
pub(super) fn refused_rows(file: &Path, refused: &[RefusedRow]) -> String {
    let mut text = String::new();
    for row in refused.iter().take(LISTED) {
        text.push_str(&format!("{}:{row}\n", file.display()));
    }
    if refused.len() > LISTED {
        text.push_str(&format!("and {} more\n", refused.len() - LISTED));
    }
    text
}

/// A violation at the line of the file that its row came from.
fn located(violation: &v1::FieldViolation, lines: &[u64]) -> RefusedRow {
    let (line, field) = match row_of(&violation.field) {
        Some((row, field)) => (lines.get(row).copied().unwrap_or_default(), field),
        None => (0, violation.field.as_str()),
    };
    RefusedRow {
        line,
        field: field.to_owned(),
        value: String::new(),
        rule: violation.description.clone(),
    }
}

/// `results[17].concentration` is row 17 and `concentration`.
fn row_of(field: &str) -> Option<(usize, &str)> {
    let (index, rest) = field.strip_prefix("results[")?.split_once(']')?;
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    Some((
        index.parse().ok()?,
        if rest.is_empty() { "row" } else { rest },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violations_are_shown_at_the_line_of_the_file() {
        let violation = v1::FieldViolation {
            field: "results[1].concentration".to_owned(),
            description: "-3 nmol/L is negative".to_owned(),
            reason: "INVALID_FIELD".to_owned(),
        };
        let mut report = Report::new(Path::new("plate.csv"), Vec::new());
        let response = v1::SubmitBatchResponse {
            stored_count: 2,
            violations: vec![violation],
            ..Default::default()
        };
        report.add(&[2, 7, 9], Ok(response));
        assert!(report.has_refusals());
        assert_eq!(
            report.refusals(),
            "plate.csv:7: concentration: -3 nmol/L is negative\n"
        );
        assert_eq!(
            report.summary(false),
            "2 rows stored, 0 unchanged, 1 refused; 0 profiles computed"
        );
    }

    #[test]
    fn rows_are_found_in_paths() {
        assert_eq!(
            row_of("results[17].collection.age_years"),
            Some((17, "collection.age_years"))
        );
        assert_eq!(row_of("results[3]"), Some((3, "row")));
        assert_eq!(row_of("batch.lab"), None);
        assert_eq!(row_of("results"), None);
    }
}
