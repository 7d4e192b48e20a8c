//! `diel design`: how many days make a metric reliable, and how many persons show a difference.

mod modelled;
mod observed;
mod population;
mod power;
mod reliability;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct DesignArguments {
    #[command(subcommand)]
    command: DesignCommand,
}

#[derive(Debug, Subcommand)]
enum DesignCommand {
    /// Say how reliable each metric is after so many days: by a population model, or by the days of a file or a study.
    Reliability(Box<reliability::ReliabilityArguments>),
    /// Say how often a study of two groups would find a difference of slopes, or how many persons it takes.
    Power(Box<power::PowerArguments>),
}

pub(crate) fn run(arguments: &DesignArguments) -> anyhow::Result<()> {
    match &arguments.command {
        DesignCommand::Reliability(arguments) => reliability::run(arguments),
        DesignCommand::Power(arguments) => power::run(arguments),
    }
}
