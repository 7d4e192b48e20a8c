//! The table of fits: a row a fixed effect of each fit of the cohort that succeeded.

use diel_proto::v1;

use super::{Column, Records, instant, text_or_nothing};

/// The columns.
pub const COLUMNS: &[Column] = &[
    Column::new("fit"),
    Column::new("formula"),
    Column::new("criterion"),
    Column::new("group"),
    Column::new("term"),
    Column::new("estimate"),
    Column::new("se"),
    Column::new("df"),
    Column::new("t"),
    Column::new("p"),
    Column::new("lower"),
    Column::new("upper"),
    Column::new("observation_count"),
    Column::new("person_count"),
    Column::new("singular"),
    Column::new("input_digest"),
    Column::new("software_version"),
    Column::new("created_at"),
];

/// Hands over the cells of a fit's fixed effects; nothing of one that has no result.
pub fn write(records: &mut dyn Records, fit: &v1::Fit) {
    let Some(result) = &fit.result else {
        return;
    };
    let criterion = fit.criterion().as_str_name().to_lowercase();
    let created = fit.create_time.as_ref().and_then(instant::utc_text);
    for effect in &result.fixed {
        records.text(fit.name.rsplit('/').next().unwrap_or_default());
        records.text(&fit.formula);
        records.text(criterion.trim_start_matches("fit_criterion_"));
        text_or_nothing(records, &fit.group);
        records.text(&effect.term);
        for number in [
            Some(effect.estimate),
            effect.se,
            effect.df,
            effect.t,
            effect.p,
            effect.lower,
            effect.upper,
        ] {
            records.maybe(number);
        }
        records.integer(result.observation_count);
        records.integer(result.person_count.into());
        records.flag(result.singular);
        records.text(&result.input_digest);
        text_or_nothing(records, &result.software_version);
        text_or_nothing(records, created.as_deref().unwrap_or_default());
        records.end_row();
    }
}

#[cfg(test)]
mod tests {
    use diel_proto::v1;

    use super::{COLUMNS, write};
    use crate::table::{RecordFormat, RecordWriter};

    #[test]
    fn a_fit_has_a_row_an_effect_and_one_without_a_result_none() {
        let mut fit = v1::Fit {
            name: "studies/pilot/fits/01".to_owned(),
            formula: "log(cortisol) ~ hours".to_owned(),
            criterion: v1::FitCriterion::Reml.into(),
            ..Default::default()
        };
        let mut records = RecordWriter::new(COLUMNS, RecordFormat::Csv);
        write(&mut records, &fit);
        let effect = |term: &str, estimate| v1::FixedEffect {
            term: term.to_owned(),
            estimate,
            ..Default::default()
        };
        fit.result = Some(v1::FitResult {
            fixed: vec![effect("(Intercept)", 2.5), effect("hours", -0.125)],
            ..Default::default()
        });
        write(&mut records, &fit);
        let rows = String::from_utf8_lossy(&records.into_bytes()).into_owned();
        let rows: Vec<_> = rows.lines().collect();
        assert_eq!(rows.len(), 2, "{rows:?}");
        for (row, begins) in rows.iter().zip([
            "01,log(cortisol) ~ hours,reml,,(Intercept),2.5,,,",
            "01,log(cortisol) ~ hours,reml,,hours,-0.125,,,",
        ]) {
            assert!(row.starts_with(begins), "{row}");
            assert_eq!(row.matches(',').count() + 1, COLUMNS.len());
        }
    }
}
