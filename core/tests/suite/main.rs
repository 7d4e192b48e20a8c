//! The behaviour of the core, against answers from papers, from R, by hand, and by other algorithms.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "a test may fail loudly"
)]

mod audit;
mod calibration;
mod concentrations;
mod conversions;
mod cosinor;
mod days;
mod designs;
mod detection;
mod false_discovery;
mod features;
mod formulas;
mod frames;
mod mixed;
mod nonlinear;
mod piecewise;
mod posterior;
mod properties;
mod quality;
mod references;
mod sampling;
mod simulation;
mod verdicts;

use diel_core::{Level, NmolPerL, SamplingDay};

fn exact(nmol_per_l: f64) -> Level {
    Level::Exact(NmolPerL::new(nmol_per_l).unwrap())
}

fn below(nmol_per_l: f64) -> Level {
    Level::Below(NmolPerL::new(nmol_per_l).unwrap())
}

fn above(nmol_per_l: f64) -> Level {
    Level::Above(NmolPerL::new(nmol_per_l).unwrap())
}

fn day_of(samples: &[(f64, Level)]) -> SamplingDay {
    SamplingDay::from_hours(
        None,
        samples.iter().map(|&(hours, level)| (hours, level, None)),
    )
}

/// Numbers that should be equal up to a tolerance.
#[track_caller]
fn assert_near(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found - expected).abs() <= tolerance,
        "{found} is not {expected} within {tolerance}"
    );
}
