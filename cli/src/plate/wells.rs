//! From lists of wells to wells with a role and a reading.

use anyhow::ensure;
use diel_core::calibration::PlateWell;
use diel_import::WellList;

/// The wells that were read and hold something; the map's word on what they hold comes before the list's own.
pub(super) fn of(list: &WellList, map: Option<&WellList>) -> anyhow::Result<Vec<PlateWell>> {
    let mut wells = Vec::new();
    let mut read = 0;
    for listed in &list.wells {
        let Some(reading) = listed.reading else {
            continue;
        };
        read += 1;
        let of_map = map.and_then(|map| map.wells.iter().find(|mapped| mapped.well == listed.well));
        let of_map = of_map.and_then(|mapped| mapped.role.as_ref());
        wells.extend(of_map.or(listed.role.as_ref()).map(|role| PlateWell {
            well: listed.well,
            role: role.clone(),
            reading,
        }));
    }
    ensure!(
        read > 0,
        "no well has a reading; it belongs into the column `od`"
    );
    ensure!(
        !wells.is_empty(),
        "nothing says what stands in the {read} wells that were read: write it into the columns role, sample and nominal, or \
         give a list of wells with --samples"
    );
    Ok(wells)
}
