//! Specimens by id.

use clap::{Args, ValueEnum};
use diel_client::v1;
use diel_server::table::samples::{COLUMNS, write};

use super::{ServerOptions, StudyOption};
use crate::output::OutputOptions;
use crate::service::answer::Answer;

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    #[command(flatten)]
    study: StudyOption,

    /// Only this participant's.
    #[arg(long, value_name = "CODE")]
    participant: Option<String>,

    /// Only specimens in this state.
    #[arg(long, value_enum, value_name = "STATE")]
    state: Option<StateChoice>,

    /// Stop after this many specimens.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    #[command(flatten)]
    output: OutputOptions,

    #[command(flatten)]
    server: ServerOptions,
}

/// What a specimen has or lacks.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum StateChoice {
    /// Collection facts and a result.
    Complete,
    /// A result that waits for its collection facts.
    WaitingForCollection,
    /// Collection facts that wait for a result.
    WaitingForResult,
}

impl StateChoice {
    const fn message(self) -> v1::SpecimenState {
        match self {
            Self::Complete => v1::SpecimenState::Complete,
            Self::WaitingForCollection => v1::SpecimenState::WaitingForCollection,
            Self::WaitingForResult => v1::SpecimenState::WaitingForResult,
        }
    }
}

pub(super) async fn list(arguments: &ListArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let state = arguments
        .state
        .map_or(v1::SpecimenState::Unspecified, StateChoice::message);
    let mut specimens = client.list(v1::ListSpecimensRequest {
        parent: arguments.study.name(),
        filter: Some(v1::SpecimenFilter {
            participant: arguments.participant.clone().unwrap_or_default(),
            state: state.into(),
            created_before_time: None,
        }),
        ..Default::default()
    });
    let mut answer = Answer::begin(COLUMNS, arguments.output.format)?;
    let mut left = arguments.limit.unwrap_or(usize::MAX);
    while left > 0
        && let Some(specimen) = specimens.next().await
    {
        let specimen = specimen?;
        answer.row(|records| write(records, &specimen))?;
        left -= 1;
    }
    answer.end(None)
}
