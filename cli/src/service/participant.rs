//! `diel participant`: what is asked about a person as a whole, and done to one.

mod code;
mod due;
mod erase;

use clap::{Args, Subcommand};

use super::connect::ServerOptions;
use super::name::StudyOption;
use crate::service;

const EXAMPLES: &str = "\
Nothing is ever erased by itself. `due` lists whose time is up, and `erase` takes one person after the other.

Examples:
  diel participant due --study pilot                       # by what the study states, see `diel study update --help`
  diel participant due --study pilot --kept-for-days 3650 --format csv > due.csv
  diel participant code P-017 --study clinic
  diel participant erase P-017 --study pilot --reason \"withdrew consent\" --confirm";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ParticipantArguments {
    #[command(subcommand)]
    command: ParticipantCommand,
}

#[derive(Debug, Subcommand)]
enum ParticipantCommand {
    /// Say under which code a study stores a participant or a tube.
    Code(code::CodeArguments),
    /// List those whose last sample lies longer ago than the study may keep it; nothing is erased.
    Due(due::DueArguments),
    /// Erase a participant with all samples, numbers, flags and reviews; says what it would take until it is confirmed.
    Erase(erase::EraseArguments),
}

pub(crate) fn run(arguments: &ParticipantArguments) -> anyhow::Result<()> {
    match &arguments.command {
        ParticipantCommand::Code(arguments) => service::run_client(code::code(arguments)),
        ParticipantCommand::Due(arguments) => service::run_client(due::due(arguments)),
        ParticipantCommand::Erase(arguments) => service::run_client(erase::erase(arguments)),
    }
}
