//! `diel study`: create, list, show, change, export and delete studies, and the key of their codes.

mod create;
mod delete;
mod export;
mod key;
mod list;
mod update;

use clap::{Args, Subcommand};

use super::connect::ServerOptions;
use crate::service;

pub(super) use update::retention_days;

#[derive(Debug, Args)]
pub(crate) struct StudyArguments {
    #[command(subcommand)]
    command: StudyCommand,
}

#[derive(Debug, Subcommand)]
enum StudyCommand {
    /// Create a study, with the policy that flags are raised by.
    Create(Box<create::CreateArguments>),
    /// Change a study's name, which codes it refuses, or how long it may keep data.
    Update(update::UpdateArguments),
    /// Write everything of a study into a folder, in open formats.
    Export(export::ExportArguments),
    /// Delete a study with everything but its audit trail; says what it would take until it is confirmed.
    Delete(delete::DeleteArguments),
    /// Make the key that studies keep codes of participants and tubes under.
    Key(key::KeyArguments),
    /// List the studies.
    List(list::ListArguments),
    /// Show a study and its policy.
    Show(list::ShowArguments),
}

pub(crate) fn run(arguments: &StudyArguments) -> anyhow::Result<()> {
    match &arguments.command {
        StudyCommand::Create(arguments) => service::run_client(create::create(arguments)),
        StudyCommand::Update(arguments) => service::run_client(update::update(arguments)),
        StudyCommand::Export(arguments) => service::run_client(export::export(arguments)),
        StudyCommand::Delete(arguments) => service::run_client(delete::delete(arguments)),
        StudyCommand::Key(arguments) => key::key(arguments),
        StudyCommand::List(arguments) => service::run_client(list::list(arguments)),
        StudyCommand::Show(arguments) => service::run_client(list::show(arguments)),
    }
}
