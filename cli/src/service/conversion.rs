//! `diel conversion`: functions from one assay's concentrations to another's.

mod create;
mod list;
mod results;

use clap::{Args, Subcommand};

use super::connect::ServerOptions;
use super::name::{self, StudyOption};
use crate::service;

#[derive(Debug, Args)]
pub(crate) struct ConversionArguments {
    #[command(subcommand)]
    command: ConversionCommand,
}

#[derive(Debug, Subcommand)]
enum ConversionCommand {
    /// List the conversions of a study.
    List(list::ListArguments),
    /// Show a conversion, a row a point.
    Show(list::ShowArguments),
    /// List results beside what they come to.
    Results(results::ResultsArguments),
    /// Create a conversion, or the next version of one.
    Create(create::CreateArguments),
}

pub(crate) fn run(arguments: &ConversionArguments) -> anyhow::Result<()> {
    match &arguments.command {
        ConversionCommand::List(arguments) => service::run_client(list::list(arguments)),
        ConversionCommand::Show(arguments) => service::run_client(list::show(arguments)),
        ConversionCommand::Results(arguments) => service::run_client(results::results(arguments)),
        ConversionCommand::Create(arguments) => service::run_client(create::create(arguments)),
    }
}

/// `studies/{study}/conversions/{conversion}`, from the id or from the name itself.
fn of_study(study: &str, conversion: &str) -> String {
    if conversion.starts_with("studies/") {
        conversion.to_owned()
    } else {
        format!("{}/conversions/{conversion}", name::study(study))
    }
}
