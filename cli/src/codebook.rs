//! `diel codebook`: what the columns of the tables are, for people and for statistics programs.

mod dta;
mod spss;
mod stata;

use std::fs::File;
use std::io::{self, Read, Write as _};
use std::path::Path;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use diel_server::table::codebook::{FITS, FLAGS, Kind, PROFILES, RHYTHMS, SAMPLES, Variable};

use crate::output::{Cell, Column, Destination, Frame, OutputOptions};

const EXAMPLES: &str = "\
The syntax reads what `diel profiles|rhythms|flags --format csv` and `diel specimens list --format csv` print, or a download of the
console: every column with its
label and unit, numbers in full precision. Reasons of absent numbers become missing values with labels. --dta makes of the CSV what
Stata 14 and later open without a do-file (format 118), and so do pandas and R's haven.

Examples:
  diel codebook rhythms
  diel codebook profiles --format csv > codebook.csv
  diel profiles --study pilot --format csv > profiles.csv
  diel codebook profiles --syntax spss --data profiles.csv > profiles.sps
  diel codebook profiles --syntax stata --data profiles.csv > profiles.do
  diel codebook profiles --data profiles.csv --dta profiles.dta
  diel rhythms --study pilot --format csv | diel codebook rhythms --data - --dta rhythms.dta";

const COLUMNS: &[Column] = &[
    Column::new("column"),
    Column::new("kind"),
    Column::new("unit"),
    Column::new("label"),
];

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CodebookArguments {
    /// The table.
    #[arg(value_enum)]
    table: Table,

    /// Write the syntax that this program reads the table with.
    #[arg(long, value_enum, value_name = "PROGRAM", conflicts_with = "format")]
    #[arg(group = "reading")]
    syntax: Option<Program>,

    /// Write the table as a dataset of Stata; `-` writes standard output.
    #[arg(
        long,
        value_name = "OUT.dta",
        conflicts_with = "format",
        requires = "data"
    )]
    #[arg(group = "reading")]
    dta: Option<Destination>,

    /// The table in CSV, which the syntax or --dta reads; for the syntax, else the table's name with .csv. With --dta `-` reads
    /// standard input.
    #[arg(long, value_name = "FILE.csv", requires = "reading")]
    data: Option<String>,

    #[command(flatten)]
    output: OutputOptions,
}

/// A table for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Table {
    /// A row a sampling day.
    Profiles,
    /// A row a participant.
    Rhythms,
    /// A row a flag.
    Flags,
    /// A row a specimen.
    Samples,
    /// A row a fixed effect of a fit.
    Fits,
}

/// A statistics program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Program {
    /// SPSS, and PSPP, which the tests read it with.
    Spss,
    /// Stata 14 or later.
    Stata,
}

impl Table {
    const fn variables(self) -> &'static [Variable] {
        match self {
            Self::Profiles => PROFILES,
            Self::Rhythms => RHYTHMS,
            Self::Flags => FLAGS,
            Self::Samples => SAMPLES,
            Self::Fits => FITS,
        }
    }

    const fn file(self) -> &'static str {
        match self {
            Self::Profiles => "profiles.csv",
            Self::Rhythms => "rhythms.csv",
            Self::Flags => "flags.csv",
            Self::Samples => "samples.csv",
            Self::Fits => "fits.csv",
        }
    }
}

pub(crate) fn run(arguments: &CodebookArguments) -> anyhow::Result<()> {
    let variables = arguments.table.variables();
    let data = arguments.data.as_deref().unwrap_or(arguments.table.file());
    if let Some(out) = &arguments.dta {
        return write_dta(arguments.table, data, out);
    }
    match arguments.syntax {
        Some(Program::Spss) => print(&spss::syntax(variables, data)),
        Some(Program::Stata) => print(&stata::syntax(variables, data)),
        None => {
            let mut frame = Frame::new(COLUMNS);
            for variable in variables {
                frame.push(vec![
                    Cell::from(variable.name),
                    Cell::from(kind(variable.kind)),
                    Cell::from(variable.unit),
                    Cell::from(variable.label),
                ]);
            }
            frame.print(arguments.output.format)
        }
    }
}

/// Everything is read before anything is written: a refused table leaves no file.
fn write_dta(table: Table, data: &str, out: &Destination) -> anyhow::Result<()> {
    anyhow::ensure!(
        !out.is(Path::new(data)),
        "{data}: the dataset would overwrite the table; give another destination"
    );
    let csv: Box<dyn Read> = match data {
        "-" => Box::new(io::stdin()),
        data => Box::new(File::open(data).with_context(|| format!("cannot read {data}"))?),
    };
    let name = table.file().trim_end_matches(".csv");
    let dataset = dta::dataset(name, table.variables(), csv).with_context(|| data.to_owned())?;
    let mut out = out.open()?;
    out.write_all(&dataset.to_bytes())?;
    out.flush()?;
    Ok(())
}

fn print(text: &str) -> anyhow::Result<()> {
    io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Text(_) | Kind::Truth => "text",
        Kind::Date => "date",
        Kind::Count => "count",
        Kind::Number => "number",
    }
}

/// `Wake sample, nmol/L`.
fn label(variable: &Variable) -> String {
    match (variable.kind, variable.unit) {
        (Kind::Number, unit) if unit != "1" => format!("{}, {unit}", variable.label),
        _ => variable.label.to_owned(),
    }
}

/// The numbers that may be absent for a reason: all of them where the table says reasons, else none.
fn with_reasons(variables: &[Variable]) -> Vec<&'static str> {
    if !variables.iter().any(|variable| variable.name == "absences") {
        return Vec::new();
    }
    let numbers = variables
        .iter()
        .filter(|variable| variable.kind == Kind::Number);
    numbers.map(|variable| variable.name).collect()
}
