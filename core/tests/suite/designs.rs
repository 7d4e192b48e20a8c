//! Reliability and power of designs.

mod cohorts;
mod models;
mod power;
mod studies;
