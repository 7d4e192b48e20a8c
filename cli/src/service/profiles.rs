//! `diel profiles`: what was computed for each sampling day.

use clap::Args;
use diel_client::{Rows, v1};
use diel_server::table::profiles as columns;

use super::answer::Answer;
use super::connect::ServerOptions;
use super::name::StudyOption;
use crate::output::OutputOptions;
use crate::service;

const EXAMPLES: &str = "\
Examples:
  diel profiles --study pilot --participant P-017
  diel profiles --study pilot --from 2026-03-01 --to 2026-03-31 --valid-only
  diel profiles --study pilot --format csv > profiles.csv";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ProfilesArguments {
    #[command(flatten)]
    study: StudyOption,

    #[command(flatten)]
    filter: ProfileFilterOptions,

    /// Stop after this many profiles.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

/// Conditions on profiles.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which profiles")]
struct ProfileFilterOptions {
    /// Only this participant's.
    #[arg(long, value_name = "CODE")]
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

    /// Only sampling days from this date on.
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<String>,

    /// Only sampling days up to this date.
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<String>,

    /// Only regression slopes of at least this, in ln(nmol/L) per hour.
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    min_slope: Option<f64>,

    /// Only regression slopes of at most this.
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    max_slope: Option<f64>,

    /// Only days that count toward the rhythm.
    #[arg(long)]
    valid_only: bool,
}

impl ProfileFilterOptions {
    fn filter(&self) -> v1::ProfileFilter {
        v1::ProfileFilter {
            participant: self.participant.clone().unwrap_or_default(),
            groups: self.groups.clone(),
            min_age_years: self.min_age,
            max_age_years: self.max_age,
            first_date: self.from.clone().unwrap_or_default(),
            last_date: self.to.clone().unwrap_or_default(),
            min_slope_ln_per_h: self.min_slope,
            max_slope_ln_per_h: self.max_slope,
            valid_only: self.valid_only,
        }
    }
}

pub(crate) fn run(arguments: &ProfilesArguments) -> anyhow::Result<()> {
    service::run_client(profiles(arguments))
}

async fn profiles(arguments: &ProfilesArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let (parent, filter) = (arguments.study.name(), Some(arguments.filter.filter()));
    // The first few come as a page, all of them as a stream that goes on where it breaks.
    let mut profiles: Rows<v1::Profile> = match arguments.limit {
        Some(_) => client.list(v1::ListProfilesRequest {
            parent,
            filter,
            ..Default::default()
        }),
        None => client.stream(v1::StreamProfilesRequest {
            parent,
            filter,
            ..Default::default()
        }),
    };
    let mut answer = Answer::begin(columns::COLUMNS, arguments.output.format)?;
    let mut left = arguments.limit.unwrap_or(usize::MAX);
    while left > 0
        && let Some(profile) = profiles.next().await
    {
        let profile = profile?;
        answer.row(|records| columns::write(records, &profile))?;
        left -= 1;
    }
    answer.end(None)
}
