//! `diel batches`: what laboratories sent, and recalls of it.

mod list;
mod recall;

use clap::{Args, Subcommand};

use super::connect::ServerOptions;
use crate::service;

const EXAMPLES: &str = "\
A recalled batch stays readable: each of its results gets a further revision that says \"rejected by the laboratory\", and days,
rhythms and flags follow at once. `--dry-run` says what would follow and changes nothing.

Examples:
  diel batches list --study pilot
  diel batches show studies/pilot/batches/ID
  diel batches recall studies/pilot/batches/ID --reason \"standards were swapped\" --dry-run
  diel batches recall studies/pilot/batches/ID --reason \"standards were swapped\"
  diel batches restore studies/pilot/batches/ID --reason \"it was the other plate\"";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct BatchesArguments {
    #[command(subcommand)]
    command: BatchesCommand,
}

#[derive(Debug, Subcommand)]
enum BatchesCommand {
    /// List a study's batches, oldest first.
    List(list::ListArguments),
    /// Show a batch.
    Show(list::ShowArguments),
    /// Recall a batch in whose results nobody trusts.
    Recall(recall::RecallArguments),
    /// Take the recall of a batch back.
    Restore(recall::RecallArguments),
}

pub(crate) fn run(arguments: &BatchesArguments) -> anyhow::Result<()> {
    match &arguments.command {
        BatchesCommand::List(arguments) => service::run_client(list::list(arguments)),
        BatchesCommand::Show(arguments) => service::run_client(list::show(arguments)),
        BatchesCommand::Recall(arguments) => service::run_client(recall::recall(arguments)),
        BatchesCommand::Restore(arguments) => service::run_client(recall::restore(arguments)),
    }
}
