//! What became of the rows of a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use diel_client::{Code, Error, v1};

use diel_import::RefusedRow;

use super::refusals::Refusals;
use crate::output::FLAG_NOTE;

/// How many refused rows, and how many flags, are printed one by one.
const LISTED: usize = 20;

/// Counts of rows, the refused ones with their lines, and the flags that were raised.
#[derive(Debug)]
pub(crate) struct Report {
    file: PathBuf,
    /// Refused by the importer or by the service.
    refused: Refusals,
    /// Batches that were refused for a reason that lies in no row of theirs.
    failures: Vec<String>,
    refused_with_batch: u64,
    /// Rows that the service has answered, and those of them that an earlier run had sent.
    answered: u64,
    answered_before: u64,
    stored: i64,
    unchanged: i64,
    waiting: i64,
    profiles: i64,
    /// Why rows on these lines were not stored, where somebody wants to know of each.
    rejected: Option<BTreeMap<u64, String>>,
    /// The first of them, and how many.
    raised_flags: Vec<String>,
    raised: usize,
    /// What quality control says of the first batches that it says anything of.
    verdicts: Vec<String>,
    /// The first refusal that says nothing of the rows and may pass.
    passing: Option<Error>,
}

impl Report {
    /// `keeps_rejected`: of every row that the service does not store it is known why, see [`Report::rejected`].
    pub(super) fn new(file: &Path, refused: Refusals, keeps_rejected: bool) -> Self {
        Self {
            rejected: keeps_rejected.then(BTreeMap::new),
            file: file.to_owned(),
            refused,
            failures: Vec::new(),
            refused_with_batch: 0,
            answered: 0,
            answered_before: 0,
            stored: 0,
            unchanged: 0,
            waiting: 0,
            profiles: 0,
            raised_flags: Vec::new(),
            verdicts: Vec::new(),
            raised: 0,
            passing: None,
        }
    }

    /// Rows that the service has answered.
    pub(super) const fn answered(&self) -> u64 {
        self.answered
    }

    /// Why the service did not store the row on a line.
    pub(super) fn rejected(&self, line: u64) -> Option<String> {
        self.rejected.as_ref()?.get(&line).cloned()
    }

    /// The first refusal that lies in no row, and that the same rows may not meet again: the service was busy, the caller's
    /// token was taken back, it failed.
    pub(super) const fn passing(&self) -> Option<&Error> {
        self.passing.as_ref()
    }

    /// What is wrong, a record a cell, and then what concerns more than a row.
    pub(super) fn records(&self) -> Vec<RefusedRow> {
        let mut records = self.refused.records();
        records.extend(self.failures.iter().map(|failure| of_the_file(failure)));
        if self.refused_with_batch > 0 {
            records.push(of_the_file(&self.withheld()));
        }
        records
    }

    pub(crate) fn has_refusals(&self) -> bool {
        !self.refused.is_empty() || !self.failures.is_empty()
    }

    /// Adds the answer to a batch whose rows came from these lines.
    pub(super) fn add(&mut self, lines: &[u64], outcome: Result<v1::SubmitBatchResponse, Error>) {
        let rows = u64::try_from(lines.len()).unwrap_or(u64::MAX);
        self.answered += rows;
        match outcome {
            Ok(response) if response.answered_before => {
                self.answered_before += rows;
                self.unchanged += response.stored_count + response.unchanged_count;
            }
            Ok(response) => {
                self.stored += response.stored_count;
                self.unchanged += response.unchanged_count;
                self.waiting += response.waiting_count;
                self.profiles += response.profile_count;
                self.raised += response.raised_flags.len();
                let room = LISTED.saturating_sub(self.raised_flags.len());
                let shown = response.raised_flags.into_iter().take(room);
                self.raised_flags.extend(shown);
                if self.verdicts.len() < LISTED {
                    self.verdicts
                        .extend(response.batch.as_ref().and_then(verdict));
                }
                self.refuse(&response.violations, lines);
            }
            Err(error) => {
                self.refuse_all(&error, lines);
                if !lies_in_the_rows(error.code()) {
                    self.passing.get_or_insert(error);
                }
            }
        }
    }

    /// Notes a batch that was refused as a whole.
    pub(crate) fn refuse_all(&mut self, error: &Error, lines: &[u64]) {
        self.refused_with_batch += u64::try_from(lines.len()).unwrap_or(u64::MAX);
        if self.refuse(error.violations(), lines) {
            self.reject(lines, "not stored: other rows of its batch were refused");
        } else {
            self.reject(lines, &format!("not stored: {error}"));
            let [first, last] =
                [lines.first(), lines.last()].map(|line| line.copied().unwrap_or_default());
            self.failures.push(format!(
                "{}: lines {first} to {last}: {error}",
                self.file.display()
            ));
        }
    }

    /// Notes the rows that violations name. Returns whether there are any.
    pub(crate) fn refuse(&mut self, violations: &[v1::FieldViolation], lines: &[u64]) -> bool {
        let mut rows: BTreeMap<usize, Vec<RefusedRow>> = BTreeMap::new();
        for violation in violations {
            if let Some((row, field)) = row_of(&violation.field, "results") {
                rows.entry(row).or_default().push(RefusedRow {
                    sheet: String::new(),
                    line: lines.get(row).copied().unwrap_or_default(),
                    field: field.to_owned(),
                    value: String::new(),
                    rule: violation.description.clone(),
                });
            }
        }
        let has_rows = !rows.is_empty();
        let mut refused = Refusals::default();
        for cells in rows.into_values() {
            let reasons: Vec<String> = cells.iter().map(RefusedRow::reason).collect();
            let lines: Vec<u64> = cells.iter().map(|cell| cell.line).take(1).collect();
            self.reject(&lines, &reasons.join("; "));
            refused.add_row(cells);
        }
        self.refused.append(refused);
        has_rows
    }

    /// Notes why rows were not stored, unless that is known already.
    fn reject(&mut self, lines: &[u64], reason: &str) {
        if let Some(rejected) = &mut self.rejected {
            for line in lines {
                rejected.entry(*line).or_insert_with(|| reason.to_owned());
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
            text.push_str(&self.withheld());
            text.push('\n');
        }
        text
    }

    fn withheld(&self) -> String {
        format!(
            "{} rows of refused batches were not stored; --partial stores the good ones among them",
            self.refused_with_batch
        )
    }

    /// The counts and the flags that were raised.
    pub(crate) fn summary(&self, is_trial: bool) -> String {
        let mut text = self.counts(is_trial);
        for verdict in &self.verdicts {
            text.push_str(&format!("\n{verdict}"));
        }
        if self.raised_flags.is_empty() {
            return text;
        }
        text.push_str(&format!("\nflags raised for review: {}", self.raised));
        for flag in &self.raised_flags {
            text.push_str(&format!("\n  {flag}"));
        }
        if self.raised > self.raised_flags.len() {
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
            self.refused.rows(),
            self.profiles
        ));
        if self.answered_before > 0 {
            text.push_str(&format!(
                "; {} rows had been sent before, in the same batches",
                self.answered_before
            ));
        }
        text
    }
}

/// Whether a refusal with this code is one of what was sent: the same is refused again.
const fn lies_in_the_rows(code: Code) -> bool {
    matches!(
        code,
        Code::InvalidArgument
            | Code::AlreadyExists
            | Code::FailedPrecondition
            | Code::Aborted
            | Code::OutOfRange
    )
}

/// A record of what concerns more than a row.
pub(super) fn of_the_file(rule: &str) -> RefusedRow {
    RefusedRow {
        sheet: String::new(),
        line: 0,
        field: "file".to_owned(),
        value: String::new(),
        rule: rule.to_owned(),
    }
}

/// What quality control says of a batch that it could assess, on one line.
fn verdict(batch: &v1::Batch) -> Option<String> {
    let quality = batch.quality.as_ref()?;
    let says = match quality.verdict() {
        v1::BatchVerdict::Unspecified | v1::BatchVerdict::NotAssessed => {
            if batch.controls.is_empty() {
                return None;
            }
            "not assessed"
        }
        v1::BatchVerdict::Pass => "passes",
        v1::BatchVerdict::Review => "is to be looked at; its results are kept, used and marked",
        v1::BatchVerdict::Fail => "fails; its results are kept, used and marked",
    };
    let reasons = quality.reasons.join(", ");
    let why = if reasons.is_empty() {
        String::new()
    } else {
        format!(" ({reasons})")
    };
    Some(format!("quality control of {}: {says}{why}", batch.name))
}

/// Where and why, a line a cell, up to twenty.
pub(super) fn refused_rows(file: &Path, refused: &Refusals) -> String {
    let mut text = String::new();
    for cell in refused.cells().iter().take(LISTED) {
        text.push_str(&format!("{}:{cell}\n", file.display()));
    }
    if refused.cells().len() > LISTED {
        text.push_str(&format!("and more: {} rows in all\n", refused.rows()));
    }
    text
}

/// `results[17].concentration` is row 17 of `results` and `concentration`.
pub(crate) fn row_of<'a>(field: &'a str, rows: &str) -> Option<(usize, &'a str)> {
    let (index, rest) = field
        .strip_prefix(rows)?
        .strip_prefix('[')?
        .split_once(']')?;
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
        let mut report = Report::new(Path::new("plate.csv"), Refusals::default(), true);
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
            report.rejected(7).as_deref(),
            Some("concentration: -3 nmol/L is negative")
        );
        assert_eq!(
            report.summary(false),
            "2 rows stored, 0 unchanged, 1 refused; 0 profiles computed"
        );
    }

    #[test]
    fn rows_are_found_in_paths() {
        assert_eq!(
            row_of("results[17].collection.age_years", "results"),
            Some((17, "collection.age_years"))
        );
        assert_eq!(row_of("results[3]", "results"), Some((3, "row")));
        assert_eq!(row_of("batch.lab", "results"), None);
        assert_eq!(row_of("results", "results"), None);
    }
}
