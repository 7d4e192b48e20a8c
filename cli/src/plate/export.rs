//! The export of a plate reader as a list of wells.

use anyhow::bail;
use diel_core::calibration::Reading;
use diel_import::{
    ImportOptions, ListedWell, PlateExport, SampleMap, Signal, WellList, read_plates,
    read_sample_map,
};

use super::{PlateArguments, Wells};

/// Reads one plate and one reading of each of its wells.
pub(super) fn read(arguments: &PlateArguments) -> anyhow::Result<Wells> {
    let options = ImportOptions {
        samples: arguments.samples.clone(),
        ..ImportOptions::default()
    };
    let plates = read_plates(&arguments.wells, &options)?;
    let export = chosen(plates, arguments.plate.as_deref())?;
    let reading = reading(&export, arguments.reading.as_deref())?;
    let map = arguments.samples.as_deref().map(read_sample_map);
    let map = map.transpose()?;
    Ok(Wells {
        list: wells(&export, &reading),
        map: map.map(|map| mapped(&map, export.plate.as_deref())),
        plate: export.plate,
    })
}

fn chosen(mut plates: Vec<PlateExport>, name: Option<&str>) -> anyhow::Result<PlateExport> {
    if plates.len() > 1 {
        let names: Vec<String> = plates
            .iter()
            .map(|plate| format!("`{}`", plate.plate.as_deref().unwrap_or_default()))
            .collect();
        plates.retain(|plate| name.is_some() && plate.plate.as_deref() == name);
        if plates.len() != 1 {
            bail!(
                "the export has the plates {}: choose one with --plate",
                names.join(", ")
            );
        }
    }
    plates
        .pop()
        .ok_or_else(|| anyhow::anyhow!("the export has no plate"))
}

/// The name of the reading to take.
fn reading(export: &PlateExport, name: Option<&str>) -> anyhow::Result<String> {
    let names = export.reading_names();
    match (names.as_slice(), name) {
        ([], _) => bail!("the export has no readings of wells"),
        ([only], None) => Ok((*only).to_owned()),
        (names, Some(name)) if names.contains(&name) => Ok(name.to_owned()),
        (names, _) => bail!(
            "the export has the readings `{}`: choose one with --reading",
            names.join("`, `")
        ),
    }
}

fn wells(export: &PlateExport, reading: &str) -> WellList {
    let of_reading = export.readings.iter().filter(|read| read.name == reading);
    let wells = of_reading.map(|read| ListedWell {
        well: read.well,
        role: export
            .layout
            .iter()
            .find(|content| content.well == read.well)
            .map(|content| content.role.clone()),
        reading: Some(match read.signal {
            Signal::Value(value) => Reading::Response(value),
            Signal::Missing(reason) => Reading::Missing(reason),
        }),
        facts: Vec::new(),
    });
    WellList {
        fact_names: Vec::new(),
        wells: wells.collect(),
    }
}

fn mapped(map: &SampleMap, plate: Option<&str>) -> WellList {
    let wells = map.of_plate(plate).map(|entry| ListedWell {
        well: entry.well,
        role: Some(entry.role.clone()),
        reading: None,
        facts: entry.facts.clone(),
    });
    WellList {
        fact_names: map.fact_names.clone(),
        wells: wells.collect(),
    }
}
