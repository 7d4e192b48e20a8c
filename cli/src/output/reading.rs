//! How a file was understood, for people.

use diel_import::Reading;

/// `I read: ...`, a few lines, the last of which counts the rows.
pub(crate) fn reading(reading: &Reading, counts: &str) -> String {
    let text = format!("{reading}\n{counts}");
    format!("I read: {}", text.replace('\n', "\n  "))
}
