//! `diel token`: make, list and end the tokens that callers send.

mod bootstrap;
mod create;
mod list;
mod revoke;
mod show;

use clap::{Args, Subcommand};

use super::connect::ServerOptions;
use super::role::RoleChoice;
use crate::service;

const EXAMPLES: &str = "\
Examples:
  diel token bootstrap --database sqlite://diel.db --out admin.token    the first one, on the database itself
  diel token create carol --role reviewer --study pilot --out carol.token
  diel token create lab-7 --role submitter --study pilot --days 30 --description \"plate reader\"
  diel token list
  diel token revoke ab12cd34ef";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct TokenArguments {
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token for a principal, with roles if there are any to grant.
    Create(create::CreateArguments),
    /// List tokens without their secrets.
    List(list::ListArguments),
    /// End a token.
    Revoke(revoke::RevokeArguments),
    /// Make the first token, for an admin of all studies, on the database that the service keeps everything in.
    Bootstrap(bootstrap::BootstrapArguments),
}

pub(crate) fn run(arguments: &TokenArguments) -> anyhow::Result<()> {
    match &arguments.command {
        TokenCommand::Create(arguments) => service::run_client(create::create(arguments)),
        TokenCommand::List(arguments) => service::run_client(list::list(arguments)),
        TokenCommand::Revoke(arguments) => service::run_client(revoke::revoke(arguments)),
        TokenCommand::Bootstrap(arguments) => service::run_client(bootstrap::bootstrap(arguments)),
    }
}
