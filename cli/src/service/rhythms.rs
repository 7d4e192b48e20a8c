//! `diel rhythms`: what is known about each participant over all valid days.

use clap::{Args, ValueEnum};
use diel_client::{Rows, v1};

pub(super) use diel_server::table::rhythms::{COLUMNS, write};

use super::answer::Answer;
use super::connect::ServerOptions;
use super::flags::StateChoice;
use super::name::StudyOption;
use crate::output::{FLAG_NOTE, OutputOptions};
use crate::service;

const EXAMPLES: &str = "\
Slopes are ln(nmol/L) per hour; P(flat) is the probability that the true slope is flatter than the threshold.

Examples:
  diel rhythms --study pilot
  diel rhythms --study pilot --verdict FLAT_FOR_REVIEW --verdict INDETERMINATE
  diel rhythms --study pilot --group control --format csv > rhythms.csv";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RhythmsArguments {
    #[command(flatten)]
    study: StudyOption,

    #[command(flatten)]
    filter: RhythmFilterOptions,

    /// Stop after this many rhythms.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

/// Conditions on rhythms.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which rhythms")]
struct RhythmFilterOptions {
    /// Only this participant's.
    #[arg(
        long,
        value_name = "CODE",
        conflicts_with_all = ["groups", "min_age", "max_age", "verdicts", "flag_states", "min_slope", "max_slope"]
    )]
    participant: Option<String>,

    /// Only participants of this group. May be repeated: any of them.
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,

    /// Only participants of at least this age.
    #[arg(long, value_name = "YEARS")]
    min_age: Option<f64>,

    /// Only participants of at most this age.
    #[arg(long, value_name = "YEARS")]
    max_age: Option<f64>,

    /// Only this verdict. May be repeated: any of them.
    #[arg(
        long = "verdict",
        value_enum,
        value_name = "VERDICT",
        ignore_case = true
    )]
    verdicts: Vec<VerdictChoice>,

    /// Only rhythms whose flag is in this state. May be repeated: any of them.
    #[arg(long = "flag-state", value_enum, value_name = "STATE")]
    flag_states: Vec<StateChoice>,

    /// Only posterior slopes of at least this, in ln(nmol/L) per hour.
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    min_slope: Option<f64>,

    /// Only posterior slopes of at most this.
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    max_slope: Option<f64>,
}

/// A verdict, by its code.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum VerdictChoice {
    /// Probably not flatter than the threshold.
    #[value(name = "NOT_FLAT", alias = "not-flat")]
    NotFlat,
    /// The data do not decide.
    #[value(name = "INDETERMINATE")]
    Indeterminate,
    /// Probably flatter than the threshold: a reason to look again.
    #[value(name = "FLAT_FOR_REVIEW", alias = "flat-for-review")]
    FlatForReview,
    /// Too little, or unfit, to be judged.
    #[value(name = "INSUFFICIENT_DATA", alias = "insufficient-data")]
    InsufficientData,
}

impl VerdictChoice {
    const fn message(self) -> v1::Verdict {
        match self {
            Self::NotFlat => v1::Verdict::NotFlat,
            Self::Indeterminate => v1::Verdict::Indeterminate,
            Self::FlatForReview => v1::Verdict::FlatForReview,
            Self::InsufficientData => v1::Verdict::InsufficientData,
        }
    }
}

impl RhythmFilterOptions {
    fn filter(&self) -> v1::RhythmFilter {
        v1::RhythmFilter {
            groups: self.groups.clone(),
            min_age_years: self.min_age,
            max_age_years: self.max_age,
            verdicts: self
                .verdicts
                .iter()
                .map(|verdict| verdict.message().into())
                .collect(),
            flag_states: self
                .flag_states
                .iter()
                .map(|state| state.message().into())
                .collect(),
            min_slope_ln_per_h: self.min_slope,
            max_slope_ln_per_h: self.max_slope,
        }
    }
}

pub(crate) fn run(arguments: &RhythmsArguments) -> anyhow::Result<()> {
    service::run_client(rhythms(arguments))
}

async fn rhythms(arguments: &RhythmsArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let (parent, filter) = (arguments.study.name(), Some(arguments.filter.filter()));
    let mut answer = Answer::begin(COLUMNS, arguments.output.format)?;
    if let Some(code) = &arguments.filter.participant {
        let rhythm = client
            .get_rhythm(format!("{parent}/participants/{code}/rhythm"))
            .await?;
        answer.row(|records| write(records, &rhythm))?;
        return answer.end([FLAG_NOTE.to_owned()]);
    }
    let mut rhythms: Rows<v1::Rhythm> = match arguments.limit {
        Some(_) => client.list(v1::ListRhythmsRequest {
            parent,
            filter,
            ..Default::default()
        }),
        None => client.stream(v1::StreamRhythmsRequest {
            parent,
            filter,
            ..Default::default()
        }),
    };
    let mut left = arguments.limit.unwrap_or(usize::MAX);
    while left > 0
        && let Some(rhythm) = rhythms.next().await
    {
        let rhythm = rhythm?;
        answer.row(|records| write(records, &rhythm))?;
        left -= 1;
    }
    answer.end([FLAG_NOTE.to_owned()])
}
