//! The binary `diel` without a server: what it reads, what it refuses, what it answers.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

#[path = "cli/answers.rs"]
mod answers;
#[path = "cli/bad_files.rs"]
mod bad_files;
#[path = "cli/bad_rows.rs"]
mod bad_rows;
#[path = "cli/carwatch.rs"]
mod carwatch;
#[path = "cli/cohort_curve.rs"]
mod cohort_curve;
#[path = "cli/cohort_fit.rs"]
mod cohort_fit;
#[path = "cli/cohort_refusals.rs"]
mod cohort_refusals;
#[path = "cli/command.rs"]
mod command;
#[path = "cli/design.rs"]
mod design;
#[path = "cli/fixtures.rs"]
mod fixtures;
#[path = "cli/known_answers.rs"]
mod known_answers;
#[path = "cli/plate.rs"]
mod plate;
#[path = "cli/reading.rs"]
mod reading;
#[path = "cli/real_series.rs"]
mod real_series;
#[path = "cli/simulate.rs"]
mod simulate;
#[path = "cli/times.rs"]
mod times;
