//! `diel plate`: optical densities into concentrations.

mod choice;
mod export;
mod picture;
mod report;
mod results;
mod wells;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use diel_core::Unit;
use diel_core::calibration::{CalibratedPlate, PlateWell, calibrate};
use diel_import::{WellList, WellListError, parse_unit, read_well_list};

use crate::output::{self, Destination, OutputOptions};
use choice::CurveOptions;

const EXAMPLES: &str = "\
WELLS is the export of a plate reader (Gen5, SoftMax Pro, BMG MARS, Tecan Magellan), a grid of wells, or a list of wells as CSV,
with a header:

  well,role,sample,nominal,dilution,od
  A1,standard,,0.33,,1.987
  A2,sample,P-017-S1,,1,1.204

Roles are standard, blank, control, sample and empty. What stands in the wells may be in a list of its own, --samples
MAP, with the same columns without od; for an export it comes before the export's own layout. Further columns, such as participant, collected_at and awakening_at, go along
into --out, which `diel submit` and `diel analyze` read. A number outside the accepted standards is written as a limit,
<0.33 or >82.

Remarks are reasons to look again; nothing is corrected or left out because of them.

Examples:
  diel plate wells.csv --unit nmol/L
  diel plate gen5.txt --samples map.csv --unit nmol/L --out results.csv
  diel plate wells.csv --samples map.csv --unit ug/dL --model 5pl --out results.csv --picture curve.svg
  diel plate wells.csv --unit nmol/L --weight 1/y^2 --blanks aside --format csv";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PlateArguments {
    /// The export of a plate reader, or a list of wells with what was read in them.
    wells: PathBuf,

    /// What stands in the wells: a list.
    #[arg(long, value_name = "MAP")]
    samples: Option<PathBuf>,

    /// The unit that the standards were made in: nmol/L, ug/dL, ng/mL or ug/L.
    #[arg(long, value_name = "UNIT", value_parser = parse_unit)]
    unit: Unit,

    /// The plate's name, for the results and the picture; of an export with several plates, the one to take.
    #[arg(long, value_name = "NAME")]
    plate: Option<String>,

    /// Of an export with several readings of each well, the one to take, as the export calls it.
    #[arg(long, value_name = "NAME")]
    reading: Option<String>,

    #[command(flatten)]
    curve: CurveOptions,

    /// Write the results as a file that `diel submit` and `diel analyze` read; `-` writes to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<Destination>,

    /// Draw the curve of one plate: FILE.svg or FILE.png.
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,

    /// `csv`, `json` and `jsonl` print the results alone.
    #[command(flatten)]
    output: OutputOptions,
}

/// A plate, calibrated.
struct Calibrated {
    name: Option<String>,
    /// Its wells, for the picture.
    wells: Vec<PlateWell>,
    plate: CalibratedPlate,
}

pub(crate) fn run(arguments: &PlateArguments) -> anyhow::Result<()> {
    let Wells { plate, list, map } = read(arguments)?;
    let wells =
        wells::of(&list, map.as_ref()).with_context(|| arguments.wells.display().to_string())?;
    let calibrated = Calibrated {
        name: arguments.plate.clone().or(plate),
        plate: calibrate(&wells, &arguments.curve.calibration()?)
            .with_context(|| arguments.wells.display().to_string())?,
        wells,
    };
    if let Some(path) = &arguments.picture {
        picture::write(path, &calibrated, arguments.unit)?;
    }
    if let Some(destination) = &arguments.out {
        let text = results::csv(&calibrated, map.as_ref().unwrap_or(&list), arguments.unit)?;
        let mut out = destination.open()?;
        out.write_all(&text)?;
        out.flush()?;
    }
    // Results that went to standard output are not followed by a second table.
    if arguments.out == Some(Destination::StandardOutput) {
        return Ok(());
    }
    report::print(&calibrated, arguments.unit, arguments.output.format)
}

/// What was read, and what stands in the wells.
struct Wells {
    /// The plate's name in the export.
    plate: Option<String>,
    list: WellList,
    map: Option<WellList>,
}

fn read(arguments: &PlateArguments) -> anyhow::Result<Wells> {
    let place = |path: &Path| path.display().to_string();
    match read_well_list(&arguments.wells) {
        // No list of wells: a workbook, or a text without such a header.
        Err(WellListError::WellMissing { .. } | WellListError::Csv(_)) => export::read(arguments),
        list => {
            let map = arguments.samples.as_deref();
            let map = map.map(|path| read_well_list(path).with_context(|| place(path)));
            Ok(Wells {
                plate: None,
                list: list.with_context(|| place(&arguments.wells))?,
                map: map.transpose()?,
            })
        }
    }
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    output::tell(&format!("drew the curve to {}", path.display()));
    Ok(())
}
