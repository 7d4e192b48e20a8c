//! The table of profiles: a row a sampling day. Programs rely on the order of the columns up to `findings`.

mod stored;

use diel_core::Features;
use diel_proto::v1;

use super::{Column, Records, clock_time, instant, text_or_nothing};

pub(crate) use stored::{StoredDays, parts};

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

/// The feature that is told as a clock on the wall would.
const PEAK_CLOCK_TIME: &str = "peak_clock_time";

/// The finding of a day whose awakening nobody recorded.
const AWAKENING_ASSUMED: &str = "awakening_assumed";

/// The cells of a day, from wherever they come.
struct Day<'a> {
    participant: &'a str,
    /// YYYY-MM-DD.
    date: &'a str,
    /// RFC 3339 with the local offset; empty when nobody recorded it.
    awakening: &'a str,
    sample_count: i64,
    /// In the order of [`Features::NAMES`], which is that of the columns.
    features: &'a [Option<f64>; Features::NAMES.len()],
    /// Codes, joined by `;`.
    findings: &'a str,
    /// `FEATURE:REASON`, joined by `;`.
    absences: &'a str,
    valid: bool,
}

impl Day<'_> {
    fn write(&self, records: &mut dyn Records) {
        records.text(self.participant);
        records.text(self.date);
        records.text(self.date);
        text_or_nothing(records, self.awakening);
        records.integer(self.sample_count);
        for (name, feature) in Features::NAMES.into_iter().zip(self.features) {
            match feature {
                Some(hours) if name == PEAK_CLOCK_TIME => records.text(&clock_time(*hours)),
                number => records.maybe(*number),
            }
        }
        text_or_nothing(records, self.findings);
        text_or_nothing(records, self.absences);
        records.flag(self.valid);
        records.end_row();
    }
}

/// Hands over the cells of a profile.
pub fn write(records: &mut dyn Records, profile: &v1::Profile) {
    let absences: Vec<String> = profile
        .absent_features
        .iter()
        .map(|absent| format!("{}:{}", absent.feature, absent.reason))
        .collect();
    Day {
        participant: &profile.participant,
        date: &profile.sampling_date,
        awakening: &awakening(profile).unwrap_or_default(),
        sample_count: profile.sample_count.into(),
        features: &[
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
            profile.peak_clock_time,
            profile.cosinor_p,
        ],
        findings: &profile.findings.join(";"),
        absences: &absences.join(";"),
        valid: profile.valid,
    }
    .write(records);
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
