//! `diel study`: create, list and show studies.

mod create;
mod list;

use clap::{Args, Subcommand};

use super::connect::ServerOptions;
use crate::service;

#[derive(Debug, Args)]
pub(crate) struct StudyArguments {
    #[command(subcommand)]
    command: StudyCommand,
}

#[derive(Debug, Subcommand)]
enum StudyCommand {
    /// Create a study, with the policy that flags are raised by.
    Create(Box<create::CreateArguments>),
    /// List the studies.
    List(list::ListArguments),
    /// Show a study and its policy.
    Show(list::ShowArguments),
}

pub(crate) fn run(arguments: &StudyArguments) -> anyhow::Result<()> {
    match &arguments.command {
        StudyCommand::Create(arguments) => service::run_client(create::create(arguments)),
        StudyCommand::List(arguments) => service::run_client(list::list(arguments)),
        StudyCommand::Show(arguments) => service::run_client(list::show(arguments)),
    }
}
