//! `diel protocol`: which tubes a day has, and when each is due.

mod sample;
mod set;
mod show;

use clap::{Args, Subcommand};

use super::connect::ServerOptions;
use super::name::StudyOption;
use crate::service;

const EXAMPLES: &str = "\
A protocol changes no slope: hours since awakening are always those of the true times. `diel compliance` holds the
tubes against it.

A sample is LABEL=DUE[,EARLY,LATE]: due so many minutes after awakening (wake+30), by the clock of the place (16:00) or
at bedtime; it may be EARLY minutes too early and LATE minutes too late. Up to an hour after awakening the tolerance is
5 minutes either way when none is given; elsewhere it is needed, and at bedtime there is none.

Examples:
  diel protocol set --study pilot --days 2 --sample S1=wake+0 --sample S2=wake+30 --sample S3=wake+45 \\
      --sample S4=16:00,30,30 --sample S5=bedtime
  diel protocol show --study pilot
  diel protocol list --study pilot --format csv";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ProtocolArguments {
    #[command(subcommand)]
    command: ProtocolCommand,
}

#[derive(Debug, Subcommand)]
enum ProtocolCommand {
    /// Put a protocol in force.
    Set(set::SetArguments),
    /// Show the protocol in force, or an earlier version.
    Show(show::ShowArguments),
    /// List all versions, the newest first.
    List(show::ListArguments),
}

pub(crate) fn run(arguments: &ProtocolArguments) -> anyhow::Result<()> {
    match &arguments.command {
        ProtocolCommand::Set(arguments) => service::run_client(set::set(arguments)),
        ProtocolCommand::Show(arguments) => service::run_client(show::show(arguments)),
        ProtocolCommand::List(arguments) => service::run_client(show::list(arguments)),
    }
}
