//! A block `Plate:`: either wells as columns (`TimeFormat`) or the plate as a grid (`PlateFormat`), a grid a wavelength.

use diel_core::plate::Well;

use crate::error::ImportCause;
use crate::layout::reader::block::signal;
use crate::plate::{Instrument, PlateExport, WellReading};
use crate::sheet::{Sheet, SheetRow};

/// Where the head of a plate has what.
const NAME: usize = 1;
const FORMAT: usize = 3;
const READ_TYPE: usize = 4;
const MODE: usize = 5;
const WAVELENGTHS: usize = 15;
const FIRST_COLUMN: usize = 16;
const FIRST_ROW: usize = 19;
/// The wells stand behind time and temperature.
const FIRST_WELL: usize = 2;

/// Reads a plate of one reading a well; `None` for kinetic reads, spectra and scans, which say nothing about a result.
pub(super) fn read(block: &[SheetRow], sheet: &Sheet) -> Result<Option<PlateExport>, ImportCause> {
    let Some((head, rows)) = block.split_first() else {
        return Ok(None);
    };
    let cell = |at: usize| head.cells.get(at).map_or("", String::as_str);
    if cell(READ_TYPE) != "Endpoint" {
        return Ok(None);
    }
    let mut plate = PlateExport::new(Instrument::SoftMaxPro);
    plate.plate = Some(cell(NAME).to_owned()).filter(|name| !name.is_empty());
    let is_absorbance = cell(MODE) == "Absorbance";
    let wavelengths: Vec<&str> = if is_absorbance {
        cell(WAVELENGTHS).split_whitespace().collect()
    } else {
        Vec::new()
    };
    let number = |at: usize| {
        let number = cell(at).parse().ok().filter(|_| is_absorbance);
        number.filter(|number| *number >= 1).unwrap_or(1)
    };
    let Some((columns, rows)) = rows.split_first() else {
        return Ok(Some(plate));
    };
    plate.readings = if cell(FORMAT) == "TimeFormat" {
        of_wells(columns, rows, &wavelengths, sheet)?
    } else {
        let corner = (number(FIRST_ROW), number(FIRST_COLUMN));
        of_grid(columns, rows, &wavelengths, corner, sheet)?
    };
    Ok(Some(plate))
}

/// A row of wells, and below it a row of readings.
fn of_wells(
    columns: &SheetRow,
    rows: &[SheetRow],
    wavelengths: &[&str],
    sheet: &Sheet,
) -> Result<Vec<WellReading>, ImportCause> {
    let mut readings = Vec::new();
    let Some(row) = rows.first() else {
        return Ok(readings);
    };
    let mut index = 0;
    let mut previous: Option<Well> = None;
    for (text, cell) in columns.cells.iter().zip(&row.cells).skip(FIRST_WELL) {
        let Ok(well) = text.parse::<Well>() else {
            continue;
        };
        // The wells begin anew for the next wavelength.
        index += usize::from(previous.is_some_and(|previous| well <= previous));
        previous = Some(well);
        if let Some(signal) = signal(row.line, well, cell, sheet)? {
            readings.push(WellReading {
                well,
                name: name(wavelengths, index),
                signal,
            });
        }
    }
    Ok(readings)
}

/// A row of column numbers, and below it the rows of the plate. Grids of further wavelengths stand to the right.
fn of_grid(
    columns: &SheetRow,
    rows: &[SheetRow],
    wavelengths: &[&str],
    (first_row, first_column): (u32, u32),
    sheet: &Sheet,
) -> Result<Vec<WellReading>, ImportCause> {
    let mut places: Vec<(usize, usize, u32)> = Vec::new();
    let mut index = 0;
    let mut previous = 0;
    for (at, text) in columns.cells.iter().enumerate().skip(FIRST_WELL) {
        let Ok(number) = text.parse::<u32>() else {
            continue;
        };
        index += usize::from(number <= previous);
        previous = number;
        places.push((
            at,
            index,
            first_column.saturating_add(number).saturating_sub(1),
        ));
    }
    let mut readings = Vec::new();
    for line in rows {
        // Rows of the plate without a reading are blank lines, which no sheet keeps: the line's number tells the row.
        let below = line.line.saturating_sub(columns.line + 1);
        let Some(row) = u32::try_from(below)
            .ok()
            .and_then(|below| first_row.checked_add(below))
        else {
            continue;
        };
        for &(at, index, column) in &places {
            let cell = line.cells.get(at).map_or("", String::as_str);
            let Ok(well) = Well::new(row, column) else {
                continue;
            };
            if let Some(signal) = signal(line.line, well, cell, sheet)? {
                readings.push(WellReading {
                    well,
                    name: name(wavelengths, index),
                    signal,
                });
            }
        }
    }
    Ok(readings)
}

fn name(wavelengths: &[&str], index: usize) -> String {
    wavelengths.get(index).map_or_else(
        || "signal".to_owned(),
        |wavelength| format!("{wavelength} nm"),
    )
}
