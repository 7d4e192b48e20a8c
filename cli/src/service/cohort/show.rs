//! One fit: shown, or stopped.

use clap::Args;

use super::{FitName, ServerOptions, answer};
use crate::service::answer::say;

#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    #[command(flatten)]
    fit: FitName,

    #[command(flatten)]
    output: answer::FitOutput,

    #[command(flatten)]
    server: ServerOptions,
}

#[derive(Debug, Args)]
pub(crate) struct CancelArguments {
    #[command(flatten)]
    fit: FitName,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn show(arguments: &ShowArguments) -> anyhow::Result<()> {
    let name = arguments.fit.name()?;
    let client = arguments.server.connect().await?;
    arguments.output.print(&client.get_fit(name).await?)
}

pub(super) async fn cancel(arguments: &CancelArguments) -> anyhow::Result<()> {
    let name = arguments.fit.name()?;
    let client = arguments.server.connect().await?;
    let fit = client.cancel_fit(name).await?;
    say(&format!("{}: {}", fit.name, answer::ending(&fit)))
}
