//! A block of wells as a grid: a row of column numbers, and rows that begin with their letter.

use diel_core::plate::Well;

use crate::error::ImportCause;
use crate::plate::{Instrument, PlateExport, Signal, WellReading};
use crate::sheet::{Sheet, SheetRow};

/// A grid of fewer columns than this may be any table.
const FEWEST_COLUMNS: usize = 3;

/// A grid and what stands around it.
pub(super) struct Block<'a> {
    /// Where in the sheet its header row stands.
    pub(super) at: usize,
    /// Where the first row behind it stands.
    pub(super) end: usize,
    pub(super) lines: Vec<BlockLine<'a>>,
}

/// One line of cells of one row of the plate; a row may have several, one below the other.
pub(super) struct BlockLine<'a> {
    pub(super) line: u64,
    /// The row of the plate, from 1.
    row: u32,
    first_column: u32,
    cells: &'a [String],
    /// What stands behind the last column: in Gen5, what the line holds.
    pub(super) name: &'a str,
}

impl<'a> BlockLine<'a> {
    /// The wells and their cells.
    pub(super) fn wells(&self) -> impl Iterator<Item = (Well, &'a str)> {
        let row = self.row;
        let numbered = (self.first_column..).zip(self.cells);
        numbered
            .filter_map(move |(column, cell)| Some((Well::new(row, column).ok()?, cell.as_str())))
    }

    /// The readings of the wells that have one.
    pub(super) fn readings(
        &self,
        name: &str,
        sheet: &Sheet,
    ) -> Result<Vec<WellReading>, ImportCause> {
        let mut readings = Vec::new();
        for (well, cell) in self.wells() {
            if let Some(signal) = signal(self.line, well, cell, sheet)? {
                readings.push(WellReading {
                    well,
                    name: name.to_owned(),
                    signal,
                });
            }
        }
        Ok(readings)
    }
}

/// What was read in a well.
pub(super) fn signal(
    line: u64,
    well: Well,
    cell: &str,
    sheet: &Sheet,
) -> Result<Option<Signal>, ImportCause> {
    Signal::parse(cell, sheet.comma).map_err(|error| ImportCause::WellReading {
        line,
        well,
        value: cell.to_owned(),
        rule: error.to_string(),
    })
}

/// The next block at or behind a row.
pub(super) fn next(sheet: &Sheet, from: usize) -> Option<Block<'_>> {
    (from..sheet.rows.len()).find_map(|at| block_at(sheet, at))
}

/// The block whose header row stands there.
fn block_at(sheet: &Sheet, at: usize) -> Option<Block<'_>> {
    let (first_column, count) = column_numbers(sheet.rows.get(at)?)?;
    let mut lines: Vec<BlockLine<'_>> = Vec::new();
    let mut end = at + 1;
    while let Some(line) = sheet.rows.get(end) {
        let letter = line.cells.first().map_or("", String::as_str);
        let row = match (row_of(letter), lines.last()) {
            (Some(row), before) if before.is_none_or(|before| row > before.row) => row,
            (None, Some(before)) if letter.is_empty() => before.row,
            _ => break,
        };
        let cells = line.cells.get(1..).unwrap_or_default();
        let name = cells.get(count).map_or("", String::as_str);
        lines.push(BlockLine {
            line: line.line,
            row,
            first_column,
            cells: cells.get(..count.min(cells.len())).unwrap_or_default(),
            name,
        });
        end += 1;
    }
    (!lines.is_empty()).then_some(Block { at, end, lines })
}

/// The first number and how many, if a row holds consecutive column numbers behind its first cell.
fn column_numbers(row: &SheetRow) -> Option<(u32, usize)> {
    let (corner, rest) = row.cells.split_first()?;
    if !matches!(corner.as_str(), "" | "<>" | "Row" | "row") {
        return None;
    }
    let first: u32 = rest.first()?.parse().ok()?;
    let count = rest
        .iter()
        .zip(first..)
        .take_while(|(cell, number)| cell.parse() == Ok(*number))
        .count();
    (first >= 1 && count >= FEWEST_COLUMNS && rest.len() <= count + 1).then_some((first, count))
}

/// The number of a row by its letters, from 1.
pub(super) fn row_of(letters: &str) -> Option<u32> {
    if !(1..=2).contains(&letters.len()) || !letters.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let well: Well = format!("{letters}1").parse().ok()?;
    Some(u32::from(well.row()))
}

/// Grids alone: one plate, a reading a grid, named by the text above it.
pub(super) fn read_alone(sheet: &Sheet) -> Result<Option<Vec<PlateExport>>, ImportCause> {
    let Some(first) = next(sheet, 0) else {
        return Ok(None);
    };
    let mut plate = PlateExport::new(Instrument::Grid);
    let mut found = Some(first);
    while let Some(block) = found {
        let above = block.at.checked_sub(1).and_then(|at| sheet.rows.get(at));
        let title = above
            .filter(|row| row.cells.len() == 1)
            .and_then(|row| row.cells.first());
        let name = title.map_or("signal", String::as_str);
        for line in &block.lines {
            plate.readings.extend(line.readings(name, sheet)?);
        }
        found = next(sheet, block.end);
    }
    Ok(Some(vec![plate]))
}
