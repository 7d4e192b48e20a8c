//! The table of profiles: a row a sampling day. Programs rely on the order of the columns up to `findings`.

use diel_proto::v1;

use super::{Column, Records, clock_time, instant, text_or_nothing};

/// The columns.
pub const COLUMNS: &[Column] = &[
    Column::new("participant"),
    Column::unshown("day"),
    Column::headed("sampling_date", "date"),
    Column::unshown("awakening_at"),
    Column::headed("sample_count", "samples"),
    Column::headed("wake_nmol_per_l", "wake\nnmol/L"),
    Column::headed("peak_nmol_per_l", "peak\nnmol/L"),
    Column::headed("bed_nmol_per_l", "bed\nnmol/L"),
    Column::unshown("slope_wake_bed_ln_per_h"),
    Column::unshown("slope_peak_bed_ln_per_h"),
    Column::headed("slope_regression_ln_per_h", "slope\nln/h"),
    Column::headed("slope_regression_se", "SE\nln/h"),
    Column::unshown("slope_wake_bed_nmol_per_l_per_h"),
    Column::unshown("car_auc_g_nmol_min_per_l"),
    Column::headed("car_auc_i_nmol_min_per_l", "CAR AUCi\nnmol/L min"),
    Column::unshown("car_mean_increase_nmol_per_l"),
    Column::unshown("car_max_increase_nmol_per_l"),
    Column::headed("day_auc_g_nmol_h_per_l", "day AUCg\nnmol/L h"),
    Column::unshown("dynamic_range_ln"),
    Column::unshown("evening_morning_ratio"),
    Column::unshown("mesor"),
    Column::unshown("amplitude"),
    Column::unshown("peak_clock_time"),
    Column::unshown("cosinor_p"),
    Column::new("findings"),
    Column::unshown("absences"),
    Column::headed("valid", "counts"),
];

/// The finding of a day whose awakening nobody recorded.
const AWAKENING_ASSUMED: &str = "awakening_assumed";

/// Hands over the cells of a profile.
pub fn write(records: &mut dyn Records, profile: &v1::Profile) {
    records.text(&profile.participant);
    records.text(&profile.sampling_date);
    records.text(&profile.sampling_date);
    match awakening(profile) {
        Some(text) => records.text(&text),
        None => records.absent(),
    }
    records.integer(profile.sample_count.into());
    for feature in [
        profile.wake_nmol_per_l,
        profile.peak_nmol_per_l,
        profile.bed_nmol_per_l,
        profile.slope_wake_bed_ln_per_h,
        profile.slope_peak_bed_ln_per_h,
        profile.slope_regression_ln_per_h,
        profile.slope_regression_se,
        profile.slope_wake_bed_nmol_per_l_per_h,
        profile.car_auc_g_nmol_min_per_l,
        profile.car_auc_i_nmol_min_per_l,
        profile.car_mean_increase_nmol_per_l,
        profile.car_max_increase_nmol_per_l,
        profile.day_auc_g_nmol_h_per_l,
        profile.dynamic_range_ln,
        profile.evening_morning_ratio,
        profile.mesor,
        profile.amplitude,
    ] {
        records.maybe(feature);
    }
    match profile.peak_clock_time {
        Some(hours) => records.text(&clock_time(hours)),
        None => records.absent(),
    }
    records.maybe(profile.cosinor_p);
    text_or_nothing(records, &profile.findings.join(";"));
    let absences: Vec<String> = profile
        .absent_features
        .iter()
        .map(|absent| format!("{}:{}", absent.feature, absent.reason))
        .collect();
    text_or_nothing(records, &absences.join(";"));
    records.flag(profile.valid);
    records.end_row();
}

fn awakening(profile: &v1::Profile) -> Option<String> {
    if profile
        .findings
        .iter()
        .any(|finding| finding == AWAKENING_ASSUMED)
    {
        return None;
    }
    instant::local_text(
        profile.awakening_time.as_ref()?,
        profile.awakening_utc_offset_minutes,
    )
}

#[cfg(test)]
mod tests {
    use diel_core::Finding;
    use diel_proto::v1;

    use super::{AWAKENING_ASSUMED, COLUMNS, write};
    use crate::table::{RecordFormat, RecordWriter};

    /// What scripts rely on.
    const PROMISED: &str = "participant,day,sampling_date,awakening_at,sample_count,wake_nmol_per_l,peak_nmol_per_l,\
        bed_nmol_per_l,slope_wake_bed_ln_per_h,slope_peak_bed_ln_per_h,slope_regression_ln_per_h,slope_regression_se,\
        slope_wake_bed_nmol_per_l_per_h,car_auc_g_nmol_min_per_l,car_auc_i_nmol_min_per_l,\
        car_mean_increase_nmol_per_l,car_max_increase_nmol_per_l,day_auc_g_nmol_h_per_l,dynamic_range_ln,\
        evening_morning_ratio,mesor,amplitude,peak_clock_time,cosinor_p,findings";

    #[test]
    fn the_columns_begin_as_promised() {
        assert!(RecordWriter::header(COLUMNS, RecordFormat::Csv).starts_with(PROMISED));
    }

    #[test]
    fn a_row_has_a_cell_a_column() {
        let mut records = RecordWriter::new(COLUMNS, RecordFormat::Csv);
        write(
            &mut records,
            &v1::Profile {
                findings: vec!["few_samples".to_owned()],
                ..Default::default()
            },
        );
        let row = String::from_utf8_lossy(&records.into_bytes()).into_owned();
        assert_eq!(row.matches(',').count() + 1, COLUMNS.len());
        assert!(row.ends_with(",few_samples,,false\n"), "{row}");
    }

    #[test]
    fn the_code_of_an_assumed_awakening_is_the_cores() {
        assert_eq!(Finding::AwakeningAssumed.code(), AWAKENING_ASSUMED);
    }
}
