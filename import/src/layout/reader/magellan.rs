//! Magellan (Tecan), workbook: wells as rows below `Well positions`, or as columns beside it; temperatures such as
//! `24.8 °C` among the headers, blank rows, and below them when and how the plate was read.

use diel_core::plate::Well;

use super::{block, list};
use crate::error::ImportCause;
use crate::plate::{Instrument, PlateExport, WellReading};
use crate::sheet::{Sheet, SheetRow};

/// The header of the wells.
const WELLS: &str = "Well positions";
const DATE: &str = "Date of measurement:";
const TIME: &str = "Time of measurement:";

pub(super) fn read(sheet: &Sheet) -> Result<Option<Vec<PlateExport>>, ImportCause> {
    let texts = || sheet.rows.iter().flat_map(|row| &row.cells);
    let is_it = texts().any(|cell| cell == WELLS || cell.starts_with(DATE));
    if !is_it {
        return Ok(None);
    }
    let mut plate = PlateExport::new(Instrument::Magellan);
    plate.read_at = texts().find(|cell| cell.starts_with(DATE)).map(|cell| {
        let cell = cell.replace('/', " ").replace(DATE, "").replace(TIME, "");
        cell.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    if let Some(found) = list::find(sheet) {
        found.add_to(&mut plate, sheet)?;
    } else if let Some(at) = sheet
        .rows
        .iter()
        .position(|row| row.cells.first().is_some_and(|cell| cell == WELLS))
    {
        plate.readings = of_columns(sheet, at)?;
    } else if let Some(block) = block::next(sheet, 0) {
        for line in &block.lines {
            plate.readings.extend(line.readings("Raw data", sheet)?);
        }
    }
    if plate.readings.is_empty() {
        return Err(ImportCause::NoPlate {
            instrument: Instrument::Magellan.name(),
        });
    }
    Ok(Some(vec![plate]))
}

/// Wells as columns: below them a row a reading, its name in the first cell.
fn of_columns(sheet: &Sheet, at: usize) -> Result<Vec<WellReading>, ImportCause> {
    let mut readings = Vec::new();
    let Some((header, rows)) = sheet.rows.get(at..).and_then(<[SheetRow]>::split_first) else {
        return Ok(readings);
    };
    let wells: Vec<(usize, Well)> = header
        .cells
        .iter()
        .enumerate()
        .filter_map(|(at, text)| Some((at, text.parse().ok()?)))
        .collect();
    for row in rows {
        let name = row.cells.first().map_or("", String::as_str);
        let holds_words = name.is_empty() || list::is_word(name);
        if holds_words || row.cells.len() < 2 {
            continue;
        }
        for &(at, well) in &wells {
            let cell = row.cells.get(at).map_or("", String::as_str);
            if let Some(signal) = block::signal(row.line, well, cell, sheet)? {
                readings.push(WellReading {
                    well,
                    name: name.to_owned(),
                    signal,
                });
            }
        }
    }
    Ok(readings)
}
