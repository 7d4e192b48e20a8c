//! A list of wells: a column of wells, and beside it what was read and what stands in them.

use diel_core::plate::{Dilution, Nominal, Well, WellRole};

use super::{block, roles};
use crate::column::{Name, fold};
use crate::error::ImportCause;
use crate::number;
use crate::plate::{Instrument, PlateExport, WellContent, WellReading};
use crate::sheet::{Sheet, SheetRow};

/// The header is looked for in the first so many rows.
const LOOKED_AT: usize = 40;

/// Headers of columns that say what stands in a well, folded; the others hold readings.
const WORDS: [&str; 22] = [
    "content",
    "layout",
    "sample",
    "samples",
    "sampleid",
    "sampleids",
    "name",
    "role",
    "type",
    "group",
    "plate",
    "replicate",
    "replicateinfo",
    "nominal",
    "conc",
    "concentration",
    "standardconc",
    "dilution",
    "dilutions",
    "wellrow",
    "wellcol",
    "remark",
];

/// Where a list has what.
pub(super) struct List {
    at: usize,
    wells: Wells,
    name: Option<usize>,
    role: Option<usize>,
    nominal: Option<usize>,
    dilution: Option<usize>,
    plate: Option<usize>,
    readings: Vec<(usize, String)>,
}

/// A column of wells, or one of letters and one of numbers.
enum Wells {
    Whole(usize),
    Parts(usize, usize),
}

/// A list of wells of no known program: it needs a column of readings.
pub(super) fn read(sheet: &Sheet) -> Result<Option<Vec<PlateExport>>, ImportCause> {
    let Some(list) = find(sheet) else {
        return Ok(None);
    };
    let is_reading = |name: &str| {
        let folded = fold(name);
        let is_wavelength = !folded.is_empty()
            && folded
                .trim_end_matches("nm")
                .bytes()
                .all(|byte| byte.is_ascii_digit());
        is_wavelength
            || ["od", "signal", "abs", "raw", "value", "rfu", "rlu"]
                .iter()
                .any(|word| folded.starts_with(word))
    };
    // A long table of results may name the wells as well.
    let is_long = list.readings.iter().any(|(_, name)| {
        [Name::Participant, Name::CollectedAt, Name::Specimen]
            .iter()
            .any(|long| long.is_named(name))
    });
    if is_long || !list.readings.iter().any(|(_, name)| is_reading(name)) {
        return Ok(None);
    }
    let mut plate = PlateExport::new(Instrument::List);
    list.add_to(&mut plate, sheet)?;
    Ok(Some(vec![plate]))
}

/// Whether a header's column holds words and no readings.
pub(super) fn is_word(header: &str) -> bool {
    WORDS.contains(&fold(header).as_str())
}

/// Finds the header of a list, and at least two wells below it.
pub(super) fn find(sheet: &Sheet) -> Option<List> {
    let rows = sheet.rows.iter().take(LOOKED_AT).enumerate();
    rows.filter_map(|(at, row)| List::of_header(at, row))
        .find(|list| {
            let rows = sheet.rows.iter().skip(list.at + 1);
            rows.filter(|row| list.well(row).is_some()).nth(1).is_some()
        })
}

impl List {
    fn of_header(at: usize, row: &SheetRow) -> Option<Self> {
        let folded: Vec<String> = row.cells.iter().map(|cell| fold(cell)).collect();
        let find = |words: &[&str]| {
            folded
                .iter()
                .position(|text| words.contains(&text.as_str()))
        };
        let wells = find(&["well", "wells", "wellpositions", "wellposition", "position"])
            .map(Wells::Whole)
            .or_else(|| {
                Some(Wells::Parts(
                    find(&["wellrow"])?,
                    find(&["wellcol", "wellcolumn"])?,
                ))
            })?;
        let is_well = |position: usize| match wells {
            Wells::Whole(well) => position == well,
            Wells::Parts(letter, number) => position == letter || position == number,
        };
        let readings = row.cells.iter().enumerate();
        let readings = readings
            .filter(|(position, text)| !text.is_empty() && !is_word(text) && !is_well(*position))
            .map(|(position, text)| (position, text.clone()))
            .collect();
        Some(Self {
            at,
            name: find(&[
                "content",
                "sample",
                "sampleid",
                "sampleids",
                "name",
                "layout",
            ]),
            role: find(&["role", "type"]),
            nominal: find(&["nominal", "standardconc", "conc", "concentration"]),
            dilution: find(&["dilution", "dilutions"]),
            plate: find(&["plate"]),
            wells,
            readings,
        })
    }

    fn well(&self, row: &SheetRow) -> Option<Well> {
        let cell = |at: usize| row.cells.get(at).map(String::as_str);
        match self.wells {
            Wells::Whole(at) => cell(at)?.parse().ok(),
            Wells::Parts(letter, number) => {
                format!("{}{}", cell(letter)?, cell(number)?).parse().ok()
            }
        }
    }

    /// Adds the wells to a plate. Rows without a well, such as one of temperatures, are none of them.
    pub(super) fn add_to(&self, plate: &mut PlateExport, sheet: &Sheet) -> Result<(), ImportCause> {
        for row in sheet.rows.iter().skip(self.at + 1) {
            let Some(well) = self.well(row) else {
                continue;
            };
            let cell = |at: Option<usize>| {
                at.and_then(|at| row.cells.get(at))
                    .map_or("", String::as_str)
            };
            for (at, name) in &self.readings {
                let signal = block::signal(row.line, well, cell(Some(*at)), sheet)?;
                plate.readings.extend(signal.map(|signal| WellReading {
                    well,
                    name: name.clone(),
                    signal,
                }));
            }
            if plate.plate.is_none() && !cell(self.plate).is_empty() {
                plate.plate = Some(cell(self.plate).to_owned());
            }
            let number = |at: Option<usize>| number::parse(cell(at), sheet.comma).ok();
            let name = cell(self.name);
            let role = role_of(
                cell(self.role),
                name,
                number(self.nominal),
                number(self.dilution),
            );
            plate.layout.extend(role.map(|role| WellContent {
                well,
                name: name.to_owned(),
                role,
            }));
        }
        Ok(())
    }
}

/// What a well is for: as the list says, else by its name. `None` where neither says.
pub(super) fn role_of(
    role: &str,
    name: &str,
    nominal: Option<f64>,
    dilution: Option<f64>,
) -> Option<WellRole> {
    let dilution = dilution
        .and_then(|factor| Dilution::new(factor).ok())
        .unwrap_or_default();
    match role.to_lowercase().as_str() {
        "" if name.is_empty() => None,
        "" => roles::role(name, nominal, dilution),
        "standard" | "std" | "calibrator" => {
            let nominal = Nominal::new(nominal?).ok()?;
            Some(WellRole::Standard { nominal })
        }
        "blank" | "blk" => Some(WellRole::Blank),
        "control" | "ctl" | "qc" => Some(WellRole::Control {
            name: name.to_owned(),
        }),
        "sample" | "unknown" | "specimen" => Some(WellRole::Sample {
            id: name.to_owned(),
            dilution,
        }),
        "empty" => Some(WellRole::Empty),
        _ => None,
    }
}
