//! A sample map: what stands in each well of a plate. Either a list, `well,sample[,role,nominal,dilution,plate,...]`, or a
//! grid of ids. Further columns, such as `participant` or `collected_at`, go along with the sample.

use std::collections::HashSet;

use diel_core::plate::{Well, WellRole};

use crate::error::ImportCause;
use crate::layout::reader;
use crate::sheet::Sheet;

/// What stands in the wells of one or several plates.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleMap {
    /// The headers of the further columns.
    pub fact_names: Vec<String>,
    /// A well each.
    pub entries: Vec<SampleMapEntry>,
}

/// What stands in a well.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleMapEntry {
    /// The plate, where the map names plates.
    pub plate: Option<String>,
    /// The well.
    pub well: Well,
    /// The id on the tube, or the name of a standard or control.
    pub name: String,
    /// What the well is for.
    pub role: WellRole,
    /// The cells of the further columns, as many as there are.
    pub facts: Vec<String>,
}

impl SampleMap {
    /// The wells of a plate: those of its name, and those that name none.
    pub fn of_plate(&self, plate: Option<&str>) -> impl Iterator<Item = &SampleMapEntry> {
        self.entries
            .iter()
            .filter(move |entry| entry.plate.is_none() || entry.plate.as_deref() == plate)
    }

    /// The entry of a well of a plate.
    pub fn of_well(&self, plate: Option<&str>, well: Well) -> Option<&SampleMapEntry> {
        self.of_plate(plate).find(|entry| entry.well == well)
    }

    /// Takes a table for a map.
    ///
    /// # Errors
    /// It is none, a well's role is not understood, or a well stands twice in it.
    pub(crate) fn of_sheet(sheet: &Sheet) -> Result<Self, ImportCause> {
        let map = reader::sample_map(sheet)?;
        let mut seen = HashSet::new();
        for entry in &map.entries {
            if !seen.insert((&entry.plate, entry.well)) {
                return Err(ImportCause::WellTwice { well: entry.well });
            }
        }
        Ok(map)
    }
}
