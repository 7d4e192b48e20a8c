//! The table of profiles: a row a sampling day.

use diel_core::Profile;

use crate::output::{Column, Records, clock_time, stamp};

/// The columns up to `findings` keep their place and meaning.
pub(super) const COLUMNS: &[Column] = &[
    Column::new("participant"),
    Column::new("day"),
    Column::new("sampling_date"),
    Column::new("awakening_at"),
    Column::new("sample_count"),
    Column::new("wake_nmol_per_l"),
    Column::new("peak_nmol_per_l"),
    Column::new("bed_nmol_per_l"),
    Column::new("slope_wake_bed_ln_per_h"),
    Column::new("slope_peak_bed_ln_per_h"),
    Column::new("slope_regression_ln_per_h"),
    Column::new("slope_regression_se"),
    Column::new("slope_wake_bed_nmol_per_l_per_h"),
    Column::new("car_auc_g_nmol_min_per_l"),
    Column::new("car_auc_i_nmol_min_per_l"),
    Column::new("car_mean_increase_nmol_per_l"),
    Column::new("car_max_increase_nmol_per_l"),
    Column::new("day_auc_g_nmol_h_per_l"),
    Column::new("dynamic_range_ln"),
    Column::new("evening_morning_ratio"),
    Column::new("mesor"),
    Column::new("amplitude"),
    Column::new("peak_clock_time"),
    Column::new("cosinor_p"),
    Column::new("findings"),
    Column::new("absences"),
];

/// The one feature that is a time of day, and is written as one.
const CLOCK_FEATURE: &str = "peak_clock_time";

/// Writes one profile.
pub(super) fn write(
    records: &mut impl Records,
    participant: &str,
    label: Option<&str>,
    profile: &Profile,
) {
    let day = &profile.day;
    records.text(participant);
    let date = day.date.map(|date| date.to_string());
    match label.or(date.as_deref()) {
        Some(label) => records.text(label),
        None => records.absent(),
    }
    match &date {
        Some(date) => records.text(date),
        None => records.absent(),
    }
    match day.awakening.filter(|_| day.awakening_recorded) {
        Some(awakening) => records.text(&stamp(awakening)),
        None => records.absent(),
    }
    records.integer(i64::try_from(day.samples.len()).unwrap_or(i64::MAX));
    let mut absences = String::new();
    for (name, feature) in profile.features.iter() {
        match feature {
            Ok(hours) if name == CLOCK_FEATURE => records.text(&clock_time(hours)),
            _ => records.maybe(feature.ok()),
        }
        if let Err(absence) = feature {
            let separator = if absences.is_empty() { "" } else { ";" };
            absences.extend([separator, name, ":", absence.code()]);
        }
    }
    records.text(&profile.findings.to_string());
    records.text(&absences);
    records.end_row();
}

#[cfg(test)]
mod tests {
    use diel_core::Features;

    use super::{CLOCK_FEATURE, COLUMNS};

    #[test]
    fn the_features_stand_in_the_order_in_which_they_are_computed() {
        let names: Vec<&str> = COLUMNS
            .iter()
            .map(|column| column.name)
            .skip(5)
            .take(Features::NAMES.len())
            .collect();
        assert_eq!(names, Features::NAMES);
        assert!(names.contains(&CLOCK_FEATURE));
    }
}
