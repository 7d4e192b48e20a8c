//! `diel cohort`: models of a whole cohort.

mod fit;

use clap::{Args, Subcommand};

use crate::service;

#[derive(Debug, Args)]
pub(crate) struct CohortArguments {
    #[command(subcommand)]
    command: CohortCommand,
}

#[derive(Debug, Subcommand)]
enum CohortCommand {
    /// Fit a mixed model to a file, without a server.
    Fit(Box<fit::FitArguments>),
    #[command(flatten)]
    OfStudy(Box<service::cohort::CohortCommand>),
}

pub(crate) fn run(arguments: &CohortArguments) -> anyhow::Result<()> {
    match &arguments.command {
        CohortCommand::Fit(arguments) => fit::run(arguments),
        CohortCommand::OfStudy(command) => service::cohort::run(command),
    }
}
