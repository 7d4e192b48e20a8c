//! The table of rhythms: a row a participant.

use diel_core::Rhythm;

use crate::output::{Column, Records};

/// The columns up to `reasons` keep their place and meaning.
pub(super) const COLUMNS: &[Column] = &[
    Column::new("participant"),
    Column::headed("day_count", "days"),
    Column::headed("valid_day_count", "valid"),
    Column::unshown("sample_count"),
    Column::headed("slope_ln_per_h", "slope\nln/h"),
    Column::unshown("slope_se"),
    Column::headed("posterior_slope_ln_per_h", "posterior\nln/h"),
    Column::headed("posterior_sd", "SD\nln/h"),
    Column::headed("probability_flat", "P(flat)"),
    Column::headed("reference_percentile", "percentile"),
    Column::headed("reliability", "reliability"),
    Column::new("verdict"),
    Column::new("reasons"),
    Column::unshown("posterior_lower_ln_per_h"),
    Column::unshown("posterior_upper_ln_per_h"),
    Column::unshown("threshold_ln_per_h"),
    Column::unshown("days_to_reliable"),
    Column::unshown("left_out_sample_count"),
    Column::unshown("reference"),
    Column::unshown("digest"),
];

/// Writes one rhythm.
pub(super) fn write(records: &mut impl Records, participant: &str, rhythm: &Rhythm) {
    let estimate = rhythm.estimate.as_ref();
    let posterior = rhythm.posterior.as_ref();
    records.text(participant);
    for count in [
        rhythm.day_count,
        rhythm.valid_day_count,
        rhythm.sample_count,
    ] {
        records.integer(i64::from(count));
    }
    records.maybe(estimate.map(|estimate| estimate.slope_ln_per_h));
    records.maybe(estimate.and_then(|estimate| estimate.se));
    records.maybe(posterior.map(|posterior| posterior.slope_ln_per_h));
    records.maybe(posterior.map(|posterior| posterior.sd));
    records.maybe(posterior.map(|posterior| posterior.probability_flat));
    records.maybe(posterior.map(|posterior| posterior.reference_percentile));
    records.maybe(posterior.map(|posterior| posterior.reliability));
    records.text(rhythm.verdict.code());
    records.text(&rhythm.reasons.to_string());
    records.maybe(posterior.map(|posterior| posterior.lower));
    records.maybe(posterior.map(|posterior| posterior.upper));
    records.number(rhythm.threshold_ln_per_h);
    match posterior.and_then(|posterior| posterior.days_to_reliable) {
        Some(days) => records.integer(i64::from(days)),
        None => records.absent(),
    }
    records.integer(i64::from(rhythm.left_out_sample_count));
    records.text(rhythm.reference.id());
    records.text(&hexadecimal(&rhythm.digest));
    records.end_row();
}

fn hexadecimal(digest: &[u8]) -> String {
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}
