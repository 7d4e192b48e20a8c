//! What a plate reader's export says of a plate: what was read in each well, what stands there, and what the instrument's
//! own software computed of it.

mod file;
mod map;
mod signal;

use diel_core::Unit;
use diel_core::plate::{Well, WellRole};

pub(crate) use self::file::results;
pub use self::file::{read_plates, read_sample_map};
pub use self::map::{SampleMap, SampleMapEntry};
pub use self::signal::Signal;

/// Whose export it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Instrument {
    /// Gen5 of BioTek and Agilent.
    Gen5,
    /// SoftMax Pro of Molecular Devices.
    SoftMaxPro,
    /// MARS of BMG Labtech.
    Mars,
    /// Magellan of Tecan.
    Magellan,
    /// A grid of rows A, B, C and columns 1, 2, 3 of no known program.
    Grid,
    /// A list of wells of no known program.
    List,
}

impl Instrument {
    /// The program's name, or what the table looks like.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gen5 => "Gen5",
            Self::SoftMaxPro => "SoftMax Pro",
            Self::Mars => "BMG MARS",
            Self::Magellan => "Tecan Magellan",
            Self::Grid => "a grid of wells",
            Self::List => "a list of wells",
        }
    }
}

/// One plate of an export.
#[derive(Debug, Clone, PartialEq)]
pub struct PlateExport {
    /// Whose export it is.
    pub instrument: Instrument,
    /// The plate's name or number, as given.
    pub plate: Option<String>,
    /// When it was read, as the export writes it: programs write dates in the order of their computer.
    pub read_at: Option<String>,
    /// What was read, in the export's order. A well has one reading of each name.
    pub readings: Vec<WellReading>,
    /// What stands in the wells, where the export or a sample map says so.
    pub layout: Vec<WellContent>,
    /// What the instrument's software computed of the samples.
    pub results: Vec<PlateResult>,
}

/// A reading of one well.
#[derive(Debug, Clone, PartialEq)]
pub struct WellReading {
    /// The well.
    pub well: Well,
    /// What the export calls the reading: `450nm:450`, `Blank 450nm:450`, `Raw Data (450)`.
    pub name: String,
    /// What was read.
    pub signal: Signal,
}

/// What stands in one well.
#[derive(Debug, Clone, PartialEq)]
pub struct WellContent {
    /// The well.
    pub well: Well,
    /// What the export calls it; replicates of one thing share the name: `STD1`, `SPL3:1`.
    pub name: String,
    /// What it is for.
    pub role: WellRole,
}

/// What the instrument's software computed of one sample.
#[derive(Debug, Clone, PartialEq)]
pub struct PlateResult {
    /// The line of the file on which the sample begins, from 1.
    pub line: u64,
    /// What the export calls the sample.
    pub sample: String,
    /// Its wells.
    pub wells: Vec<Well>,
    /// The concentration of the tube, its dilution taken into account, as it was printed: a number, a bound such as
    /// `<0.33`, or a word such as `Range?`.
    pub concentration: String,
    /// The unit, where the export names it.
    pub unit: Option<Unit>,
    /// How many wells the number is the mean of: those with a number of their own.
    pub replicate_count: u32,
    /// The coefficient of variation of those wells in percent; none of a single one.
    pub replicate_cv_percent: Option<f64>,
    /// By how much the sample was diluted.
    pub dilution: f64,
}

impl PlateExport {
    pub(crate) const fn new(instrument: Instrument) -> Self {
        Self {
            instrument,
            plate: None,
            read_at: None,
            readings: Vec::new(),
            layout: Vec::new(),
            results: Vec::new(),
        }
    }

    /// The names of the readings, in the export's order.
    pub fn reading_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for reading in &self.readings {
            if !names.contains(&reading.name.as_str()) {
                names.push(&reading.name);
            }
        }
        names
    }

    /// Lets a sample map say what stands in the wells that it names. What it does not name stays as the export has it.
    pub fn apply(&mut self, map: &SampleMap) {
        for entry in map.of_plate(self.plate.as_deref()) {
            let content = WellContent {
                well: entry.well,
                name: entry.name.clone(),
                role: entry.role.clone(),
            };
            match self.layout.iter_mut().find(|held| held.well == entry.well) {
                Some(held) => *held = content,
                None => self.layout.push(content),
            }
        }
    }
}
