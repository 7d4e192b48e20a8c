//! The queue.

use clap::Args;
use diel_client::v1;

use super::{COLUMNS, ServerOptions, StateChoice, write};
use crate::output::{FLAG_NOTE, OutputOptions};
use crate::service::answer::Answer;
use crate::service::name;

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// The study, such as pilot.
    #[arg(long, value_name = "STUDY", required = true)]
    study: Option<String>,

    #[command(flatten)]
    filter: FilterOptions,

    /// Stop after this many flags.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

/// Which flags are asked about.
#[derive(Debug, Args)]
pub(super) struct FilterOptions {
    /// Only flags in this state. May be repeated: any of them.
    #[arg(long = "state", value_enum, value_name = "STATE")]
    states: Vec<StateChoice>,

    /// Only this participant's.
    #[arg(long, value_name = "CODE")]
    participant: Option<String>,

    /// Only participants of this group. May be repeated: any of them.
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,

    /// Only flags raised with at least this probability.
    #[arg(long, value_name = "P")]
    min_probability: Option<f64>,

    /// Only flags that this reviewer holds.
    #[arg(long, value_name = "REVIEWER")]
    claimed_by: Option<String>,

    /// Only flags that nobody holds.
    #[arg(long)]
    unclaimed: bool,
}

impl FilterOptions {
    pub(super) fn message(&self) -> v1::FlagFilter {
        v1::FlagFilter {
            states: self
                .states
                .iter()
                .map(|state| state.message().into())
                .collect(),
            participant: self.participant.clone().unwrap_or_default(),
            groups: self.groups.clone(),
            min_probability: self.min_probability,
            claimed_by: self.claimed_by.clone().unwrap_or_default(),
            unclaimed: self.unclaimed,
        }
    }
}

pub(super) async fn list(arguments: &ListArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let parent = name::study(arguments.study.as_deref().unwrap_or_default());
    let mut flags = client.list(v1::ListFlagsRequest {
        parent,
        filter: Some(arguments.filter.message()),
        ..Default::default()
    });
    let mut answer = Answer::begin(COLUMNS, arguments.output.format)?;
    let mut left = arguments.limit.unwrap_or(usize::MAX);
    while left > 0
        && let Some(flag) = flags.next().await
    {
        let flag = flag?;
        answer.row(|records| write(records, &flag))?;
        left -= 1;
    }
    answer.end([FLAG_NOTE.to_owned()])
}
