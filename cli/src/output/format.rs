//! The formats of an answer.

use clap::{Args, ValueEnum};
use diel_server::table::RecordFormat;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// A table for people, four significant digits.
    #[default]
    Table,
    /// Comma-separated values with a header, full precision.
    Csv,
    /// One JSON array of objects.
    Json,
    /// One JSON object a line.
    Jsonl,
}

/// Tables for people are drawn elsewhere and fall back to CSV.
impl From<Format> for RecordFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Table | Format::Csv => Self::Csv,
            Format::Json => Self::Json,
            Format::Jsonl => Self::Jsonl,
        }
    }
}

/// The choice of format, shared by all commands that print an answer.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct OutputOptions {
    /// How to print the answer.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: Format,
}
