//! Results that say which tube and not when: `participant,sample,cortisol`, as CARWatch and many laboratories exchange them.
//!
//! Where no `sample` stands twice in the file, it is the id on the tube, and collection facts join it by that. Labels such
//! as `S1`, which every participant has, name no tube: such a table needs times.

use std::collections::HashSet;

use super::{Unfolded, UnfoldedRow};
use crate::column::Name;
use crate::options::ImportOptions;
use crate::records::Place;
use crate::sheet::Sheet;

/// Reads a sheet as results of tubes, if no column of it says when samples were taken.
pub(super) fn recognise(sheet: &Sheet, options: &ImportOptions) -> Option<Unfolded> {
    let (header, rows) = sheet.rows.split_first()?;
    let at = |name: Name| {
        header
            .cells
            .iter()
            .position(|text| name.is_named(text))
            .filter(|_| !options.chooses(name))
    };
    let says_when = [
        Name::CollectedAt,
        Name::MinutesSinceAwakening,
        Name::HoursSinceAwakening,
        Name::Specimen,
    ]
    .into_iter()
    .any(|name| at(name).is_some() || options.chooses(name));
    let (sample, _) = (at(Name::Label)?, at(Name::Concentration)?);
    if says_when || !options.may_wait || !options.sample_minutes.is_empty() {
        return None;
    }
    let mut seen = HashSet::new();
    let cell = |row: &'_ crate::sheet::SheetRow| row.cells.get(sample).cloned();
    let is_tube = rows
        .iter()
        .filter_map(cell)
        .filter(|text| !text.is_empty())
        .all(|text| seen.insert(text));
    if !is_tube {
        return None;
    }
    let mut names = header.cells.clone();
    if let Some(name) = names.get_mut(sample) {
        "specimen".clone_into(name);
    }
    Some(Unfolded {
        reading: format!(
            "results of tubes, without times: the ids on the tubes from `{}`; they wait for their collection facts",
            header.cells.get(sample).map_or("", String::as_str)
        ),
        header: names,
        rows: rows
            .iter()
            .map(|row| {
                let mut cells = row.cells.clone();
                cells.resize(cells.len().max(header.cells.len()), String::new());
                UnfoldedRow {
                    place: Place::line(row.line),
                    cells,
                }
            })
            .collect(),
    })
}
