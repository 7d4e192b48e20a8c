//! MARS (BMG Labtech), CSV: a preamble of `Key: value` cells, then the plate as a grid below `Raw Data (450)`, or a list of
//! wells with what stands in them.

use super::{block, list};
use crate::error::ImportCause;
use crate::plate::{Instrument, PlateExport};
use crate::sheet::Sheet;

/// The preamble stands in the first so many rows.
const LOOKED_AT: usize = 20;

pub(super) fn read(sheet: &Sheet) -> Result<Option<Vec<PlateExport>>, ImportCause> {
    let value = |key: &str| {
        let cells = sheet.rows.iter().take(LOOKED_AT).flat_map(|row| &row.cells);
        cells
            .filter_map(|cell| cell.strip_prefix(key))
            .map(str::trim)
            .find(|value| !value.is_empty())
            .map(str::to_owned)
    };
    let is_it = value("Test name:").is_some() || value("Test run no.:").is_some();
    if !is_it {
        return Ok(None);
    }
    let mut plate = PlateExport::new(Instrument::Mars);
    plate.plate = value("ID1:");
    // Dates stand in the order of the computer: 03/04/2026 may be either day.
    plate.read_at = match (value("Date:"), value("Time:")) {
        (Some(date), Some(time)) => Some(format!("{date} {time}")),
        (date, _) => date,
    };
    let mut found = block::next(sheet, 0);
    while let Some(block) = found {
        let above = block.at.checked_sub(1).and_then(|at| sheet.rows.get(at));
        let title = above.and_then(|row| row.cells.first());
        let name = title.map_or("Raw Data", String::as_str);
        for line in &block.lines {
            plate.readings.extend(line.readings(name, sheet)?);
        }
        found = block::next(sheet, block.end);
    }
    if plate.readings.is_empty()
        && let Some(found) = list::find(sheet)
    {
        found.add_to(&mut plate, sheet)?;
    }
    if plate.readings.is_empty() {
        return Err(ImportCause::NoPlate {
            instrument: Instrument::Mars.name(),
        });
    }
    Ok(Some(vec![plate]))
}
