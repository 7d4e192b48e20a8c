//! The predicted curve as CSV, one row a point.

use diel_core::formula::{Held, Prepared};
use diel_core::mixed::MixedFit;

use super::FitArguments;
use super::input::Input;
use crate::output::{self, Column, Destination, Format, RecordWriter, Records};

const COLUMNS: &[Column] = &[
    Column::new("along"),
    Column::new("value"),
    Column::new("mean"),
    Column::new("se"),
    Column::new("lower"),
    Column::new("upper"),
    Column::new("between_sd"),
    Column::new("group_lower"),
    Column::new("group_upper"),
];

pub(super) fn write(
    destination: &Destination,
    along: &str,
    arguments: &FitArguments,
    input: &Input,
    prepared: &Prepared,
    fit: &MixedFit,
) -> anyhow::Result<()> {
    let points = usize::try_from(arguments.points)?;
    let formula = &arguments.formula;
    let curve = formula.curve(input.frame(), prepared, along, points, &arguments.at)?;
    let held: Vec<String> = curve
        .held
        .iter()
        .map(|(column, at)| match at {
            Held::Number(number) => format!("{column} at {number}"),
            Held::Label(label) => format!("{column} at {label}"),
        })
        .collect();
    if !held.is_empty() {
        output::tell(&format!("note: the curve holds {}", held.join(", ")));
    }
    let mut records = RecordWriter::new(COLUMNS, Format::Csv);
    for (value, point) in curve.values.iter().zip(curve.predict(fit)) {
        records.text(along);
        for number in [
            *value,
            point.mean,
            point.se,
            point.lower,
            point.upper,
            point.between_sd,
            point.group_lower,
            point.group_upper,
        ] {
            records.maybe(Some(number));
        }
        records.end_row();
    }
    destination.write_csv(COLUMNS, records)
}
