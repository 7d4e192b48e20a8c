//! `diel reference`: the population models that slopes are judged against.

mod create;
mod list;

use clap::{Args, Subcommand};
use diel_client::v1;

use super::connect::ServerOptions;
use super::name::{self, StudyOption};
use crate::service;

#[derive(Debug, Args)]
pub(crate) struct ReferenceArguments {
    #[command(subcommand)]
    command: ReferenceCommand,
}

#[derive(Debug, Subcommand)]
enum ReferenceCommand {
    /// List the built-in references, or those of a study.
    List(list::ListArguments),
    /// Show a reference of a study, a row a stratum.
    Show(list::ShowArguments),
    /// Create a reference from a table by age, sex and, if wanted, hours since awakening.
    Create(create::CreateArguments),
}

pub(crate) fn run(arguments: &ReferenceArguments) -> anyhow::Result<()> {
    match &arguments.command {
        ReferenceCommand::List(arguments) => service::run_client(list::list(arguments)),
        ReferenceCommand::Show(arguments) => service::run_client(list::show(arguments)),
        ReferenceCommand::Create(arguments) => service::run_client(create::create(arguments)),
    }
}

/// What a reference for everybody has in the place of a stratum.
pub(super) fn only_stratum(reference: &v1::Reference) -> v1::ReferenceStratum {
    v1::ReferenceStratum {
        min_age_years: reference.min_age_years,
        max_age_years: reference.max_age_years,
        sex: v1::Sex::Unspecified.into(),
        intercept_ln: reference.intercept_ln,
        slope_ln_per_h: reference.slope_ln_per_h,
        car_ln: reference.car_ln,
        intercept_sd: reference.intercept_sd,
        slope_sd: reference.slope_sd,
        intercept_slope_correlation: reference.intercept_slope_correlation,
        residual_sd: reference.residual_sd,
    }
}
