//! `diel cohort fit`: a mixed model on a file, without a server.

mod answer;
mod comparison;
mod curve;
mod derived;
mod input;
mod modes;
mod people;
mod reading;
mod rows;

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use diel_core::formula::{Formula, Prepared};
use diel_core::mixed::{self, Criterion, FitSettings, Residual};

use self::answer::Answer;
use self::input::Input;
use crate::file_options::FileOptions;
use crate::output::{self, Destination};

const EXAMPLES: &str = "\
The formula is in lme4's notation: response ~ fixed effects + (what varies | group). Columns are called as in the file.
Numbers, labels and concentrations (`<0.33`, `> 82`) are told apart by content; rows with an empty cell are left out.
In a file that `analyze` reads, these names are also known: participant, day, hours, cortisol (nmol/L), car (1 in the
awakening response), valid_day, weekend, age_years and the conditions.

Examples:
  diel cohort fit samples.csv --formula 'log(cortisol) ~ hours + car + (hours | participant) + (1 | participant:day)'
  diel cohort fit sleepstudy.csv --formula 'Reaction ~ Days + (Days | Subject)' --ml --format json
  diel cohort fit growth.csv --formula 'distance ~ age * Sex + (age | Subject)' --modes modes.csv
  diel cohort fit growth.csv --formula 'distance ~ age * Sex + (age | Subject)' --against 'distance ~ age + (age | Subject)'
  diel cohort fit growth.csv --formula 'distance ~ age * Sex + (age | Subject)' --curve girls.csv --along age --at Sex=Female";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct FitArguments {
    /// CSV with a header, one row an observation; `-` reads standard input.
    file: PathBuf,

    /// The model, in lme4's notation.
    #[arg(long, value_name = "F", value_parser = reading::FormulaParser)]
    formula: Formula,

    /// Another model of the same rows, within this one or around it: their likelihood-ratio test, both by ML.
    #[arg(long, value_name = "F", value_parser = reading::FormulaParser)]
    against: Option<Formula>,

    /// Maximise the likelihood and not the restricted likelihood. So is done anyway where the response has limits, or the
    /// residual heavy tails.
    #[arg(long)]
    ml: bool,

    /// A column of prior weights: the residual variance of a row is sigma^2 / weight.
    #[arg(long, value_name = "COLUMN")]
    weights: Option<String>,

    /// How the residual is distributed.
    #[arg(long, value_enum, default_value_t, value_name = "DISTRIBUTION")]
    residual: ResidualKind,

    /// Degrees of freedom of a student-t residual, more than 2.
    #[arg(long, value_name = "DF", default_value_t = 4.0)]
    df: f64,

    /// Write the conditional modes of the random effects here, as CSV.
    #[arg(long, value_name = "OUT")]
    modes: Option<Destination>,

    /// Write fitted value, residual and weight of each row here, as CSV.
    #[arg(long, value_name = "OUT")]
    rows: Option<Destination>,

    /// Write the predicted curve with its bands here, as CSV, on the scale of the response.
    #[arg(long, value_name = "OUT", requires = "along")]
    curve: Option<Destination>,

    /// The column that the curve runs along, from its least to its greatest value.
    #[arg(long, value_name = "COLUMN", requires = "curve")]
    along: Option<String>,

    /// What another column is held at on the curve; else its mean, or its first label. May be repeated.
    #[arg(long, value_name = "COLUMN=VALUE", requires = "curve", value_parser = reading::held)]
    at: Vec<(String, String)>,

    /// Points of the curve.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    points: u32,

    /// Intervals by profile likelihood too, of standard deviations and fixed effects (by ML; normal residuals only).
    #[arg(long)]
    profile: bool,

    /// How to print the answer: a table at a terminal, else JSON.
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<FitFormat>,

    /// Where columns are derived: go on with the good rows when some are refused.
    #[arg(long)]
    partial: bool,

    /// Where columns are derived: the awakening response lasts this many minutes.
    #[arg(long, value_name = "MINUTES", default_value_t = 60.0)]
    car_window_min: f64,

    #[command(flatten)]
    import: FileOptions,
}

/// How an answer that is no table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FitFormat {
    /// Tables for people.
    Table,
    /// One JSON object.
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum ResidualKind {
    /// Normal.
    #[default]
    Normal,
    /// Student's t: outlying samples weigh less.
    StudentT,
}

pub(crate) fn run(arguments: &FitArguments) -> anyhow::Result<()> {
    arguments.check_destination();
    let input = Input::read(arguments)?;
    for note in input.notes() {
        output::tell(&format!("note: {note}"));
    }
    let prepared = arguments.design(&arguments.formula, &input)?;
    let began = Instant::now();
    let fit = mixed::fit(&prepared.design, &arguments.settings())?;
    let seconds = began.elapsed().as_secs_f64();
    if let Some(destination) = &arguments.modes {
        modes::write(destination, &prepared.design, &fit)?;
    }
    if let Some(destination) = &arguments.rows {
        rows::write(destination, &prepared, &fit)?;
    }
    if let (Some(destination), Some(along)) = (&arguments.curve, &arguments.along) {
        curve::write(destination, along, arguments, &input, &prepared, &fit)?;
    }
    let compared = arguments
        .against
        .as_ref()
        .map(|other| comparison::compare(other, arguments, &input, &prepared))
        .transpose()?;
    let profile = arguments
        .profile
        .then(|| mixed::profile_intervals(&prepared.design, &fit))
        .transpose()?;
    let mut answer = Answer::new(arguments, &input, &prepared, &fit, seconds);
    answer.profile = profile.map(answer::profile);
    answer.against = compared;
    let text = match arguments.format() {
        FitFormat::Json => serde_json::to_string_pretty(&answer)? + "\n",
        FitFormat::Table => people::render(&answer),
    };
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

impl FitArguments {
    fn design(&self, formula: &Formula, input: &Input) -> anyhow::Result<Prepared> {
        match &self.weights {
            Some(column) => formula.weighted_design(input.frame(), column),
            None => formula.design(input.frame()),
        }
        .with_context(|| format!("{} does not fit the formula", self.file.display()))
    }

    fn settings(&self) -> FitSettings {
        FitSettings {
            criterion: if self.ml {
                Criterion::Ml
            } else {
                Criterion::Reml
            },
            residual: match self.residual {
                ResidualKind::Normal => Residual::Normal,
                ResidualKind::StudentT => Residual::StudentT { df: self.df },
            },
            ..FitSettings::default()
        }
    }

    fn format(&self) -> FitFormat {
        self.format.unwrap_or_else(|| {
            if std::io::stdout().is_terminal() {
                FitFormat::Table
            } else {
                FitFormat::Json
            }
        })
    }

    /// What is written beside the answer must not overwrite the samples, nor run into the answer.
    fn check_destination(&self) {
        let destinations = [
            ("--modes", &self.modes),
            ("--rows", &self.rows),
            ("--curve", &self.curve),
        ];
        let problem = destinations.into_iter().find_map(|(name, to)| match to {
            Some(Destination::StandardOutput) => Some(format!(
                "the answer goes to standard output; give {name} a file"
            )),
            Some(destination) if destination.is(&self.file) => Some(format!(
                "{name} would overwrite the samples; give another destination"
            )),
            _ => None,
        });
        let Some(problem) = problem else {
            return;
        };
        clap::Error::raw(
            clap::error::ErrorKind::ArgumentConflict,
            format!("{problem}\n"),
        )
        .exit();
    }
}
