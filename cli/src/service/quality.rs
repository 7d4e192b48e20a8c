//! `diel quality`: what quality control says of batches, the controls it rests on, and what reviewers decide.

mod chart;
mod control;
mod decide;
mod list;
mod policy;
mod show;

use clap::{Args, Subcommand};
use diel_client::v1;

use super::connect::ServerOptions;
use super::name::StudyOption;
use crate::service;

const EXAMPLES: &str = "\
A verdict is a remark on a plate. Its results are kept, used and marked: a rhythm or a flag that rests on a failed plate
says so. Send the controls of a plate with `diel submit --controls`.

Examples:
  diel quality list --study pilot
  diel quality show studies/pilot/batches/ID
  diel quality control create pool-low --study pilot --lab \"Lab 7\" --assay ELISA --material \"pool A\" --level low \\
    --mean 5.0 --sd 0.4 --unit nmol/L --source \"own runs of April\"
  diel quality chart studies/pilot/controls/pool-low --out pool-low.svg
  diel quality accept studies/pilot/batches/ID --reason \"the control was spilled; its duplicate reads 5.1\"
  diel quality policy set --study pilot --replicate-cv-percent 10";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct QualityArguments {
    #[command(subcommand)]
    command: QualityCommand,
}

#[derive(Debug, Subcommand)]
enum QualityCommand {
    /// List a study's batches with their verdicts and numbers.
    List(list::ListArguments),
    /// Show a batch: its verdict, why, its controls and the rules they break.
    Show(show::ShowArguments),
    /// Accept a batch whatever the computed verdict says.
    Accept(decide::DecideArguments),
    /// Reject a batch whatever the computed verdict says.
    Reject(decide::DecideArguments),
    /// Take a decision back, so that the computed verdict is in force again.
    Restore(decide::DecideArguments),
    /// List, show, create and change controls and what they should measure.
    Control(control::ControlArguments),
    /// Show and change the policy that batches are assessed by.
    Policy(Box<policy::PolicyArguments>),
    /// Draw the Levey-Jennings chart of a control.
    Chart(chart::ChartArguments),
}

pub(crate) fn run(arguments: &QualityArguments) -> anyhow::Result<()> {
    match &arguments.command {
        QualityCommand::List(arguments) => service::run_client(list::list(arguments)),
        QualityCommand::Show(arguments) => service::run_client(show::show(arguments)),
        QualityCommand::Accept(arguments) => {
            service::run_client(decide::decide(arguments, v1::BatchVerdict::Pass))
        }
        QualityCommand::Reject(arguments) => {
            service::run_client(decide::decide(arguments, v1::BatchVerdict::Fail))
        }
        QualityCommand::Restore(arguments) => {
            service::run_client(decide::decide(arguments, v1::BatchVerdict::NotAssessed))
        }
        QualityCommand::Control(arguments) => control::run(arguments),
        QualityCommand::Policy(arguments) => policy::run(arguments),
        QualityCommand::Chart(arguments) => service::run_client(chart::chart(arguments)),
    }
}

/// A verdict in a word.
fn verdict_word(verdict: v1::BatchVerdict) -> &'static str {
    match verdict {
        v1::BatchVerdict::Unspecified | v1::BatchVerdict::NotAssessed => "NOT_ASSESSED",
        v1::BatchVerdict::Pass => "PASS",
        v1::BatchVerdict::Review => "REVIEW",
        v1::BatchVerdict::Fail => "FAIL",
    }
}
