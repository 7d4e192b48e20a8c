//! Rows that could not be taken, and why.

use std::fmt;
use std::path::Path;

/// How many refused rows are printed one by one.
const LISTED: usize = 20;

/// A row that was refused, and the field at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// The sheet of the workbook; empty where there is but one table.
    pub sheet: String,
    /// The line of the file it begins on, or the row of the sheet, from 1.
    pub line: u64,
    /// The column as the file calls it.
    pub field: String,
    /// What stands there.
    pub value: String,
    /// The rule it breaks and what to do.
    pub rule: String,
}

impl RefusedRow {
    /// The field, its value and the rule, without where they stand.
    #[must_use]
    pub fn reason(&self) -> String {
        if self.value.is_empty() {
            format!("{}: {}", self.field, self.rule)
        } else {
            format!("{} `{}`: {}", self.field, self.value, self.rule)
        }
    }
}

impl fmt::Display for RefusedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.sheet.is_empty() {
            write!(f, "{}:", self.sheet)?;
        }
        write!(f, "{}: {}", self.line, self.reason())
    }
}

/// Says where and why, up to twenty rows, then how many more of `rows`.
pub(crate) fn describe(path: &Path, refused: &[RefusedRow], rows: u64) -> String {
    let mut text = String::new();
    for row in refused.iter().take(LISTED) {
        text.push_str(&format!("\n  {}:{row}", path.display()));
    }
    let known = u64::try_from(refused.len()).unwrap_or(u64::MAX).max(rows);
    if known > LISTED as u64 {
        text.push_str(&format!("\n  and {} more", known - LISTED as u64));
    }
    text
}
