//! Gen5 (BioTek, Agilent), text: keys and values, then blocks. In `Layout` and `Results` each row of the plate has several
//! lines, and behind the last column stands what the line holds: `Well ID`, `Conc/Dil`, `450nm:450`, `[Concentration]`.

use std::collections::BTreeMap;

use diel_core::plate::Well;

use super::block::{self, Block};
use super::replicates::{Replicate, together};
use super::roles;
use crate::error::ImportCause;
use crate::number;
use crate::plate::{Instrument, PlateExport, PlateResult, WellContent};
use crate::sheet::{Sheet, SheetRow};

/// Keys that begin a Gen5 export.
const KEYS: [&str; 4] = [
    "Software Version",
    "Experiment File Path:",
    "Protocol File Path:",
    "Reader Serial Number:",
];
/// The key that begins a plate.
const PLATE: &str = "Plate Number";

/// What is gathered of one plate.
struct Gathered<'a> {
    export: PlateExport,
    names: BTreeMap<Well, &'a str>,
    numbers: BTreeMap<Well, f64>,
    concentrations: BTreeMap<Well, (u64, &'a str)>,
    /// Whether the concentrations are those of the tube already.
    is_adjusted: bool,
}

pub(super) fn read(sheet: &Sheet) -> Result<Option<Vec<PlateExport>>, ImportCause> {
    let is_it = |row: &SheetRow| {
        row.cells
            .first()
            .is_some_and(|key| KEYS.contains(&key.as_str()))
    };
    let keys = sheet.rows.iter().take(40).filter(|row| is_it(row)).count();
    if keys < 2 {
        return Ok(None);
    }
    let mut plates: Vec<Gathered<'_>> = vec![Gathered::new()];
    let mut at = 0;
    let mut next = block::next(sheet, 0);
    while let Some(row) = sheet.rows.get(at) {
        if let Some(block) = next.take_if(|block| block.at == at) {
            if let Some(plate) = plates.last_mut() {
                plate.take(&block, sheet)?;
            }
            at = block.end;
            next = block::next(sheet, at);
            continue;
        }
        let is_new = row.cells.first().is_some_and(|key| key == PLATE);
        if is_new && plates.last().is_some_and(|plate| !plate.is_empty()) {
            plates.push(Gathered::new());
        }
        if let Some(plate) = plates.last_mut() {
            plate.take_key(row);
        }
        at += 1;
    }
    plates.retain(|plate| !plate.is_empty());
    if plates.is_empty() {
        return Err(ImportCause::NoPlate {
            instrument: Instrument::Gen5.name(),
        });
    }
    Ok(Some(
        plates
            .into_iter()
            .map(|plate| plate.finish(sheet))
            .collect(),
    ))
}

impl<'a> Gathered<'a> {
    const fn new() -> Self {
        Self {
            export: PlateExport::new(Instrument::Gen5),
            names: BTreeMap::new(),
            numbers: BTreeMap::new(),
            concentrations: BTreeMap::new(),
            is_adjusted: false,
        }
    }

    fn is_empty(&self) -> bool {
        self.export.readings.is_empty()
    }

    fn take_key(&mut self, row: &SheetRow) {
        let value = row.cells.get(1).filter(|value| !value.is_empty());
        match (row.cells.first().map(String::as_str), value) {
            (Some(PLATE), Some(value)) => self.export.plate = Some(value.clone()),
            (Some("Date"), Some(value)) => self.export.read_at = Some(value.clone()),
            (Some("Time"), Some(value)) => {
                let date = self.export.read_at.take().unwrap_or_default();
                self.export.read_at = Some(format!("{date} {value}").trim().to_owned());
            }
            _ => {}
        }
    }

    fn take(&mut self, block: &Block<'a>, sheet: &Sheet) -> Result<(), ImportCause> {
        for line in &block.lines {
            match kind(line.name) {
                Line::Name => {
                    let names = line.wells().filter(|(_, cell)| !cell.is_empty());
                    self.names.extend(names);
                }
                Line::Number => {
                    let numbers = line.wells().filter_map(|(well, cell)| {
                        Some((well, number::parse(cell, sheet.comma).ok()?))
                    });
                    self.numbers.extend(numbers);
                }
                Line::Concentration { is_adjusted } => {
                    // The concentration of the tube wins over that of the well.
                    if self.is_adjusted && !is_adjusted {
                        continue;
                    }
                    if is_adjusted && !self.is_adjusted {
                        self.concentrations.clear();
                        self.is_adjusted = true;
                    }
                    let wells = line.wells().filter(|(_, cell)| !cell.is_empty());
                    self.concentrations
                        .extend(wells.map(|(well, cell)| (well, (line.line, cell))));
                }
                Line::Reading => {
                    let readings = line.readings(line.name, sheet)?;
                    self.export.readings.extend(readings);
                }
            }
        }
        Ok(())
    }

    fn finish(mut self, sheet: &Sheet) -> PlateExport {
        for (well, name) in &self.names {
            let number = self.numbers.get(well).copied();
            let dilution = roles::dilution_of_part(number);
            if let Some(role) = roles::role(name, number, dilution) {
                self.export.layout.push(WellContent {
                    well: *well,
                    name: (*name).to_owned(),
                    role,
                });
            }
        }
        let mut samples: Vec<(&str, f64, u64, Vec<Replicate>)> = Vec::new();
        for content in &self.export.layout {
            let diel_core::plate::WellRole::Sample { dilution, .. } = &content.role else {
                continue;
            };
            let Some((line, text)) = self.concentrations.get(&content.well) else {
                continue;
            };
            let replicate = Replicate {
                well: content.well,
                text: (*text).to_owned(),
            };
            match samples.iter_mut().find(|(name, ..)| *name == content.name) {
                Some((.., wells)) => wells.push(replicate),
                None => samples.push((&content.name, dilution.factor(), *line, vec![replicate])),
            }
        }
        self.export.results = samples
            .into_iter()
            .map(|(name, dilution, line, wells)| {
                let by = if self.is_adjusted { 1.0 } else { dilution };
                let result = together(&wells, by, sheet.comma);
                PlateResult {
                    line,
                    sample: name.to_owned(),
                    wells: wells.iter().map(|replicate| replicate.well).collect(),
                    concentration: result.concentration,
                    unit: None,
                    replicate_count: result.count,
                    replicate_cv_percent: result.cv_percent,
                    dilution,
                }
            })
            .collect();
        self.export
    }
}

/// What a line of a block holds.
enum Line {
    Name,
    /// The concentration of a standard, or the part of a sample.
    Number,
    Concentration {
        /// Of the tube, the dilution taken into account.
        is_adjusted: bool,
    },
    Reading,
}

fn kind(name: &str) -> Line {
    let folded: String = name
        .chars()
        .filter(|character| character.is_ascii_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    match folded.as_str() {
        "wellid" | "name" => Line::Name,
        "concdil" => Line::Number,
        "concxdil" => Line::Concentration { is_adjusted: true },
        "concentration" | "conc" => Line::Concentration { is_adjusted: false },
        _ => Line::Reading,
    }
}
