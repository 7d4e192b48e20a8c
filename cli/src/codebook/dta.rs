//! A table in CSV as a dataset of Stata.

use std::collections::HashMap;
use std::io::Read;

use anyhow::Context as _;
use diel_core::Absence;
use diel_interchange::stata::{self, Dataset, Missing, Values};
use diel_server::table::codebook::{Kind, Variable};
use jiff::civil::{Date, date};

use super::{label, with_reasons};
use crate::output::FLAG_NOTE;

/// Stata counts days from here.
const FIRST_DAY: Date = date(1960, 1, 1);

/// Reads a table and makes its dataset, variables in the order of the codebook.
///
/// # Errors
/// The table is not CSV, has other columns, or a cell is not what its column holds; with line, column, value and rule.
pub(super) fn dataset(
    name: &str,
    variables: &[Variable],
    csv: impl Read,
) -> anyhow::Result<Dataset> {
    let mut reader = csv::Reader::from_reader(csv);
    let places = places(variables, reader.headers().context("the table is no CSV")?)?;
    let with_reasons = with_reasons(variables);
    let absences = variables
        .iter()
        .position(|variable| variable.name == "absences")
        .and_then(|position| places.get(position).copied());
    let mut columns: Vec<Values> = variables.iter().map(empty).collect();
    for record in reader.records() {
        let record = record.context("the table is no CSV")?;
        let line = record.position().map_or(0, csv::Position::line);
        let reasons = absences
            .and_then(|place| record.get(place))
            .unwrap_or_default();
        let reasons: HashMap<&str, &str> = reasons
            .split(';')
            .filter_map(|one| one.split_once(':'))
            .collect();
        for ((variable, place), values) in variables.iter().zip(&places).zip(&mut columns) {
            let cell = record.get(*place).unwrap_or_default();
            let missing = reasons
                .get(variable.name)
                .filter(|_| with_reasons.contains(&variable.name))
                .and_then(|reason| {
                    Absence::ALL
                        .iter()
                        .position(|absence| absence.code() == *reason)
                })
                .and_then(Missing::extended)
                .unwrap_or(Missing::SYSTEM);
            push(values, cell, missing).map_err(|rule| {
                anyhow::anyhow!("line {line}: {} `{cell}`: {rule}", variable.name)
            })?;
        }
    }
    let columns = variables
        .iter()
        .zip(columns)
        .map(|(variable, values)| stata::Variable {
            name: variable.name.to_owned(),
            label: label(variable),
            unit: variable.unit.to_owned(),
            values,
            has_reasons: with_reasons.contains(&variable.name),
        });
    let missing = if with_reasons.is_empty() {
        Vec::new()
    } else {
        let coded = Absence::ALL.iter().enumerate();
        let coded = coded
            .filter_map(|(at, absence)| Some((Missing::extended(at)?, absence.code().to_owned())));
        coded.collect()
    };
    Ok(Dataset::new(
        format!("diel {name}"),
        FLAG_NOTE,
        columns.collect(),
        missing,
    )?)
}

/// Where each variable stands in the table.
fn places(variables: &[Variable], header: &csv::StringRecord) -> anyhow::Result<Vec<usize>> {
    anyhow::ensure!(
        header.len() == variables.len(),
        "the table has {} columns where the codebook has {}; make it with --format csv of the same version",
        header.len(),
        variables.len()
    );
    let place = |variable: &Variable| {
        let place = header.iter().position(|name| name == variable.name);
        place.with_context(|| format!("the table has no column {}", variable.name))
    };
    variables.iter().map(place).collect()
}

fn empty(variable: &Variable) -> Values {
    match variable.kind {
        Kind::Text(_) | Kind::Truth => Values::Text(Vec::new()),
        Kind::Date => Values::Days(Vec::new()),
        Kind::Count | Kind::Number => Values::Numbers(Vec::new()),
    }
}

/// Adds a cell; the error is the rule that it breaks.
fn push(values: &mut Values, cell: &str, missing: Missing) -> Result<(), &'static str> {
    match values {
        Values::Text(values) => values.push(cell.to_owned()),
        Values::Numbers(values) => values.push(match cell {
            "" => Err(missing),
            cell => Ok(cell.parse::<f64>().map_err(|_| "is no number")?),
        }),
        Values::Days(values) => values.push(match cell {
            "" => Err(missing),
            cell => Ok(days(cell).ok_or("is no date, YYYY-MM-DD")?),
        }),
    }
    Ok(())
}

fn days(cell: &str) -> Option<i32> {
    let day: Date = cell.parse().ok()?;
    Some(FIRST_DAY.until(day).ok()?.get_days())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[Variable] = &[
        variable("participant", Kind::Text(256), "", "Participant's code"),
        variable(
            "sampling_date",
            Kind::Date,
            "",
            "Local date of the awakening",
        ),
        variable("bed_nmol_per_l", Kind::Number, "nmol/L", "Evening sample"),
        variable("absences", Kind::Text(2000), "", "FEATURE:REASON"),
    ];

    const fn variable(
        name: &'static str,
        kind: Kind,
        unit: &'static str,
        label: &'static str,
    ) -> Variable {
        Variable {
            name,
            kind,
            unit,
            label,
        }
    }

    fn read(csv: &str) -> Result<Vec<u8>, String> {
        let dataset = dataset("profiles", TABLE, csv.as_bytes());
        dataset
            .map(|dataset| dataset.to_bytes())
            .map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn days_count_from_1960() {
        assert_eq!(days("1960-01-01"), Some(0));
        // Stata: display td(01mar2026) is 24166.
        assert_eq!(days("2026-03-01"), Some(24_166));
        assert_eq!(days("1959-12-31"), Some(-1));
        assert_eq!(days("1.3.2026"), None);
    }

    #[test]
    fn an_absent_number_has_the_letter_of_its_reason() {
        let bytes = read(
            "absences,participant,sampling_date,bed_nmol_per_l\n,A,2026-03-01,1.5\nbed_nmol_per_l:few_times,B,2026-03-01,\n",
        );
        let bytes = bytes.unwrap_or_default();
        // .j is the tenth letter: 7fe00a0000000000.
        let letter = 0x7fe0_0a00_0000_0000_u64.to_le_bytes();
        for part in [
            &letter[..],
            &1.5_f64.to_le_bytes(),
            &24_166_f64.to_le_bytes(),
            b"few_times\0",
        ] {
            assert!(
                bytes.windows(part.len()).any(|window| window == part),
                "{part:?}"
            );
        }
    }

    #[test]
    fn what_is_not_the_table_is_named() {
        let header = "participant,sampling_date,bed_nmol_per_l,absences";
        for (csv, said) in [
            (
                format!("{header}\nA,2026-03-01,low,\n"),
                "line 2: bed_nmol_per_l `low`: is no number",
            ),
            (
                format!("{header}\nA,yesterday,1,\n"),
                "line 2: sampling_date `yesterday`: is no date, YYYY-MM-DD",
            ),
            (
                header.replace("bed", "bad"),
                "the table has no column bed_nmol_per_l",
            ),
            (
                format!("{header},more"),
                "the table has 5 columns where the codebook has 4; make it with --format csv of the same version",
            ),
        ] {
            assert_eq!(read(&csv).err().as_deref(), Some(said));
        }
    }
}
