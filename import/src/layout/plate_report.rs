//! A laboratory's report of plates, a row a tube: `plate`, `# on plate`, `dw l` twice (column number and row letter of the
//! well), `sample ID`, `cortisol (nmol/l)`, and often the variation of the replicates.
//!
//! The plate's number stands on its first row only. Ids such as `Vp01 T1 S1` say whose sample it is.

use std::sync::Arc;

use diel_core::plate::Well;

use super::identifier::{IdParts, parts_of};
use super::{Unfolded, UnfoldedRow};
use crate::column::fold;
use crate::options::ImportOptions;
use crate::records::Place;
use crate::sheet::{Sheet, SheetRow};
use crate::unit::is_concentration_with_unit;

/// The header is looked for in the first so many rows.
const LOOKED_AT: usize = 30;

/// Where what stands.
struct Columns {
    id: usize,
    concentration: usize,
    header: String,
    plate: Option<usize>,
    /// The parts of a well, or the well.
    well: Vec<usize>,
    cv_percent: Option<usize>,
}

/// Reads a sheet as a report of plates, if it has the header of one.
pub(super) fn recognise(sheet: &Sheet, options: &ImportOptions) -> Option<Unfolded> {
    let (at, columns) = sheet
        .rows
        .iter()
        .take(LOOKED_AT)
        .enumerate()
        .find_map(|(at, row)| Some((at, Columns::find(row)?)))?;
    let mut rows = Vec::new();
    let mut plate = String::new();
    let sheet_name: Option<Arc<str>> = (!sheet.name.is_empty()).then(|| sheet.name.as_str().into());
    let mut days = 0;
    for row in sheet.rows.iter().skip(at + 1) {
        let cell = |position: usize| row.cells.get(position).map_or("", String::as_str);
        if let Some(position) = columns.plate
            && !cell(position).is_empty()
        {
            cell(position).clone_into(&mut plate);
        }
        let (id, concentration) = (cell(columns.id), cell(columns.concentration));
        if id.is_empty() && concentration.is_empty() {
            continue;
        }
        let parts = match &options.sample_id {
            Some(pattern) => pattern.parts(id),
            None => parts_of(id),
        }
        .unwrap_or_default();
        days += usize::from(!parts.day.is_empty());
        rows.push(UnfoldedRow {
            place: Place {
                sheet: sheet_name.clone(),
                line: row.line,
                column: Some(columns.header.as_str().into()),
                refusal: None,
            },
            cells: columns.cells(row, id, parts, &plate, concentration),
        });
    }
    if days == 0 {
        // No id names a day: the column would be empty.
        for row in &mut rows {
            row.cells.remove(DAY);
        }
    }
    let mut header: Vec<String> = HEADER.map(str::to_owned).to_vec();
    header.push(columns.header.clone());
    if days == 0 {
        header.remove(DAY);
    }
    Some(Unfolded {
        reading: reading(&columns, options),
        header,
        rows,
    })
}

const HEADER: [&str; 8] = [
    "specimen",
    "participant",
    "day",
    "label",
    "plate",
    "well",
    "replicate_count",
    "replicate_cv_percent",
];
/// Laboratories that report a variation pipette in duplicate.
const DUPLICATES: &str = "2";
const DAY: usize = 2;

impl Columns {
    /// The columns, if a row is the header: an id of a sample, a concentration with its unit, and a plate or a well.
    fn find(row: &SheetRow) -> Option<Self> {
        let folded: Vec<String> = row.cells.iter().map(|cell| fold(cell)).collect();
        let at = |is_it: &dyn Fn(&str) -> bool| folded.iter().position(|text| is_it(text));
        let id = at(&|text| matches!(text, "sampleid" | "probe" | "probenid" | "probeid"))?;
        let concentration = at(&is_concentration_with_unit)?;
        let plate = at(&|text| matches!(text, "plate" | "platte" | "plateno" | "platenr"));
        let well: Vec<usize> = folded
            .iter()
            .enumerate()
            .filter(|(_, text)| matches!(text.as_str(), "dwl" | "well" | "row" | "column" | "col"))
            .map(|(position, _)| position)
            .collect();
        if plate.is_none() && well.is_empty() {
            return None;
        }
        Some(Self {
            id,
            concentration,
            header: row.cells.get(concentration)?.clone(),
            plate,
            well,
            cv_percent: at(&|text| {
                matches!(
                    text.trim_end_matches(['%', ')', ']'])
                        .trim_end_matches(['(', '[']),
                    "cv" | "cvintra" | "intracv" | "vk" | "%cv" | "cvpercent" | "cvinpercent"
                )
            }),
        })
    }

    fn cells(
        &self,
        row: &SheetRow,
        id: &str,
        parts: IdParts<'_>,
        plate: &str,
        concentration: &str,
    ) -> Vec<String> {
        let cell = |position: Option<usize>| {
            position
                .and_then(|position| row.cells.get(position))
                .cloned()
                .unwrap_or_default()
        };
        let cv_percent = cell(self.cv_percent);
        // Programs print 0 for a single well, of which no variation is known.
        let is_pair = !matches!(cv_percent.trim_matches(['0', '.', ',']), "" | "-");
        vec![
            id.to_owned(),
            parts.participant.to_owned(),
            parts.day.to_owned(),
            parts.label.to_owned(),
            plate.to_owned(),
            self.well(row),
            (if is_pair { DUPLICATES } else { "" }).to_owned(),
            if is_pair { cv_percent } else { String::new() },
            concentration.to_owned(),
        ]
    }

    /// The well of a row, whichever way round its parts stand.
    fn well(&self, row: &SheetRow) -> String {
        let parts: Vec<&str> = self
            .well
            .iter()
            .filter_map(|position| row.cells.get(*position))
            .map(String::as_str)
            .collect();
        [parts.concat(), parts.iter().rev().copied().collect()]
            .iter()
            .find_map(|text| text.parse::<Well>().ok())
            .map(|well| well.to_string())
            .unwrap_or_default()
    }
}

fn reading(columns: &Columns, options: &ImportOptions) -> String {
    let rule = if options.sample_id.is_some() {
        "by --sample-id"
    } else {
        "as participant and sample, or participant, day and sample"
    };
    let of_pairs = if columns.cv_percent.is_some() {
        "; variations taken for those of duplicates"
    } else {
        ""
    };
    format!(
        "a laboratory's report of plates, a row a tube: concentrations from `{}`, ids taken apart {rule}{of_pairs}",
        columns.header
    )
}
