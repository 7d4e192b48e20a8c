//! What is true of simulated persons.

use diel_core::simulate::Truth;

use crate::output::{Column, Records};

pub(super) const COLUMNS: &[Column] = &[
    Column::new("participant"),
    Column::new("intercept_ln"),
    Column::new("slope_ln_per_h"),
    Column::new("flat"),
];

/// Writes one person's truth; `flat` is 1 or 0.
pub(super) fn write(records: &mut impl Records, participant: &str, truth: &Truth) {
    records.text(participant);
    records.number(truth.intercept_ln);
    records.number(truth.slope_ln_per_h);
    records.integer(i64::from(truth.flat));
    records.end_row();
}
