//! The results as the long table that `diel submit` and `diel analyze` read.

use diel_core::calibration::Quantity;
use diel_core::{MissingReason, Outcome, Unit};
use diel_import::WellList;

use super::Calibrated;

const HEADER: [&str; 11] = [
    "specimen",
    "concentration",
    "unit",
    "plate",
    "well",
    "replicate_count",
    "replicate_cv_percent",
    "dilution",
    "standard_error",
    "interval_low",
    "interval_high",
];

/// A header and a row a sample; what else the list says of a sample stands behind.
pub(super) fn csv(calibrated: &Calibrated, list: &WellList, unit: Unit) -> anyhow::Result<Vec<u8>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let facts = list.fact_names.iter().map(String::as_str);
    table.write_record(HEADER.into_iter().chain(facts))?;
    for sample in calibrated.plate.reported() {
        let mut row = cells(sample, calibrated.name.as_deref(), unit);
        let first = list
            .wells
            .iter()
            .find(|listed| sample.wells.first() == Some(&listed.well));
        match first {
            Some(listed) => row.extend(listed.facts.iter().cloned()),
            None => row.extend(list.fact_names.iter().map(|_| String::new())),
        }
        table.write_record(row)?;
    }
    Ok(table.into_inner()?)
}

fn cells(sample: &Quantity, plate: Option<&str>, unit: Unit) -> Vec<String> {
    let number = |number: Option<f64>| number.map_or_else(String::new, |number| number.to_string());
    let interval = sample.interval;
    vec![
        sample.name.clone(),
        concentration(sample.outcome),
        unit.ucum().to_owned(),
        plate.unwrap_or_default().to_owned(),
        wells(sample),
        sample.replicates.to_string(),
        number(sample.cv_percent),
        sample.dilution.to_string(),
        number(interval.map(|interval| interval.standard_error)),
        number(interval.map(|interval| interval.lower)),
        number(interval.map(|interval| interval.upper)),
    ]
}

/// `A5 A6`.
pub(super) fn wells(sample: &Quantity) -> String {
    let wells: Vec<String> = sample.wells.iter().map(ToString::to_string).collect();
    wells.join(" ")
}

/// A number, a limit, or the word that files have for why there is none.
pub(super) fn concentration(outcome: Outcome) -> String {
    match outcome {
        Outcome::Value(value) => value.to_string(),
        Outcome::Below(limit) => format!("<{limit}"),
        Outcome::Above(limit) => format!(">{limit}"),
        Outcome::Missing(reason) => match reason {
            MissingReason::NoSample => "no sample",
            MissingReason::InsufficientVolume => "insufficient volume",
            MissingReason::RejectedByLab => "masked",
            MissingReason::InstrumentError => "instrument error",
            MissingReason::OutsideCurve => "outside curve",
        }
        .to_owned(),
    }
}
