//! `diel analyze`: a file of samples in, profiles and rhythms out, without a server.
//!
//! Rows are read once, on all cores, into a compact store, sorted by participant if the file is not, and every participant is
//! computed on its own, in parallel and in the order of the file. Answers leave in batches, so that memory grows with
//! the samples and not with the answer.

mod days;
mod interner;
mod people;
mod policy;
mod profiles;
mod reading;
mod reference;
mod rhythms;
mod samples;
mod summary;

use std::path::PathBuf;

use clap::Args;

pub(crate) use self::days::days;
use self::people::Answer;
pub(crate) use self::policy::PolicyOptions;
pub(crate) use self::reading::read;
pub(crate) use self::reference::strata_of_file as reference_of_file;
pub(crate) use self::samples::Samples;
use crate::file_options::FileOptions;
use crate::output::{self, Destination, Format, OutputOptions};
use crate::rejects::RejectsOption;

const EXAMPLES: &str = "\
The file is text or a workbook, with a header and one row a sample: participant, collected_at, concentration, and
unit or --unit. `diel check` shows how it is understood. Aliases such as subject, cortisol_nmol_l, wake_time and
minutes_since_waking are recognised; name others with --column.
Wide tables, laboratories' reports of plates and other layouts are recognised; what was is said.
Concentrations may be `<0.33`, `>82`, `QNS`, `no sample`. A clock time takes the date of its row.

Examples:
  diel analyze samples.csv
  diel analyze samples.csv --profiles days.csv --rhythms people.csv
  diel analyze samples.csv --time-zone Europe/Berlin --unit ug/dL --column participant=code
  diel analyze samples.csv --column minutes_since_awakening=min_since_s0 --car-window-min 1440 --profiles -
  diel analyze wide.csv --unit nmol/L --minutes S1=0 --minutes S2=30
  diel analyze samples.csv --partial --format jsonl
  diel analyze samples.csv --rejects bad.csv     the bad rows with their reasons, to be mended";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct AnalyzeArguments {
    /// A table of samples, text or workbook, one row a sample; `-` reads standard input.
    file: PathBuf,

    /// Write a row for every sampling day here; `-` is standard output. CSV unless --format says JSON.
    #[arg(long, value_name = "OUT")]
    profiles: Option<Destination>,

    /// Write a row for every participant here; `-` is standard output. CSV unless --format says JSON.
    #[arg(long, value_name = "OUT")]
    rhythms: Option<Destination>,

    /// Go on with the good rows when some are refused, and say how many were left out.
    #[arg(long, visible_alias = "skip-refused")]
    partial: bool,

    /// Judge against the reference of this table: strata by age and sex, or levels by hours since awakening.
    #[arg(long, value_name = "TABLE", conflicts_with = "reference")]
    reference_file: Option<PathBuf>,

    /// For levels: the standard deviation of a sample around its person's line, ln units.
    #[arg(long, value_name = "SD", requires = "reference_file")]
    residual_sd: Option<f64>,

    #[command(flatten)]
    import: FileOptions,

    #[command(flatten)]
    rejects: RejectsOption,

    #[command(flatten)]
    policy: PolicyOptions,

    #[command(flatten)]
    output: OutputOptions,
}

pub(crate) fn run(arguments: &AnalyzeArguments) -> anyhow::Result<()> {
    arguments.check_destinations();
    arguments.rejects.check(&arguments.file);
    let policy = match &arguments.reference_file {
        Some(path) => {
            let (name, references) = reference::read(path, arguments.residual_sd)?;
            arguments.policy.against(&name, &references)?
        }
        None => arguments.policy.policy()?,
    };
    let samples = read(
        &arguments.file,
        &arguments.import.import()?,
        arguments.partial,
        arguments.output.format == Format::Table,
        &arguments.rejects,
    )?;
    let answer = Answer {
        samples: &samples,
        policy: &policy,
        profiles: arguments.profiles.as_ref(),
        rhythms: arguments.rhythms.as_ref(),
        format: arguments.output.format,
    };
    let tally = answer.write()?;
    if !answer.is_for_people() {
        output::tell(&tally.to_string());
    }
    Ok(())
}

impl AnalyzeArguments {
    /// Answers must not overwrite each other, nor the samples.
    fn check_destinations(&self) {
        let answers = [&self.profiles, &self.rhythms].into_iter().flatten();
        let problem = if self.profiles.is_some() && self.profiles == self.rhythms {
            "--profiles and --rhythms have the same destination; give each its own"
        } else if answers.into_iter().any(|answer| answer.is(&self.file)) {
            "the answer would overwrite the samples; give another destination"
        } else {
            return;
        };
        clap::Error::raw(
            clap::error::ErrorKind::ArgumentConflict,
            format!("{problem}\n"),
        )
        .exit();
    }
}
