//! SoftMax Pro (Molecular Devices), text: `##BLOCKS=`, then blocks `Plate:` to `~End` with what was read, and `Group:` to
//! `~End` with what stands in the wells and what was computed.

mod group;
mod plate;

use self::group::Group;
use crate::error::ImportCause;
use crate::plate::{Instrument, PlateExport};
use crate::sheet::Sheet;

/// What ends a block.
const END: &str = "~End";

pub(super) fn read(sheet: &Sheet) -> Result<Option<Vec<PlateExport>>, ImportCause> {
    let begins = |prefix: &str| {
        sheet.rows.iter().any(|row| {
            row.cells
                .first()
                .is_some_and(|cell| cell.starts_with(prefix))
        })
    };
    let is_it = begins("##BLOCKS") || (begins("Plate:") && begins(END));
    if !is_it {
        return Ok(None);
    }
    let mut plates = Vec::new();
    let mut groups = Vec::new();
    let mut at = 0;
    while let Some(row) = sheet.rows.get(at) {
        let first = row.cells.first().map_or("", String::as_str);
        let rows = sheet.rows.get(at..).unwrap_or_default();
        let length = rows
            .iter()
            .position(|row| row.cells.first().is_some_and(|cell| cell.starts_with(END)))
            .unwrap_or(rows.len());
        let block = rows.get(..length).unwrap_or_default();
        if first == "Plate:" {
            plates.extend(plate::read(block, sheet)?);
        } else if let Some(name) = first.strip_prefix("Group:") {
            groups.extend(Group::read(name.trim(), block, sheet));
        } else {
            at += 1;
            continue;
        }
        at += length.max(1);
    }
    if plates.is_empty() && groups.is_empty() {
        return Err(ImportCause::NoPlate {
            instrument: Instrument::SoftMaxPro.name(),
        });
    }
    if plates.is_empty() {
        plates.push(PlateExport::new(Instrument::SoftMaxPro));
    }
    // A group belongs to the plates that its columns name; with one plate, to that.
    let is_single = plates.len() == 1;
    for group in groups {
        for plate in &mut plates {
            group.add_to(plate, is_single);
        }
    }
    Ok(Some(plates))
}
