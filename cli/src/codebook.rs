//! `diel codebook`: what the columns of profiles, rhythms and flags are, for people and for statistics programs.

mod spss;
mod stata;

use clap::{Args, ValueEnum};
use diel_server::table::codebook::{FLAGS, Kind, PROFILES, RHYTHMS, Variable};

use crate::output::{Cell, Column, Frame, OutputOptions};

const EXAMPLES: &str = "\
The syntax reads what `diel profiles|rhythms|flags --format csv` prints, or a download of the console: every column with its
label and unit, numbers in full precision. Reasons of absent numbers become missing values with labels.

Examples:
  diel codebook rhythms
  diel codebook profiles --format csv > codebook.csv
  diel profiles --study pilot --format csv > profiles.csv
  diel codebook profiles --syntax spss --data profiles.csv > profiles.sps
  diel codebook profiles --syntax stata --data profiles.csv > profiles.do";

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
    syntax: Option<Program>,

    /// The file that the syntax reads; else the table's name with .csv.
    #[arg(long, value_name = "FILE.csv", requires = "syntax")]
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
        }
    }

    const fn file(self) -> &'static str {
        match self {
            Self::Profiles => "profiles.csv",
            Self::Rhythms => "rhythms.csv",
            Self::Flags => "flags.csv",
        }
    }
}

pub(crate) fn run(arguments: &CodebookArguments) -> anyhow::Result<()> {
    let variables = arguments.table.variables();
    let data = arguments.data.as_deref().unwrap_or(arguments.table.file());
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

fn print(text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Text(_) => "text",
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
