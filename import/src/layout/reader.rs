//! Exports of plate readers, a room a program.

mod block;
mod gen5;
mod list;
mod magellan;
mod map;
mod mars;
mod replicates;
mod results;
mod roles;
mod softmax;

use crate::error::ImportCause;
use crate::plate::{PlateExport, SampleMap};
use crate::sheet::Sheet;

pub(crate) use self::results::unfold;

/// Reads a sheet as the export of a plate reader; `None` where it is none.
///
/// # Errors
/// It is one, and a well's reading is not understood.
pub(super) fn recognise(sheet: &Sheet) -> Result<Option<Vec<PlateExport>>, ImportCause> {
    let readers = [
        softmax::read,
        gen5::read,
        mars::read,
        magellan::read,
        list::read,
        block::read_alone,
    ];
    for read in readers {
        if let Some(plates) = read(sheet)? {
            return Ok(Some(plates));
        }
    }
    Ok(None)
}

/// Reads a table that says what stands in the wells of a plate.
///
/// # Errors
/// It is no such table, or a row of it is not understood.
pub(crate) fn sample_map(sheet: &Sheet) -> Result<SampleMap, ImportCause> {
    map::read(sheet)
}
