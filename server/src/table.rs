//! Rows of answers as tables for programs: one definition of the columns, for `--format csv|json|jsonl` of the command
//! line and for downloads over HTTP.
//!
//! A kind of row has its columns and a function that hands over its cells one by one. Numbers have full precision; an
//! empty cell (JSON: `null`) is an absent number.

mod cell;
mod clock_time;
mod column;
mod record;

pub mod codebook;
pub mod fits;
pub mod flags;
pub mod instant;
pub mod profiles;
pub mod rhythms;
pub mod samples;

pub use cell::Cell;
pub use clock_time::clock_time;
pub use column::Column;
pub use record::{RecordFormat, RecordWriter, Records};

/// A text, or nothing when it is empty.
pub fn text_or_nothing(records: &mut dyn Records, text: &str) {
    if text.is_empty() {
        records.absent()
    } else {
        records.text(text)
    }
}

/// A reference as people write it: `adult-noisy@1`, but the whole name of one that belongs to a study.
#[must_use]
pub fn reference(name: &str) -> &str {
    name.strip_prefix("references/").unwrap_or(name)
}
