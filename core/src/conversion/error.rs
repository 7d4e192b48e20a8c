//! Why a conversion is not accepted.

use thiserror::Error;

use crate::RangeError;

/// Why a conversion is not accepted. The text begins with the term.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum ConversionError {
    /// An end of the range is no concentration.
    #[error("{term}: {source}")]
    Range {
        /// The term.
        term: &'static str,
        /// The rule.
        source: RangeError,
    },
    /// The ends of the range do not lie apart.
    #[error("highest_nmol_per_l: {highest} nmol/L is not more than the lowest, {lowest} nmol/L")]
    EmptyRange {
        /// The lowest, nmol/L.
        lowest: f64,
        /// The highest, nmol/L.
        highest: f64,
    },
    /// NaN or an infinity.
    #[error("{term}: {value} is not a finite number")]
    NotFinite {
        /// The term.
        term: &'static str,
        /// The number.
        value: f64,
    },
    /// A function that does not rise would turn below into above.
    #[error("{term}: {value} is not more than 0; a conversion must rise")]
    NotRising {
        /// The term.
        term: &'static str,
        /// The number.
        value: f64,
    },
    /// A table of a length that cannot be used.
    #[error("table.points: {count} points; 2 to 1000 are allowed")]
    Points {
        /// How many there are.
        count: usize,
    },
    /// A point that does not lie beyond the one before it on both sides.
    #[error(
        "table.points[{row}]: does not rise over the point before it, on both sides, in finite numbers"
    )]
    PointNotRising {
        /// The point, counted from 0.
        row: usize,
    },
    /// A table that does not cover the range.
    #[error("table.points: reach from {first} to {last} nmol/L and do not cover the range")]
    PointsShort {
        /// The first point.
        first: f64,
        /// The last.
        last: f64,
    },
    /// An end of the range comes to something that is no concentration.
    #[error(
        "lowest_nmol_per_l: {x} nmol/L comes to {value} nmol/L, which is no concentration; narrow the range"
    )]
    NoConcentration {
        /// The end of the range, nmol/L.
        x: f64,
        /// What it comes to.
        value: f64,
    },
}
