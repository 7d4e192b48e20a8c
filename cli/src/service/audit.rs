//! `diel audit`: who did what, when and why, and whether anybody changed the record of it.

mod entry;
pub(super) mod export;
mod line;
mod list;
mod verify;

use clap::{Args, Subcommand};

use super::connect::ServerOptions;
use super::name;
use crate::service;

const EXAMPLES: &str = "\
Each study has a chain of entries, each with the hash of the one before it; docs/audit.md has the encoding. Keep the
head that `verify` prints outside the database: a chain that was cut or written anew does not contain it.

Examples:
  diel audit list --study pilot --action resolve_flag
  diel audit verify --study pilot
  diel audit verify --study pilot --head 1204:4f0c...
  diel audit export --study pilot --out trail.jsonl
  diel audit verify trail.jsonl";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct AuditArguments {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// List entries, oldest first.
    List(list::ListArguments),
    /// Write a whole chain to a file, one entry a line and the head last.
    Export(export::ExportArguments),
    /// Walk a chain, of the service or of an exported file, and name the first thing that is wrong with it.
    Verify(verify::VerifyArguments),
}

/// The chain that a command is about.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
struct ChainOption {
    /// The chain of this study, such as pilot.
    #[arg(long, value_name = "STUDY")]
    study: Option<String>,

    /// The chain of what lies outside any study.
    #[arg(long)]
    outside: bool,
}

impl ChainOption {
    /// `studies/{study}`, or nothing.
    fn parent(&self) -> String {
        self.study.as_deref().map(name::study).unwrap_or_default()
    }
}

/// What people call a chain.
fn chain_name(study: &str) -> String {
    if study.is_empty() {
        "the chain outside any study".to_owned()
    } else {
        format!("studies/{study}")
    }
}

pub(crate) fn run(arguments: &AuditArguments) -> anyhow::Result<()> {
    match &arguments.command {
        AuditCommand::List(arguments) => service::run_client(list::list(arguments)),
        AuditCommand::Export(arguments) => service::run_client(export::export(arguments)),
        AuditCommand::Verify(arguments) => verify::verify(arguments),
    }
}
