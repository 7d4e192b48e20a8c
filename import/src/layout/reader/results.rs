//! What an instrument computed of samples, as rows of a long table.

use diel_core::Unit;
use diel_core::plate::WellRole;

use super::roles::is_numbered;
use crate::error::ImportCause;
use crate::layout::{Unfolded, UnfoldedRow};
use crate::plate::{PlateExport, PlateResult, SampleMap};
use crate::records::Place;
use crate::unit::concentration_header;

/// A row a sample, its specimen named by the map or, where the export has ids of its own, by the export.
///
/// # Errors
/// The export has no concentrations, or nothing says which tube a sample was.
pub(crate) fn unfold(
    plates: &[PlateExport],
    map: Option<&SampleMap>,
) -> Result<Unfolded, ImportCause> {
    let instrument = plates.first().map_or("", |plate| plate.instrument.name());
    let results = || {
        plates
            .iter()
            .flat_map(|plate| plate.results.iter().map(move |result| (plate, result)))
    };
    if results().next().is_none() {
        return Err(ImportCause::PlateWithoutResults { instrument });
    }
    if map.is_none()
        && let Some((_, result)) = results().next()
        && results().all(|(_, result)| is_numbered(&result.sample))
    {
        return Err(ImportCause::SampleMapNeeded {
            instrument,
            sample: result.sample.clone(),
        });
    }
    let unit = one_unit(plates);
    let mut header: Vec<String> = [
        "specimen",
        "plate",
        "well",
        "replicate_count",
        "replicate_cv_percent",
        concentration_header(unit),
    ]
    .map(str::to_owned)
    .to_vec();
    header.extend(map.iter().flat_map(|map| map.fact_names.iter().cloned()));
    let mut rows = Vec::new();
    for (plate, result) in results() {
        let Some((specimen, facts)) = tube(plate, result, map)? else {
            continue;
        };
        let mut cells = vec![
            specimen,
            plate.plate.clone().unwrap_or_default(),
            result
                .wells
                .first()
                .map(ToString::to_string)
                .unwrap_or_default(),
            if result.replicate_count == 0 {
                String::new()
            } else {
                result.replicate_count.to_string()
            },
            result
                .replicate_cv_percent
                .map(|percent| percent.to_string())
                .unwrap_or_default(),
            result.concentration.clone(),
        ];
        cells.extend(facts);
        rows.push(UnfoldedRow {
            place: Place::line(result.line),
            cells,
        });
    }
    let diluted = results()
        .filter(|(_, result)| result.dilution != 1.0)
        .count();
    Ok(Unfolded {
        reading: format!(
            "the export of a plate reader, {instrument}: {} plates, {} samples with concentrations that it computed, \
             {diluted} of them diluted, which is taken into account",
            plates.len(),
            results().count()
        ),
        header,
        rows,
    })
}

/// The tube of a sample and what the map says of it; `None` where the map says that its wells hold no sample.
fn tube(
    plate: &PlateExport,
    result: &PlateResult,
    map: Option<&SampleMap>,
) -> Result<Option<(String, Vec<String>)>, ImportCause> {
    let Some(map) = map else {
        return Ok(Some((result.sample.clone(), Vec::new())));
    };
    let entries: Vec<_> = result
        .wells
        .iter()
        .map(|well| map.of_well(plate.plate.as_deref(), *well))
        .collect();
    let first = entries.first().copied().flatten();
    let is_one = entries
        .iter()
        .all(|entry| entry.map(|entry| &entry.name) == first.map(|entry| &entry.name));
    match first {
        _ if !is_one => Err(ImportCause::SampleOfSeveralTubes {
            sample: result.sample.clone(),
        }),
        None => Err(ImportCause::SampleNotInMap {
            sample: result.sample.clone(),
            well: result.wells.first().copied(),
        }),
        Some(entry) => match &entry.role {
            WellRole::Sample { id, .. } => Ok(Some((id.clone(), entry.facts.clone()))),
            _ => Ok(None),
        },
    }
}

/// The unit that all results have.
fn one_unit(plates: &[PlateExport]) -> Option<Unit> {
    let mut units = plates
        .iter()
        .flat_map(|plate| plate.results.iter().map(|result| result.unit));
    let first = units.next()??;
    units.all(|unit| unit == Some(first)).then_some(first)
}
