//! `diel method`: what a study knows of its assays.

mod create;
mod list;

use clap::{Args, Subcommand};

use super::connect::ServerOptions;
use super::name::StudyOption;
use crate::service;

#[derive(Debug, Args)]
pub(crate) struct MethodArguments {
    #[command(subcommand)]
    command: MethodCommand,
}

#[derive(Debug, Subcommand)]
enum MethodCommand {
    /// List the methods of a study, a row a reported bias.
    List(list::ListArguments),
    /// Show a method.
    Show(list::ShowArguments),
    /// Create a method, or the next version of one.
    Create(create::CreateArguments),
}

pub(crate) fn run(arguments: &MethodArguments) -> anyhow::Result<()> {
    match &arguments.command {
        MethodCommand::List(arguments) => service::run_client(list::list(arguments)),
        MethodCommand::Show(arguments) => service::run_client(list::show(arguments)),
        MethodCommand::Create(arguments) => service::run_client(create::create(arguments)),
    }
}
