//! `diel cohort`: fits of a study's cohort, in the service.

mod answer;
mod compare;
mod freeze;
mod list;
mod show;
mod start;

use clap::{Args, Subcommand};

use super::connect::ServerOptions;
use super::name::{self, StudyOption};
use crate::service;

#[derive(Debug, Subcommand)]
pub(crate) enum CohortCommand {
    /// Have the service fit a mixed model to a study.
    Start(Box<start::StartArguments>),
    /// List the fits of a study.
    List(list::ListArguments),
    /// Show a fit: how far it is, or what came out.
    Show(show::ShowArguments),
    /// Stop a fit that is queued or running.
    Cancel(show::CancelArguments),
    /// Compare two fits of a study by their likelihoods.
    Compare(compare::CompareArguments),
    /// Freeze a fit as a reference that studies can be judged against.
    Freeze(freeze::FreezeArguments),
}

/// A fit on the command line.
#[derive(Debug, Clone, Args)]
struct FitName {
    /// The fit: its whole name, studies/STUDY/fits/FIT, or its id beside --study.
    fit: String,

    /// The study, when only the id is given.
    #[arg(long, value_name = "STUDY")]
    study: Option<String>,
}

impl FitName {
    fn name(&self) -> anyhow::Result<String> {
        fit_name(&self.fit, self.study.as_deref())
    }
}

/// `studies/{study}/fits/{fit}`, from the whole name or from id and study.
fn fit_name(fit: &str, study: Option<&str>) -> anyhow::Result<String> {
    match study {
        _ if fit.starts_with("studies/") => Ok(fit.to_owned()),
        Some(study) => Ok(format!("{}/fits/{fit}", name::study(study))),
        None => anyhow::bail!("{fit}: name the study with --study, or give the whole name"),
    }
}

pub(crate) fn run(command: &CohortCommand) -> anyhow::Result<()> {
    match command {
        CohortCommand::Start(arguments) => service::run_client(start::start(arguments)),
        CohortCommand::List(arguments) => service::run_client(list::list(arguments)),
        CohortCommand::Show(arguments) => service::run_client(show::show(arguments)),
        CohortCommand::Cancel(arguments) => service::run_client(show::cancel(arguments)),
        CohortCommand::Compare(arguments) => service::run_client(compare::compare(arguments)),
        CohortCommand::Freeze(arguments) => service::run_client(freeze::freeze(arguments)),
    }
}
