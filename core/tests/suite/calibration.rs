//! Standard curves against R, by hand, and under noise whose truth is known.

mod dnase;
mod noise;
mod plates;
mod refusals;
mod samples;

use diel_core::calibration::{Curve, PlateWell, Reading};
use diel_core::plate::{Nominal, Well, WellRole};

fn well(row: usize, column: usize) -> Well {
    Well::new(
        u32::try_from(row).unwrap() + 1,
        u32::try_from(column).unwrap() + 1,
    )
    .unwrap()
}

fn standard(nominal: f64) -> WellRole {
    WellRole::Standard {
        nominal: Nominal::new(nominal).unwrap(),
    }
}

fn sample(id: &str) -> WellRole {
    WellRole::Sample {
        id: id.to_owned(),
        dilution: Default::default(),
    }
}

/// Contents one below the other from A1 on, the replicates of each side by side; after a column of wells come the next.
fn plate(contents: &[(WellRole, Vec<f64>)]) -> Vec<PlateWell> {
    let mut wells = Vec::new();
    for (number, (role, responses)) in contents.iter().enumerate() {
        for (replicate, response) in responses.iter().enumerate() {
            wells.push(PlateWell {
                well: well(number % 8, 2 * (number / 8) + replicate),
                role: role.clone(),
                reading: Reading::Response(*response),
            });
        }
    }
    wells
}

/// A competitive assay: less response for more.
const FALLING: Curve = Curve {
    zero_response: 2.2,
    infinite_response: 0.08,
    midpoint: 5.0,
    steepness: 1.1,
    asymmetry: 1.0,
};

/// Standards of an assay of cortisol in saliva, nmol/L.
const LEVELS: [f64; 7] = [0.0, 0.33, 1.0, 3.0, 9.0, 27.0, 82.0];
