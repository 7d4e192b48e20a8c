//! `diel participant`: what is done to a person as a whole.

mod due;
mod erase;

use clap::{Args, Subcommand};

use super::connect::ServerOptions;
use super::name::StudyOption;
use crate::service;

const EXAMPLES: &str = "\
Nothing is ever erased by itself. `due` lists whose time is up, and `erase` takes one person after the other.

Examples:
  diel participant due --study pilot --kept-for-days 3650
  diel participant due --study pilot --kept-for-days 3650 --format csv > due.csv
  diel participant erase P-017 --study pilot --reason \"withdrew consent\" --confirm";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ParticipantArguments {
    #[command(subcommand)]
    command: ParticipantCommand,
}

#[derive(Debug, Subcommand)]
enum ParticipantCommand {
    /// List those whose last sample lies longer ago than the study may keep it; nothing is erased.
    Due(due::DueArguments),
    /// Erase a participant with all samples, numbers, flags and reviews; says what it would take until it is confirmed.
    Erase(erase::EraseArguments),
}

pub(crate) fn run(arguments: &ParticipantArguments) -> anyhow::Result<()> {
    match &arguments.command {
        ParticipantCommand::Due(arguments) => service::run_client(due::due(arguments)),
        ParticipantCommand::Erase(arguments) => service::run_client(erase::erase(arguments)),
    }
}
