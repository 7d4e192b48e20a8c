//! `diel plate`: optical densities into concentrations.

mod choice;
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
use diel_import::{parse_unit, read_well_list};

use crate::output::{self, Destination, OutputOptions};
use choice::CurveOptions;

const EXAMPLES: &str = "\
WELLS is a list of wells as CSV, with a header:

  well,role,sample,nominal,dilution,od
  A1,standard,,0.33,,1.987
  A2,sample,P-017-S1,,1,1.204

Roles are standard, blank, control, sample and empty. What stands in the wells may be in a list of its own, --samples
MAP, with the same columns without od. Further columns, such as participant, collected_at and awakening_at, go along
into --out, which `diel submit` and `diel analyze` read. A number outside the accepted standards is written as a limit,
<0.33 or >82.

Remarks are reasons to look again; nothing is corrected or left out because of them.

Examples:
  diel plate wells.csv --unit nmol/L
  diel plate wells.csv --samples map.csv --unit ug/dL --model 5pl --out results.csv --picture curve.svg
  diel plate wells.csv --unit nmol/L --weight 1/y^2 --blanks aside --format csv";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PlateArguments {
    /// A list of wells with what was read in them.
    wells: PathBuf,

    /// What stands in the wells: a list.
    #[arg(long, value_name = "MAP")]
    samples: Option<PathBuf>,

    /// The unit that the standards were made in: nmol/L, ug/dL, ng/mL or ug/L.
    #[arg(long, value_name = "UNIT", value_parser = parse_unit)]
    unit: Unit,

    /// The plate's name, for the results and the picture.
    #[arg(long, value_name = "NAME")]
    plate: Option<String>,

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
    let read = |path: &Path| read_well_list(path).with_context(|| path.display().to_string());
    let list = read(&arguments.wells)?;
    let map = arguments.samples.as_deref().map(read).transpose()?;
    let wells =
        wells::of(&list, map.as_ref()).with_context(|| arguments.wells.display().to_string())?;
    let calibrated = Calibrated {
        name: arguments.plate.clone(),
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

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    output::tell(&format!("drew the curve to {}", path.display()));
    Ok(())
}
