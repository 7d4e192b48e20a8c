//! `diel policy`: what a study judges by, what it judged by before, and what another policy would change.

mod columns;
mod message;
mod preview;
mod set;
mod show;

use clap::{Args, Subcommand};

pub(super) use message::{changed, of_terms};

use super::connect::ServerOptions;
use super::name::StudyOption;
use crate::service;

const EXAMPLES: &str = "\
A change is a new version. It is in force for every sample from then on, and a job judges everybody again; flags that are
decided stay so. See what it would do before it is made: `preview` judges everybody and stores nothing.

Examples:
  diel policy show --study pilot
  diel policy list --study pilot --format csv
  diel policy preview --study pilot --probability 0.9 --min-samples 12
  diel policy set --study pilot --probability 0.9 --min-samples 12 --wait
  diel policy set --study pilot --second-review true
  diel policy set --study pilot --defaults --excluding corticosteroids,pregnancy";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PolicyArguments {
    #[command(subcommand)]
    command: PolicyCommand,
}

#[derive(Debug, Subcommand)]
enum PolicyCommand {
    /// Show the terms of the policy in force, or of an earlier version.
    Show(show::ShowArguments),
    /// List the versions of the policy, the newest first.
    List(show::ListArguments),
    /// Say which flags another policy would raise and withdraw; nothing is stored.
    Preview(Box<preview::PreviewArguments>),
    /// Change the policy: what is not said stays as it is.
    Set(Box<set::SetArguments>),
}

pub(crate) fn run(arguments: &PolicyArguments) -> anyhow::Result<()> {
    match &arguments.command {
        PolicyCommand::Show(arguments) => service::run_client(show::show(arguments)),
        PolicyCommand::List(arguments) => service::run_client(show::list(arguments)),
        PolicyCommand::Preview(arguments) => service::run_client(preview::preview(arguments)),
        PolicyCommand::Set(arguments) => service::run_client(set::set(arguments)),
    }
}
