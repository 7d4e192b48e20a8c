//! `diel flags`: the queue of flags, and what reviewers decide.

mod history;
mod hold;
mod list;
mod review;
mod summary;
mod watch;
mod why;

use clap::{Args, Subcommand, ValueEnum};
use diel_client::v1;

pub(super) use diel_server::table::flags::{COLUMNS, write};
pub(super) use why::why;

use super::connect::ServerOptions;
use crate::service;

const EXAMPLES: &str = "\
A flag is a reason to look again, never a statement about a person. Its evidence says why it was raised.

Examples:
  diel flags --study pilot
  diel flags --study pilot --state open --min-probability 0.9 --format csv
  diel flags summary --study pilot
  diel flags show studies/pilot/flags/ID
  diel flags claim studies/pilot/flags/ID --until 2026-03-01T18:00:00Z
  diel flags resolve studies/pilot/flags/ID --decision dismissed --reason \"worked nights that week\"
  diel flags reopen studies/pilot/flags/ID --reason \"the diary was misread\"
  diel flags watch --study pilot --format jsonl";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct FlagsArguments {
    #[command(subcommand)]
    command: Option<FlagsCommand>,

    #[command(flatten)]
    list: list::ListArguments,
}

#[derive(Debug, Subcommand)]
enum FlagsCommand {
    /// Show a flag: why it was raised, on which numbers, and what happened since.
    Show(review::ShowArguments),
    /// Show what happened to a flag, step by step.
    History(history::HistoryArguments),
    /// Say how many flags are expected to point at slopes that are not flatter than the threshold.
    Summary(summary::SummaryArguments),
    /// Hold a flag while you look at it, so that nobody else decides.
    Claim(hold::ClaimArguments),
    /// Let go of a flag that you hold.
    Release(hold::ReleaseArguments),
    /// Record a decision about a flag; where the policy wants two, the first or the second.
    Resolve(review::ResolveArguments),
    /// Open a decided flag again.
    Reopen(review::ReopenArguments),
    /// Print each new and changed flag as it comes, until Ctrl-C.
    Watch(watch::WatchArguments),
}

/// Where a flag stands.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum StateChoice {
    /// Waits for a reviewer.
    Open,
    /// One reviewer decided and the policy wants a second decision.
    AwaitingSecond,
    /// Two reviewers decided differently.
    Disputed,
    /// It is decided.
    Resolved,
    /// New or amended data took away its ground.
    Withdrawn,
}

impl StateChoice {
    pub(super) const fn message(self) -> v1::FlagState {
        match self {
            Self::Open => v1::FlagState::Open,
            Self::AwaitingSecond => v1::FlagState::AwaitingSecond,
            Self::Disputed => v1::FlagState::Disputed,
            Self::Resolved => v1::FlagState::Resolved,
            Self::Withdrawn => v1::FlagState::Withdrawn,
        }
    }
}

pub(crate) fn run(arguments: &FlagsArguments) -> anyhow::Result<()> {
    match &arguments.command {
        None => service::run_client(list::list(&arguments.list)),
        Some(FlagsCommand::Show(arguments)) => service::run_client(review::show(arguments)),
        Some(FlagsCommand::History(arguments)) => service::run_client(history::history(arguments)),
        Some(FlagsCommand::Summary(arguments)) => service::run_client(summary::summary(arguments)),
        Some(FlagsCommand::Claim(arguments)) => service::run_client(hold::claim(arguments)),
        Some(FlagsCommand::Release(arguments)) => service::run_client(hold::release(arguments)),
        Some(FlagsCommand::Resolve(arguments)) => service::run_client(review::resolve(arguments)),
        Some(FlagsCommand::Reopen(arguments)) => service::run_client(review::reopen(arguments)),
        Some(FlagsCommand::Watch(arguments)) => service::run_client(watch::watch(arguments)),
    }
}
