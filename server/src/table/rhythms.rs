//! The table of rhythms: a row a participant. Programs rely on the order of the columns up to `reasons`.

use diel_proto::v1;

use super::{Column, Records, reference, text_or_nothing};

/// The columns.
pub const COLUMNS: &[Column] = &[
    Column::new("participant"),
    Column::headed("day_count", "days"),
    Column::headed("valid_day_count", "valid"),
    Column::unshown("sample_count"),
    Column::unshown("slope_ln_per_h"),
    Column::unshown("slope_se"),
    Column::headed("posterior_slope_ln_per_h", "slope\nln/h"),
    Column::unshown("posterior_sd"),
    Column::headed("probability_flat", "P(flat)"),
    Column::unshown("reference_percentile"),
    Column::headed("reliability", "relia-\nbility"),
    Column::new("verdict"),
    Column::new("reasons"),
    Column::unshown("posterior_lower_ln_per_h"),
    Column::unshown("posterior_upper_ln_per_h"),
    Column::unshown("threshold_ln_per_h"),
    Column::unshown("days_to_reliable"),
    Column::unshown("left_out_sample_count"),
    Column::unshown("reference"),
    Column::unshown("digest"),
    Column::unshown("group"),
    Column::unshown("age_years"),
    Column::unshown("policy"),
    Column::unshown("method"),
    Column::unshown("flag"),
];

/// The code of a verdict: `FLAT_FOR_REVIEW`.
#[must_use]
pub fn verdict_code(rhythm: &v1::Rhythm) -> &'static str {
    let name = rhythm.verdict().as_str_name();
    name.strip_prefix("VERDICT_").unwrap_or(name)
}

/// Hands over the cells of a rhythm.
pub fn write(records: &mut dyn Records, rhythm: &v1::Rhythm) {
    records.text(&rhythm.participant);
    for count in [
        rhythm.day_count,
        rhythm.valid_day_count,
        rhythm.sample_count,
    ] {
        records.integer(count.into());
    }
    for number in [
        rhythm.slope_ln_per_h,
        rhythm.slope_se,
        rhythm.posterior_slope_ln_per_h,
        rhythm.posterior_sd,
        rhythm.probability_flat,
        rhythm.reference_percentile,
        rhythm.reliability,
    ] {
        records.maybe(number);
    }
    records.text(verdict_code(rhythm));
    text_or_nothing(records, &rhythm.reasons.join(";"));
    for number in [
        rhythm.posterior_lower_ln_per_h,
        rhythm.posterior_upper_ln_per_h,
        rhythm.threshold_ln_per_h,
    ] {
        records.maybe(number);
    }
    match rhythm.days_to_reliable {
        Some(days) => records.integer(days.into()),
        None => records.absent(),
    }
    records.integer(rhythm.left_out_sample_count.into());
    records.text(reference(&rhythm.reference));
    records.text(&rhythm.input_digest);
    text_or_nothing(records, &rhythm.group);
    records.maybe(rhythm.age_years);
    for text in [&rhythm.policy, &rhythm.method, &rhythm.flag] {
        text_or_nothing(records, text);
    }
    records.end_row();
}

#[cfg(test)]
mod tests {
    use diel_proto::v1;

    use super::{COLUMNS, verdict_code, write};
    use crate::table::{RecordFormat, RecordWriter};

    /// What scripts rely on.
    const PROMISED: &str = "participant,day_count,valid_day_count,sample_count,slope_ln_per_h,slope_se,\
        posterior_slope_ln_per_h,posterior_sd,probability_flat,reference_percentile,reliability,verdict,reasons";

    #[test]
    fn the_columns_begin_as_promised() {
        assert!(RecordWriter::header(COLUMNS, RecordFormat::Csv).starts_with(PROMISED));
    }

    #[test]
    fn a_row_has_a_cell_a_column() {
        let mut records = RecordWriter::new(COLUMNS, RecordFormat::Csv);
        let rhythm = v1::Rhythm {
            method: "person-posterior/1".to_owned(),
            ..Default::default()
        };
        write(&mut records, &rhythm);
        let row = String::from_utf8_lossy(&records.into_bytes()).into_owned();
        assert_eq!(row.matches(',').count() + 1, COLUMNS.len());
        assert!(row.ends_with(",person-posterior/1,\n"), "{row}");
    }

    #[test]
    fn verdicts_have_the_codes_of_the_core() {
        let verdicts = [
            (v1::Verdict::NotFlat, diel_core::Verdict::NotFlat),
            (
                v1::Verdict::Indeterminate,
                diel_core::Verdict::Indeterminate,
            ),
            (
                v1::Verdict::FlatForReview,
                diel_core::Verdict::FlatForReview,
            ),
            (
                v1::Verdict::InsufficientData,
                diel_core::Verdict::InsufficientData,
            ),
        ];
        for (message, core) in verdicts {
            let rhythm = v1::Rhythm {
                verdict: message.into(),
                ..Default::default()
            };
            assert_eq!(verdict_code(&rhythm), core.code());
        }
    }
}
