//! How answers are printed: a table for people, CSV and JSON for programs.
//!
//! A command describes its columns once and hands over typed cells row by row. Programs get every number with full
//! precision and an empty field (JSON: `null`) where there is none; people get four significant digits.

mod destination;
mod format;
mod frame;
mod progress;
mod reading;
mod stamp;
mod table;

pub(crate) use diel_server::table::{Cell, Column, RecordWriter, Records, clock_time};

pub(crate) use destination::Destination;
pub(crate) use format::{Format, OutputOptions};
pub(crate) use frame::Frame;
pub(crate) use progress::{Progress, file_progress};
pub(crate) use reading::reading;
pub(crate) use stamp::stamp;

/// Says something to the person at the terminal, on standard error.
#[expect(
    clippy::print_stderr,
    reason = "the one place where the program speaks to the person at the terminal"
)]
pub(crate) fn tell(message: &str) {
    eprintln!("{message}");
}

/// The line under every table of verdicts and flags.
pub(crate) const FLAG_NOTE: &str =
    "A flag is a reason to look again, never a statement about a person.";
