//! Tables that say what stands in the wells of a plate.

use diel_core::plate::Well;

use super::block;
use super::list::role_of;
use crate::column::fold;
use crate::error::ImportCause;
use crate::number;
use crate::plate::{SampleMap, SampleMapEntry};
use crate::sheet::{Sheet, SheetRow};

/// The header is looked for in the first so many rows.
const LOOKED_AT: usize = 20;

/// Reads a list or a grid.
pub(super) fn read(sheet: &Sheet) -> Result<SampleMap, ImportCause> {
    let header = sheet.rows.iter().take(LOOKED_AT).enumerate();
    let found = header.filter_map(|(at, row)| Columns::find(at, row)).next();
    match (found, block::next(sheet, 0)) {
        (Some(columns), _) => columns.read(sheet),
        (None, Some(block)) => Ok(of_grid(&block)),
        (None, None) => Err(ImportCause::NoSampleMap),
    }
}

/// Where a list has what.
struct Columns {
    at: usize,
    well: usize,
    sample: usize,
    role: Option<usize>,
    nominal: Option<usize>,
    dilution: Option<usize>,
    plate: Option<usize>,
    facts: Vec<(usize, String)>,
}

impl Columns {
    fn find(at: usize, row: &SheetRow) -> Option<Self> {
        let folded: Vec<String> = row.cells.iter().map(|cell| fold(cell)).collect();
        let find = |words: &[&str]| {
            folded
                .iter()
                .position(|text| words.contains(&text.as_str()))
        };
        let well = find(&["well", "wells", "position"])?;
        let sample = find(&[
            "specimen", "sample", "sampleid", "tube", "barcode", "id", "name",
        ])?;
        let role = find(&["role", "type"]);
        let nominal = find(&["nominal", "standardconc", "conc", "concentration"]);
        let dilution = find(&["dilution", "dilutionfactor"]);
        let plate = find(&["plate"]);
        let known = [Some(well), Some(sample), role, nominal, dilution, plate];
        let facts = row.cells.iter().enumerate();
        let facts = facts
            .filter(|(position, text)| !text.is_empty() && !known.contains(&Some(*position)))
            .map(|(position, text)| (position, text.clone()))
            .collect();
        Some(Self {
            at,
            well,
            sample,
            role,
            nominal,
            dilution,
            plate,
            facts,
        })
    }

    fn read(&self, sheet: &Sheet) -> Result<SampleMap, ImportCause> {
        let mut entries = Vec::new();
        for row in sheet.rows.iter().skip(self.at + 1) {
            let cell = |at: Option<usize>| {
                at.and_then(|at| row.cells.get(at))
                    .map_or("", String::as_str)
            };
            let text = cell(Some(self.well));
            let well: Well = text.parse().map_err(|cause| ImportCause::MapWell {
                line: row.line,
                cause,
            })?;
            let name = cell(Some(self.sample));
            let number = |at: Option<usize>| number::parse(cell(at), sheet.comma).ok();
            let role = cell(self.role);
            let role = role_of(role, name, number(self.nominal), number(self.dilution));
            let role = match role {
                Some(role) => role,
                None if name.is_empty() && cell(self.role).is_empty() => continue,
                None => {
                    return Err(ImportCause::MapRole {
                        line: row.line,
                        well,
                        role: cell(self.role).to_owned(),
                        name: name.to_owned(),
                    });
                }
            };
            entries.push(SampleMapEntry {
                plate: Some(cell(self.plate).to_owned()).filter(|plate| !plate.is_empty()),
                well,
                name: name.to_owned(),
                role,
                facts: self
                    .facts
                    .iter()
                    .map(|(at, _)| cell(Some(*at)).to_owned())
                    .collect(),
            });
        }
        Ok(SampleMap {
            fact_names: self.facts.iter().map(|(_, name)| name.clone()).collect(),
            entries,
        })
    }
}

/// A grid of ids. A standard in it has no concentration, and stays what the export says it is.
fn of_grid(block: &block::Block<'_>) -> SampleMap {
    let wells = block.lines.iter().flat_map(|line| line.wells());
    let entries = wells.filter_map(|(well, cell)| {
        Some(SampleMapEntry {
            plate: None,
            well,
            name: cell.to_owned(),
            role: role_of("", cell, None, None)?,
            facts: Vec::new(),
        })
    });
    SampleMap {
        fact_names: Vec::new(),
        entries: entries.collect(),
    }
}
