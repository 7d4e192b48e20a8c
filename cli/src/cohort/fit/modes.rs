//! The conditional modes as CSV, one row a level and coefficient.

use diel_core::mixed::{Design, MixedFit, Modes, conditional_modes};

use crate::output::{Column, Destination, Format, RecordWriter, Records};

const COLUMNS: &[Column] = &[
    Column::new("group"),
    Column::new("level"),
    Column::new("term"),
    Column::new("mode"),
    Column::new("sd"),
];

pub(super) fn write(
    destination: &Destination,
    design: &Design,
    fit: &MixedFit,
) -> anyhow::Result<()> {
    let mut records = RecordWriter::new(COLUMNS, Format::Csv);
    for modes in conditional_modes(design, fit)? {
        write_term(&mut records, &modes);
    }
    destination.write_csv(COLUMNS, records)
}

fn write_term(records: &mut RecordWriter, modes: &Modes) {
    let width = modes.terms.len();
    let levels = modes.levels.iter();
    for ((level, of_level), covariance) in
        levels.zip(modes.mode.rows()).zip(modes.covariance.rows())
    {
        // The diagonal of a matrix that is written row by row.
        let variances = covariance.iter().step_by(width + 1);
        for ((term, mode), variance) in modes.terms.iter().zip(of_level).zip(variances) {
            records.text(&modes.group);
            records.text(level);
            records.text(term);
            records.maybe(Some(*mode));
            records.maybe(Some(variance.max(0.0).sqrt()));
            records.end_row();
        }
    }
}
