//! What the fit makes of each row, as CSV.

use diel_core::formula::Prepared;
use diel_core::mixed::{MixedFit, diagnostics};

use crate::output::{Column, Destination, Format, RecordWriter, Records};

const COLUMNS: &[Column] = &[
    Column::new("row"),
    Column::new("response"),
    Column::new("population"),
    Column::new("fitted"),
    Column::new("residual"),
    Column::new("standardized"),
    Column::new("weight"),
];

pub(super) fn write(
    destination: &Destination,
    prepared: &Prepared,
    fit: &MixedFit,
) -> anyhow::Result<()> {
    let design = &prepared.design;
    let mut records = RecordWriter::new(COLUMNS, Format::Csv);
    let diagnostics = diagnostics(design, fit)?;
    for (index, (row, response)) in diagnostics.iter().zip(&design.parts().response).enumerate() {
        let number = prepared.rows.as_ref().and_then(|rows| rows.get(index));
        records.text(&number.copied().unwrap_or(index + 1).to_string());
        for value in [
            *response,
            row.population,
            row.fitted,
            row.residual,
            row.standardized,
            row.weight,
        ] {
            records.maybe(Some(value));
        }
        records.end_row();
    }
    destination.write_csv(COLUMNS, records)
}
