//! `diel specimens`: what is known of tubes, corrections of it, and tubes that wait.

mod correct;
mod duplicates;
mod effects;
mod list;
mod orphans;
mod show;

use clap::{Args, Subcommand};
use diel_client::{Client, v1};

use super::connect::ServerOptions;
use super::name::StudyOption;
use crate::service;

const EXAMPLES: &str = "\
A correction changes whom and what time a result counts for. Earlier facts stay readable, the audit trail says who
corrected what and why, and days, rhythms and flags follow at once. With --validate-only it says what would change.

Examples:
  diel specimens list --study pilot --participant P-017
  diel specimens show S-1 --study pilot
  diel specimens swap S-1 S-2 --study pilot --reason \"tubes exchanged at bedside\" --validate-only
  diel specimens reassign S-3 --study pilot --participant P-018 --reason \"label of another person\"
  diel specimens reassign S-4 --study pilot --collected-at 2026-03-01T22:10+01:00 --reason \"diary misread\"
  diel specimens orphans --study pilot --older-than-days 14
  diel specimens duplicates --study pilot";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SpecimensArguments {
    #[command(subcommand)]
    command: SpecimensCommand,
}

#[derive(Debug, Subcommand)]
enum SpecimensCommand {
    /// List specimens with what is known of them.
    List(list::ListArguments),
    /// Show a specimen: its collection facts, its results, and what was corrected.
    Show(show::ShowArguments),
    /// Give each of two tubes the collection facts of the other.
    Swap(correct::SwapArguments),
    /// Give a tube another person, time, label or awakening.
    Reassign(correct::ReassignArguments),
    /// List results without collection facts and tubes without results, with how long they wait.
    Orphans(orphans::OrphansArguments),
    /// List tubes that may be one: of the same instant, or of one label on one day.
    Duplicates(duplicates::DuplicatesArguments),
}

/// A specimen of a study.
#[derive(Debug, Args)]
struct SpecimenOption {
    /// The specimen's id.
    #[arg(value_name = "ID")]
    specimen: String,

    #[command(flatten)]
    study: StudyOption,
}

impl SpecimenOption {
    /// `studies/{study}/specimens/{specimen}`.
    fn name(&self) -> String {
        name_of(&self.study.name(), &self.specimen)
    }
}

fn name_of(study: &str, specimen: &str) -> String {
    format!("{study}/specimens/{specimen}")
}

pub(crate) fn run(arguments: &SpecimensArguments) -> anyhow::Result<()> {
    match &arguments.command {
        SpecimensCommand::List(arguments) => service::run_client(list::list(arguments)),
        SpecimensCommand::Show(arguments) => service::run_client(show::show(arguments)),
        SpecimensCommand::Swap(arguments) => service::run_client(correct::swap(arguments)),
        SpecimensCommand::Reassign(arguments) => service::run_client(correct::reassign(arguments)),
        SpecimensCommand::Orphans(arguments) => service::run_client(orphans::orphans(arguments)),
        SpecimensCommand::Duplicates(arguments) => {
            service::run_client(duplicates::duplicates(arguments))
        }
    }
}

/// A specimen as it stands, to be corrected.
async fn seen(client: &Client, study: &str, specimen: &str) -> anyhow::Result<v1::Specimen> {
    Ok(client.get_specimen(name_of(study, specimen)).await?)
}
